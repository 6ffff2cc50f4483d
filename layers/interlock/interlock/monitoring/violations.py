"""Read the violations file of a monitor, whoever wrote it and however much of it is there.

The forms are those of Model Monitor and Clarify (docs: model-monitor-interpreting-violations,
model-monitor-model-quality-metrics, clarify-model-monitor-bias-drift-violations,
clarify-model-monitor-model-attribution-drift-violations). Descriptions have changed their wording over the years, so
nothing is read out of them, and a check that nobody knows is accepted and named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from interlock.model.signal import MOST_VIOLATIONS, Kind, Violation

LONGEST = 300
"""Characters of a description that are kept."""

SCHEMA_CHECKS = frozenset({"data_type_check", "missing_column_check", "extra_column_check"})
"""Checks that find another shape of the data, not another distribution."""

_KINDS: dict[str, Kind] = {
    "data_type_check": "data_quality",
    "completeness_check": "data_quality",
    "baseline_drift_check": "data_quality",
    "missing_column_check": "data_quality",
    "extra_column_check": "data_quality",
    "categorical_values_check": "data_quality",
    "LessThanThreshold": "model_quality",
    "GreaterThanThreshold": "model_quality",
    "bias_drift_check": "bias",
    "feature_attribution_drift_check": "attribution",
}
"""The kind of monitor by the check. In model quality the check is the comparison that failed."""

_KINDS_BY_FIELD: tuple[tuple[str, Kind], ...] = (
    ("facet", "bias"),
    ("feature_name", "data_quality"),
    ("label", "attribution"),
    ("metric_name", "model_quality"),
)
"""The kind of monitor by the fields of a violation, for a check that nobody knows."""

_LIST = re.compile(r'"violations"\s*:\s*\[')


@dataclass(frozen=True)
class FoundViolations:
    """The first MOST_VIOLATIONS ``violations`` of ``count``; ``cut``: there may be more than ``count``. ``kind``: the
    kind of monitor that writes such violations, None if there are none. ``problems``: what could not be read, in
    sentences."""

    violations: tuple[Violation, ...]
    count: int
    problems: tuple[str, ...]
    cut: bool = False
    kind: Kind | None = None


def read_violations(text: str, truncated: bool) -> FoundViolations:
    """The violations in ``text``, the content of a violations file, or its beginning if it is ``truncated``.

    Never raises: of a file that is cut or broken, the violations before that place count.
    """
    entries, problems = _entries(text.removeprefix("\ufeff"), truncated)
    usable = [entry for entry in entries if isinstance(entry, dict)]
    if len(usable) < len(entries):
        problems.append(f"{len(entries) - len(usable)} entries are no violations")
    violations = tuple(_violation(entry) for entry in usable[:MOST_VIOLATIONS])
    kind = _kind(usable[0]) if usable else None
    return FoundViolations(violations, len(usable), tuple(problems), truncated, kind)


def _entries(text: str, truncated: bool) -> tuple[list[Any], list[str]]:
    """The items of the list ``violations``, and what is wrong with the file."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        found = _LIST.search(text)
        entries = list(_whole_items(text, found.end())) if found else []
        if truncated and found:
            return entries, []
        return entries, [f"the file is not JSON; {len(entries)} violations before the mistake were read"]
    listed = content.get("violations") if isinstance(content, dict) else None
    if isinstance(listed, list):
        return listed, []
    return [], ["the file has no list of violations"]


def _whole_items(text: str, at: int) -> Iterator[Any]:
    """The items of a JSON list whose first item may begin ``at``, as far as they are whole."""
    decoder = json.JSONDecoder()
    while True:
        while at < len(text) and text[at] in " \t\r\n,":
            at += 1
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        yield item


def _violation(entry: Mapping[str, Any]) -> Violation:
    facet, metric = _text(entry, "facet"), _text(entry, "metric_name")
    subject = f"{facet}={_text(entry, 'facet_value')}" if facet else ""
    subject = subject or _text(entry, "feature_name") or _text(entry, "label") or metric
    described = _text(entry, "description")
    of_metric = f"{metric}: " if metric and subject != metric and metric not in described else ""
    return Violation(_check(entry), subject[:LONGEST], f"{of_metric}{described}"[:LONGEST])


def _check(entry: Mapping[str, Any]) -> str:
    return _text(entry, "constraint_check_type")[:LONGEST] or "unknown"


def _kind(entry: Mapping[str, Any]) -> Kind:
    named = (kind for field, kind in _KINDS_BY_FIELD if _text(entry, field))
    by_field: Kind = next(named, "data_quality")
    return _KINDS.get(_check(entry)) or by_field


def _text(entry: Mapping[str, Any], field: str) -> str:
    value = entry.get(field)
    return "" if value is None else str(value)
