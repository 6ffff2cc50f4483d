"""The kinds of monitor: each is a module with ``summarise``, ``merge``, ``results`` and ``baseline``."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

from monitor.capture import Chunk
from monitor.config import Config
from monitor.problems import Problems
from monitor.results import Results

KINDS = {
    "data_quality": "monitor.kinds.data_quality",
    "model_quality": "monitor.kinds.model_quality",
    "bias": "monitor.kinds.bias",
    "attribution": "monitor.kinds.attribution",
}


class Kind(Protocol):
    """What such a module has. A summary is plain JSON; ``inputs`` is the folder processing/input."""

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
