"""Counts things in words: `1 release`, `3 releases`."""

from __future__ import annotations

from rehearsal.scenario.quantities import count


def counted(number: float, noun: str) -> str:
    """The number and its noun, which takes an s unless there is one of it."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"
