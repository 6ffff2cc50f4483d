"""What the bias metrics of a facet are made from: how many rows of each group have which prediction and label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class UndefinedMetricError(ValueError):
    """A metric has no value for these counts. The text says why."""


class Side(NamedTuple):
    """How many rows of one group have which prediction and which label.

    ``tp, fp, fn, tn``: rows with both. ``p1, p0``: predicted positive or negative, label not known. ``y1, y0``:
    labelled positive or negative, prediction not known. ``bare``: neither is known.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0
    p1: int = 0
    p0: int = 0
    y1: int = 0
    y0: int = 0
    bare: int = 0

    def plus(self, other: Side) -> Side:
        """The counts of both together."""
        return Side(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def predicted(self) -> tuple[int, int]:
        """How many are predicted positive, and how many have a prediction."""
        positive = self.tp + self.fp + self.p1
        return positive, positive + self.fn + self.tn + self.p0

    def observed(self) -> tuple[int, int]:
        """How many are labelled positive, and how many have a label."""
        positive = self.tp + self.fn + self.y1
        return positive, positive + self.fp + self.tn + self.y0

    def judged(self) -> int:
        """How many have both."""
        return self.tp + self.fp + self.fn + self.tn


@dataclass(frozen=True)
class Counts:
    """What the metrics of one facet are made from.

    ``a``, ``d``: all rows of each group. ``strata``: a pair (a, d) for each value of the group variable.
    ``labels_a``, ``labels_d``: how often each label occurs (more than two labels are possible).
    """

    a: Side
    d: Side
    strata: Sequence[tuple[Side, Side]] = ()
    labels_a: Mapping[str, int] | None = None
    labels_d: Mapping[str, int] | None = None


def need_both_groups(a: float, d: float, what: str) -> None:
    """Raise UndefinedMetricError if one of the groups has none of ``what``."""
    if d == 0:
        raise UndefinedMetricError(f"The facet has no {what}.")
    if a == 0:
        raise UndefinedMetricError(f"Everybody is in the facet; nobody else has {what} to compare with.")
