"""The files of the baseline, as config.json names them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from monitor.config import Config
from monitor.problems import Problems

Baseline = dict[str, dict[str, Any]]
"""Name of a file -> its JSON."""


def read_baseline_files(inputs: Path, config: Config, problems: Problems) -> tuple[Baseline, list[str]]:
    """What can be read, and the names of what cannot. ``inputs``: the folder processing/input.

    With ``baseline_files`` exactly these, under the names that it gives them; without, all ``*.json``.
    """
    folder = inputs / "baseline"
    paths = {path.name: path for path in sorted(folder.rglob("*.json"))}
    if config.baseline_files:
        paths = {name: folder / place for name, place in sorted(config.baseline_files.items())}
    found, faulty = {}, []
    for name, path in paths.items():
        if not path.is_file():
            problems.add("a file of the baseline is missing", f"{name}: {config.baseline_files[name]}", everywhere=True)
            faulty.append(name)
            continue
        try:
            document = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict):
            found[name] = document
        else:
            problems.add("a file of the baseline is not a JSON object", name, everywhere=True)
            faulty.append(name)
    return found, faulty
