"""The files that every job reads and writes: hosts, exit message, JSON."""

from __future__ import annotations

import json
import sys
from math import isfinite
from pathlib import Path
from typing import Any

MESSAGE = 1024
"""Bytes of an exit message (API reference, DescribeProcessingJob)."""


def hosts_of(root: Path) -> tuple[str, list[str]]:
    """This host, and all of the job (SageMaker writes config/resourceconfig.json)."""
    try:
        document = json.loads((root / "config/resourceconfig.json").read_bytes())
        return str(document["current_host"]), [str(host) for host in document["hosts"]]
    except (OSError, ValueError, KeyError, TypeError):
        return "algo-1", ["algo-1"]


def write(path: Path, document: Any) -> None:
    """Write ``document`` as JSON."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(_plain(document), allow_nan=False) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    """JSON has no infinities: they become text, as Model Monitor writes "NaN"."""
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):  # a number of numpy
        value = value.item()
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def failed(root: Path, said: str) -> int:
    """Leave and print ``said``; 1, the exit code of a job that failed."""
    leave_message(root, said)
    print(said, file=sys.stderr)
    return 1


def leave_message(root: Path, said: str) -> None:
    """Write the exit message of the job."""
    folder = root / "output"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "message").write_bytes(said.encode("utf-8")[:MESSAGE].decode("utf-8", "ignore").encode("utf-8"))
