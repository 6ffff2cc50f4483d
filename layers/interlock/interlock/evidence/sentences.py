"""Writes what evidence found as one sentence that a person can act on."""

from __future__ import annotations

from interlock.evidence.kinds.registry import METHODS
from interlock.evidence.metrics import in_unit
from interlock.model.quantities import in_words
from interlock.model.request import Request

WORSE, BETTER = "worse", "better"


def tell(rule: Request, finding: Request) -> str:
    """The sentence for a finding that has numbers (see findings.Finding)."""
    subject = f"{rule['title'][:1].upper()}{rule['title'][1:]} {in_unit(rule['unit'], finding['candidate'])}"
    if finding["stable"] is not None:
        subject += f" against {in_unit(rule['unit'], finding['stable'])} of stable"
    subject += f" over {finding['requests']} requests"
    told = _compared(rule, finding) if finding["scale"] == "relative" else _limited(rule, finding)
    return f"{subject}: {told}.{_outlook(rule, finding)}"


def _limited(rule: Request, finding: Request) -> str:
    low, high = finding["interval"]
    unit, least_wanted = finding["scale"], rule["bound"] == "min"
    limit = f"the {'minimum' if least_wanted else 'limit'} of {in_unit(rule['unit'], rule['value'])}"
    counted = METHODS[rule["kind"]].counted
    of = f" {counted}" if counted else ""
    bounds = [
        f"at {word} {in_unit(unit, bound)}" for word, bound in (("least", low), ("most", high)) if bound is not None
    ]
    measured = f"{', '.join(bounds)}{of}" if bounds else "no bounds yet"
    allowed = f", {in_unit('share', finding['limit'])} allowed" if counted else ""
    if finding["verdict"] == "Inconclusive":
        return f"not proven on either side of {limit} ({measured}{allowed})"
    below = (finding["verdict"] == "Fail") == least_wanted
    side = "below" if below and least_wanted else "within" if below else "above"
    if METHODS[rule["kind"]].seldom:
        return f"{side} {limit}, as far as measured"
    surest = bounds[-1 if below else 0]
    return f"proven {side} {limit} ({surest}{of}{allowed})"


def _compared(rule: Request, finding: Request) -> str:
    low, high = finding["interval"]
    goal = rule["bound"] == "better_by"
    wanted = f"{rule['value'] * 100:.4g} %"
    good, bad = (BETTER, WORSE) if goal else (WORSE, BETTER)
    between = _between(low, high, good, bad)
    shown = f" ({between})" if between else ""
    level = in_unit("share", rule["ignore_below"]) if rule["ignore_below"] is not None else ""
    if finding["verdict"] == "Inconclusive":
        if level and low is not None and low > 0.0:
            doubt = f"too little to tell whether it is below {level}, where that does not matter"
            return f"proven worse than stable{shown}, but {doubt}"
        return f"too little to tell whether it is {wanted} {good} than stable ({between or 'no bounds yet'})"
    if (finding["verdict"] == "Fail") != goal:
        measured = ""
        if not METHODS[rule["kind"]].counted:
            measured = f", {_difference(finding['difference'], good, bad)} as measured"
        return f"proven {good} than stable{measured}{shown}; the {'goal' if goal else 'margin'} is {wanted}"
    if not goal and (high is None or high >= rule["value"]):
        return f"proven below {level}, where a difference to stable does not matter"
    return f"proven less than {wanted} {good} than stable{shown}"


def _between(low: float | None, high: float | None, good: str, bad: str) -> str:
    """Where the difference lies; empty if at most its direction is known."""
    if low is not None and high is not None:
        return f"between {_difference(low, good, bad)} and {_difference(high, good, bad)}"
    bound, word = (low, "least") if low is not None else (high, "most")
    if bound is None or abs(bound) < NOTHING:
        return ""
    if bound < 0.0:
        word = "most" if word == "least" else "least"
    return f"at {word} {_difference(bound, good, bad)}"


NOTHING = 0.0005
"""A smaller relative difference is reported as none."""


def _difference(value: float, good: str, bad: str) -> str:
    """A relative difference in words; ``good`` is what positive numbers mean."""
    if abs(value) < NOTHING:
        return "no difference"
    if abs(value) >= 1.0:
        return f"{1.0 + abs(value):.3g} times as high"
    return f"{abs(value) * 100:.3g} % {good if value > 0 else bad}"


def _outlook(rule: Request, finding: Request) -> str:
    needs, best = finding["needs"], finding["best"]
    said = f" The candidate is the better one with probability {_chance(best)}." if best is not None else ""
    if finding["verdict"] != "Inconclusive":
        return said
    if finding["requests"] < rule["min_requests"]:
        said = f" It takes {rule['min_requests']} requests to pass.{said}"
    if not needs:
        return said
    requests = float(f"{needs['requests']:.2g}")
    return f" About {requests:.0f} more requests, {_roughly(needs['seconds'])} at this traffic, may tell.{said}"


def _chance(value: float) -> str:
    """A probability near 0 or 1 is not reported as certainty."""
    if value > 0.999:
        return "above 99.9 %"
    return f"{value * 100:.1f} %" if value >= 0.001 else "below 0.1 %"


def _roughly(seconds: float) -> str:
    """To the minute, from five minutes on; to the hour, from a day on."""
    step = 3600 if seconds >= 86_400 else 60 if seconds >= 300 else 1
    return in_words(step * max(round(seconds / step), 1))
