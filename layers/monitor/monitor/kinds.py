"""The kinds of monitor. Each has a folder, where ``kind.py`` is the monitor and has what ``Kind`` says."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from monitor.config import Config
from monitor.problems import Problems
from monitor.reading.capture import Chunk
from monitor.results import Results

KINDS = {
    "data_quality": "monitor.data_quality.kind",
    "model_quality": "monitor.model_quality.kind",
    "bias": "monitor.bias.kind",
    "attribution": "monitor.attribution.kind",
}


class Kind(Protocol):
    """What such a module has. A summary is plain JSON; ``inputs`` is the folder processing/input.

    ``ABOUT_VIOLATIONS``: what stands beside ``violations`` in the constraint_violations.json that AWS publishes.
    """

    ABOUT_VIOLATIONS: dict[str, Any]

    def summarise(self, chunks: Iterator[Chunk], config: Config, problems: Problems, inputs: Path) -> dict[str, Any]:
        """What is kept of the rows."""

    def merge(self, summaries: list[dict[str, Any]]) -> dict[str, Any]:
        """The summary of all rows, whatever their order and division."""

    def results(self, summary: dict[str, Any], baseline: dict[str, dict[str, Any]], config: Config) -> Results:
        """What the window shows beside the baseline; ``baseline``: name of file -> its JSON, {} when there is none."""

    def baseline(self, summary: dict[str, Any], config: Config) -> dict[str, dict[str, Any]]:
        """The files of a baseline, from the summary of the training data."""


def kind(name: str) -> Kind:
    """Loads one. Raises KeyError when there is no such kind."""
    return cast(Kind, import_module(KINDS[name]))
