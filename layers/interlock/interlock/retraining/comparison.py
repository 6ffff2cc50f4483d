"""The comparison of a challenger with a champion, metric by metric: intervals, not bare numbers.

Each rule is shown at 95 %, one-sided. All rules must be shown for a version to pass, so several rules need no
correction (intersection-union test; Berger 1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt
from typing import Literal

from interlock.retraining.evaluation import Estimate, Evaluation, Paired
from interlock.retraining.gate_section import BetterBy, NotWorseBy
from interlock.statistics.distributions import normal_quantile, student_quantile

CHANCE = 0.05
"""The chance that a rule is called kept or broken though it is not."""

Verdict = Literal["Pass", "Fail", "Undecided", "Missing"]


@dataclass(frozen=True)
class Finding:
    """What was found about one rule: its two values (None if the report has none) and the bounds of the improvement,
    both in the metric's unit, where more is better."""

    rule: str
    metric: str
    verdict: Verdict
    sentence: str
    challenger: float | None = None
    champion: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class _Rule:
    """A rule as it is judged. ``margin``: a part of the champion's value, negative for a rule not to be worse."""

    metric: str
    margin: float
    sign: int

    @property
    def percent(self) -> str:
        return f"{abs(self.margin) * 100:.4g} %"

    @property
    def words(self) -> str:
        return f"{'better' if self.margin >= 0 else 'not worse'} by {self.percent}"


def compare(
    challenger: Evaluation,
    champion: Evaluation | None,
    better: Sequence[BetterBy],
    not_worse: Sequence[NotWorseBy],
    against: int,
) -> list[Finding]:
    """One finding a rule. ``against``: the champion's version; ``champion``: its own report, None if it has none. What
    the challenger's report says of the champion, on the same records, comes before what its own says of older ones."""
    rules = [_Rule(each.metric, each.by, each.sign) for each in better]
    rules += [_Rule(each.metric, -each.by, each.sign) for each in not_worse]
    paired = challenger.paired if challenger.paired_with in (None, against) else None
    same, own = challenger.on_same_records(against), champion.metrics if champion else {}
    return [
        _finding(rule, challenger.metrics.get(rule.metric), same.get(rule.metric), own.get(rule.metric), paired)
        for rule in rules
    ]


def _finding(
    rule: _Rule, mine: Estimate | None, same: Estimate | None, own: Estimate | None, paired: Paired | None
) -> Finding:
    """``same`` and ``own``: the champion on the challenger's records, and in its own report."""
    name, named, theirs = rule.metric, f"{rule.metric} {rule.words}", same or own
    value, against = mine.value if mine else None, theirs.value if theirs else None
    if mine is None or theirs is None:
        lacking = [which for which, found in (("new", mine), ("live", theirs)) if found is None]
        said = f"The report of the {' and of the '.join(lacking)} version has no {name}."
        return Finding(named, name, "Missing", said, value, against)
    bounds = improvement(mine, theirs, rule.sign, paired if name == "accuracy" else None)
    if bounds is None:
        said = (
            f"Nothing says how exact {name} is: the reports have no standard_deviation for it, and its records cannot"
            " be counted."
        )
        return Finding(named, name, "Undecided", said, value, against)
    low, high = bounds
    needed = rule.margin * abs(theirs.value)
    verdict: Verdict = "Pass" if low >= needed else "Fail" if high < needed else "Undecided"
    shown = _SHOWN[verdict, rule.margin >= 0].format(rule.percent)
    said = (
        f"{name} {shown}{'' if same else ELSEWHERE}: the improvement lies between {low:+.4g} and {high:+.4g} (95 %"
        f" each), and must be at least {needed:+.4g}."
    )
    return Finding(named, name, verdict, said, value, against, low, high)


ELSEWHERE = " (the live version was measured on other records)"
"""Said of a metric that only the champion's own report has: what came between may have changed both."""

_SHOWN: dict[tuple[Verdict, bool], str] = {
    ("Pass", True): "is shown to be better by {} or more",
    ("Fail", True): "is shown to be better by less than {}, if at all",
    ("Undecided", True): "may be better by {} or more, or may not",
    ("Pass", False): "is shown to be worse by no more than {}, if at all",
    ("Fail", False): "is shown to be worse by more than {}",
    ("Undecided", False): "may be worse by more than {}, or may not",
}
"""What is said of a rule to be better (True), and of one not to be worse."""


def improvement(mine: Estimate, theirs: Estimate, sign: int, paired: Paired | None) -> tuple[float, float] | None:
    """The lower and the upper bound, each at 95 %, of how much better ``mine`` is; None if their errors are unknown.

    Independent errors add in squares, with the degrees of freedom of Welch and Satterthwaite. Paired counts are
    compared with half a record added to each cell (Agresti and Min 2005).
    """
    if paired is not None:
        total = paired.both + paired.challenger + paired.champion + paired.neither + 2.0
        won, lost = paired.challenger + 0.5, paired.champion + 0.5
        middle = (won - lost) / total
        error = sqrt(won + lost - (won - lost) ** 2 / total) / total
        width = normal_quantile(CHANCE) * error
        return middle - width, middle + width
    if mine.error is None or theirs.error is None:
        return None
    middle = sign * (mine.value - theirs.value)
    one, other = mine.error**2, theirs.error**2
    scatter = one**2 / mine.freedom + other**2 / theirs.freedom
    freedom = (one + other) ** 2 / scatter if scatter else inf
    width = (normal_quantile(CHANCE) if freedom == inf else student_quantile(CHANCE, freedom)) * sqrt(one + other)
    return middle - width, middle + width
