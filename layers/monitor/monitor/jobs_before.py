"""What the jobs before this one of the same run wrote for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from monitor.config import ConfigFault


def read_summaries(folder: Path) -> list[dict[str, Any]]:
    """The summary of each host, in the order of their names. Raises ConfigFault if one is missing or is none."""
    shards = [_summary(path) for path in sorted(folder.rglob("summary-*.json"))]
    if not shards:
        raise ConfigFault("there are no summaries to merge")
    absent = {host for shard in shards for host in shard["hosts"]} - {shard["host"] for shard in shards}
    if absent:
        raise ConfigFault(f"the summary of {', '.join(sorted(absent))} is missing, so the window is not whole")
    return shards


def _summary(path: Path) -> dict[str, Any]:
    document = _object(path)
    if {"host", "hosts", "problems", "records", "summary"} <= document.keys():
        return document
    raise ConfigFault(f"{path.name} is not a summary, so the window is not whole")


def read_analysis(folder: Path) -> dict[str, Any]:
    """analysis.json of Clarify's container. Raises ConfigFault if there is none."""
    document = _object(folder / "analysis.json")
    if document:
        return document
    raise ConfigFault("the job of Clarify's container ended without an analysis.json that can be read; see its log")


def _object(path: Path) -> dict[str, Any]:
    """The JSON object of a file; {} if it holds none."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
