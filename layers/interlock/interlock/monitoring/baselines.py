"""Where the baseline of a version lies, which a monitor compares with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from interlock.monitoring.kinds.monitor import Source
from interlock.monitoring.kinds.registry import AnyMonitor
from interlock.monitoring.past_runs import FAILED, OPEN, PastRun


@dataclass(frozen=True)
class Baseline:
    """``files``: S3 URIs by the name that the program knows the file under; with ``whole_folder``, what lies beside
    them is brought, too. ``folder``: the S3 URI of a folder that has them under these names. One of ``files`` and
    ``folder`` is empty."""

    files: Mapping[str, str]
    folder: str = ""
    whole_folder: bool = False


def baseline_window(version: str, kind: str) -> str:
    """What the ledger names the run that makes the baseline of ``version`` for monitors of ``kind``."""
    return f"baseline-v{version}-{kind}"


def baseline_folder(bucket: str, group: str, version: str, kind: str) -> str:
    """The S3 URI of the folder in which Interlock keeps a baseline that the package does not bring."""
    return f"s3://{bucket}/baselines/{group}/{version}/{kind}/"


def brought(monitor: AnyMonitor, package: Mapping[str, Any]) -> dict[str, str]:
    """The files that the ``package`` (a DescribeModelPackage answer) brings, by their name for the program.

    DriftCheckBaselines are meant for this; ModelMetrics hold the same files where there are no baselines (docs:
    sagemaker/latest/dg/pipelines-quality-clarify-baseline-lifecycle).
    """
    found: dict[str, str] = {}
    for source in monitor.sources:
        uri = _in_baselines(source, package) or _in_metrics(source, package)
        if uri and source.name not in found and uri not in found.values():
            found[source.name] = uri
    return found


def _in_baselines(source: Source, package: Mapping[str, Any]) -> str:
    return _uri(package.get("DriftCheckBaselines"), source.section, source.field)


def _in_metrics(source: Source, package: Mapping[str, Any]) -> str:
    """Only if the baselines have nothing of the section: files of two origins do not belong together."""
    baselines = package.get("DriftCheckBaselines")
    section = baselines.get(source.section) if isinstance(baselines, dict) else None
    return "" if section else _uri(package.get("ModelMetrics"), source.section, source.report)


def _uri(holder: Any, section: str, field: str) -> str:
    """``holder[section][field].S3Uri``, or an empty string if any of it is missing."""
    for name in (section, field, "S3Uri"):
        holder = holder.get(name) if isinstance(holder, dict) else None
    return holder if isinstance(holder, str) else ""


TRY_AGAIN = timedelta(days=1)
"""After this time a job that makes a baseline is tried again."""


def kept(window: str, runs: Iterable[PastRun], now: datetime) -> tuple[str, int]:
    """The state of the baseline that Interlock keeps itself: ``there``, ``coming``, ``failed`` or ``missing``; and how
    often it was tried to make it."""
    made = [run for run in runs if run.window == window]
    if not made:
        return "missing", 0
    last = made[-1]
    if last.status in FAILED:
        return ("missing" if now - last.created_at >= TRY_AGAIN else "failed"), len(made)
    return ("coming" if last.status in OPEN else "there"), len(made)
