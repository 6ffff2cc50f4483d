"""Small, named defects of the project, and what each of them makes of a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]

TABLES = tuple(sorted(Path(__file__).parent.glob("*.yaml")))
"""One table for each part of the project."""

NEAR = 30
"""Lines, from its anchor on, that must hold the text of a defect."""

PLAYED = "tests/rehearsal/proofs/test_scenarios_hold.py::test_every_expectation_of_a_scenario_holds"


class DoesNotApply(Exception):
    """The text of a defect is not in its file, or not once."""


@dataclass(frozen=True)
class Defect:
    """In `file`, `was` becomes `is_`. `was` must be there exactly once. With `after`, a line without its indentation
    that must be there exactly once, `was` is the first such text in the NEAR lines from that one on. `tests` are files
    or node ids of pytest; `table` is the name of the table that has the defect."""

    name: str
    table: str
    file: str
    was: str
    is_: str
    tests: tuple[str, ...]
    after: str = ""

    def applied(self, text: str) -> str:
        """`text`, which is that of `file`, with the defect. Raises DoesNotApply."""
        begin, end = self._where(text)
        times = text.count(self.was, begin, end)
        if not times or (times > 1 and not self.after):
            raise DoesNotApply(f"{self.file} has it {times} times: {self.was!r}")
        found = text.index(self.was, begin, end)
        return text[:found] + self.is_ + text[found + len(self.was) :]

    def _where(self, text: str) -> tuple[int, int]:
        """From where to where `was` is looked for."""
        if not self.after:
            return 0, len(text)
        lines = text.splitlines(keepends=True)
        anchors = [number for number, line in enumerate(lines) if line.strip() == self.after]
        if len(anchors) != 1:
            raise DoesNotApply(f"{self.file} has the line {len(anchors)} times: {self.after!r}")
        above, below = lines[: anchors[0]], lines[anchors[0] : anchors[0] + NEAR]
        return len("".join(above)), len("".join(above + below))


def read_table(path: Path) -> tuple[Defect, ...]:
    """The defects of one table. A row without `file` or `tests` has those of the row before."""
    rows = yaml.safe_load(path.read_text())
    read: list[Defect] = []
    for row in rows:
        last = read[-1] if read else None
        read.append(
            Defect(
                name=row["name"],
                table=path.stem,
                file=row.get("file") or (last.file if last else ""),
                was=row["was"],
                is_=row["is"],
                tests=_node_ids(row["tests"]) if "tests" in row else last.tests if last else (),
                after=row.get("after", ""),
            )
        )
    return tuple(read)


def _node_ids(written: Any) -> tuple[str, ...]:
    """A test may be written as the scenario that it plays."""
    tests = written if isinstance(written, list) else [written]
    return tuple(
        f"{PLAYED}[{test.removeprefix('scenario ')}]" if test.startswith("scenario ") else test for test in tests
    )


def every_defect() -> tuple[Defect, ...]:
    """All tables, in the order of their names."""
    return tuple(defect for path in TABLES for defect in read_table(path))
