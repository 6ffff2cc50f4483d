"""Tables of a terminal: rivals as columns, cases as rows, and whether each target is met."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from bench.evidence.rivals import Flags
from bench.evidence.traffic import Grid

CONFIDENCE = 1.96
"""Standard errors that stand behind ±: 95 of 100 such figures are as near to the truth."""


@dataclass(frozen=True)
class Row:
    """``met``: whether Interlock's figure meets its target; None where the row has none."""

    case: str
    cells: tuple[str, ...]
    met: bool | None = None


@dataclass(frozen=True)
class Table:
    """``columns`` name the cells of the rows; ``target`` is said of Interlock's, which stands first."""

    title: str
    target: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def missed(self) -> list[str]:
        return [f"{self.title}: {row.case}" for row in self.rows if row.met is False]

    def text(self) -> str:
        label = max(len(row.case) for row in self.rows) + 2
        widths = [
            max(len(name), *(len(row.cells[place]) for row in self.rows)) + 2 for place, name in enumerate(self.columns)
        ]
        head = " " * (label + 2) + "".join(f"{name:>{width}}" for name, width in zip(self.columns, widths, strict=True))
        lines = [f"\033[1m{self.title}\033[0m", f"  Target: {self.target}", head]
        for row in self.rows:
            cells = "".join(f"{cell:>{width}}" for cell, width in zip(row.cells, widths, strict=True))
            lines.append(f"  {row.case:<{label}}{cells}  {_SAID[row.met]}".rstrip())
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])


def show(heading: str, tables: Iterable[Table]) -> int:
    """Prints the tables as they come, and what was missed; the exit status, 1 if anything was."""
    began, missed = time.monotonic(), []
    print(f"{heading}\n")
    for table in tables:
        print(table.text(), end="\n\n", flush=True)
        missed += table.missed
    print(f"{time.monotonic() - began:.0f} s. " + ("Every target is met." if not missed else "Missed:"))
    for case in missed:
        print(f"  {case}")
    return 1 if missed else 0


_SAID = {True: "met", False: "MISSED", None: ""}


def share(flags: Flags | Sequence[bool]) -> str:
    """Of all simulated releases, with the error of having simulated so few."""
    n, hits = len(flags), int(np.sum(flags))
    near = (hits + 2) / (n + 4)
    return f"{100 * hits / n:.1f} % ± {100 * CONFIDENCE * sqrt(near * (1 - near) / n):.1f}"


def mean(found: Grid, digits: int = 1) -> str:
    """The mean of the finite values, with its error."""
    finite = found[np.isfinite(found)]
    if finite.size < 2:
        return "-"
    return f"{finite.mean():,.{digits}f} ± {CONFIDENCE * finite.std(ddof=1) / sqrt(finite.size):,.{digits}f}"
