"""One request of a data set, what its answer should be, and how a data set is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CSV = "text/csv"


@dataclass(frozen=True)
class Row:
    """One request's body and its true label, None where nobody knows it. `threshold`: the answer is a probability of
    label 1, which speaks for 1 from there on; None where the answer is the label itself."""

    body: bytes
    label: str | None
    threshold: float | None = None

    def agrees(self, answer: str) -> bool:
        """Whether a model's answer is right. Brackets and quotes around it, as JSON has them, do not count; nor does
        how a number is written."""
        if self.label is None:
            return False
        said = answer.strip('[]" \n')
        number = _number(said)
        if self.threshold is not None:
            return number is not None and (number >= self.threshold) == (self.label == "1")
        return said == self.label or (number is not None and number == _number(self.label))


@dataclass(frozen=True)
class Requests:
    """Rows that are sent again and again: their Content-Type, and the Accept of who sends them."""

    rows: Sequence[Row]
    content_type: str = CSV
    accept: str = CSV

    @property
    def labelled(self) -> bool:
        """Whether somebody knows the true labels."""
        return self.rows[0].label is not None


def own_rows(file: Path, labels: Path | None = None, threshold: float | None = None) -> tuple[Row, ...]:
    """The rows of a file in which each line is the body of a request, with their labels from a second file, line by
    line. Raises ValueError, which says what is wrong."""
    bodies = _lines(file)
    if labels is None:
        return tuple(Row(body.encode(), None) for body in bodies)
    known = _lines(labels)
    if len(known) != len(bodies):
        raise ValueError(f"{labels.name} has {len(known)} labels for {len(bodies)} rows; write one a line, row by row")
    if threshold is not None and (other := [each for each in known if each not in ("0", "1")]):
        raise ValueError(f"{labels.name} has the label {other[0]!r}; with a threshold, labels are 0 or 1")
    return tuple(Row(body.encode(), label, threshold) for body, label in zip(bodies, known, strict=True))


def _lines(file: Path) -> list[str]:
    try:
        lines = [line.rstrip("\r") for line in file.read_text(encoding="utf-8").removesuffix("\n").split("\n")]
    except OSError as error:
        said = f"{file} cannot be read: {error.strerror}; write a path from the folder of the scenario"
        raise ValueError(said) from None
    except UnicodeDecodeError:
        raise ValueError(f"{file.name} is no text in UTF-8; each of its lines is one request") from None
    empty = next((number for number, line in enumerate(lines, 1) if not line.strip()), None)
    if empty is not None:
        raise ValueError(f"{file.name}, line {empty}, is empty; each line is one request")
    return lines


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
