"""The base of every kind of expectation."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.report.result import Finding, Result
from rehearsal.scenario.entries import Entry

WRITES = ("Create", "Update", "Delete")  # how operations begin that change something


class Expectation(Entry):
    """Something that must hold at the end."""

    def findings(self, result: Result) -> Iterator[Finding]:
        """Its findings: several when it says several things."""
        raise NotImplementedError
