"""How an alarm's state follows from its datapoints: M out of N, and what missing data does.

Source: docs "AlarmThatSendsEmail" (Evaluating an alarm; Configuring how CloudWatch alarms treat missing data, whose
tables the tests repeat) and "alarms-avoiding-premature-transition".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Missing = Literal["missing", "ignore", "breaching", "notBreaching"]

COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


@dataclass(frozen=True)
class Rule:
    """An alarm is in ALARM when `datapoints` of the `periods` most recent points compare so with the threshold."""

    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: Missing = "missing"

    def breaches(self, point: float) -> bool:
        return COMPARISONS[self.comparison][0](point, self.threshold)


def judge(rule: Rule, points: Sequence[float | None]) -> State | None:
    """The state that the points (oldest first, None where missing) call for; None keeps the present one.

    `points` is the evaluation range, which is longer than `rule.periods`. Missing points are only made up for when the
    range holds fewer real points than `rule.periods`.
    """
    known = [rule.breaches(point) for point in points if point is not None]
    if len(known) >= rule.periods:
        return "ALARM" if sum(known[-rule.periods :]) >= rule.datapoints else "OK"
    if rule.missing == "breaching":
        return "ALARM" if sum(known) + rule.periods - len(known) >= rule.datapoints else "OK"
    if sum(known) >= rule.datapoints:
        return "ALARM"
    if rule.missing == "notBreaching" or not all(known):
        return "OK"
    if rule.missing == "ignore":
        return None
    return "ALARM" if known and _old_enough(rule, points) else "INSUFFICIENT_DATA"


def _old_enough(rule: Rule, points: Sequence[float | None]) -> bool:
    """All known points breach: that is an alarm only once the oldest of them is as old as the datapoints needed."""
    oldest = next(index for index, point in enumerate(points) if point is not None)
    return len(points) - oldest >= rule.datapoints
