"""What evidence found, in one sentence that a person can act on."""

from __future__ import annotations

from interlock.metrics import in_unit
from interlock.plan import Request
from interlock.quantities import in_words

WORSE, BETTER = "worse", "better"


def tell(rule: Request, finding: Request) -> str:
    """The sentence of a finding that has numbers (see weighing.Finding)."""
    subject = f"{rule['title'][:1].upper()}{rule['title'][1:]} {in_unit(rule['unit'], finding['candidate'])}"
    if finding["stable"] is not None:
        subject += f" against {in_unit(rule['unit'], finding['stable'])} of stable"
    subject += f" over {finding['requests']} requests"
    told = _compared(rule, finding) if finding["scale"] == "relative" else _limited(rule, finding)
    return f"{subject}: {told}.{_outlook(rule, finding)}"


def _limited(rule: Request, finding: Request) -> str:
    low, high = finding["interval"]
    unit = finding["scale"]
    limit = f"the limit of {in_unit(rule['unit'], rule['value'])}"
    slow = " of the requests slower" if finding["limit"] != rule["value"] else ""
    least = f"at least {in_unit(unit, low)}{slow}" if low is not None else "no lower bound yet"
    most = f"at most {in_unit(unit, high)}{slow}" if high is not None else "no upper bound yet"
    allowed = f", {in_unit('share', finding['limit'])} allowed" if slow else ""
    if finding["verdict"] == "Inconclusive":
        return f"not proven on either side of {limit} ({least}, {most}{allowed})"
    broken = finding["verdict"] == "Fail"
    side = "beyond" if broken else "within"
    surest = least if (rule["bound"] == "max") == broken else most
    return f"proven {side} {limit} ({surest}{allowed})"


def _compared(rule: Request, finding: Request) -> str:
    low, high = finding["interval"]
    goal = rule["bound"] == "better_by"
    margin = f"{rule['value'] * 100:.4g} %"
    good, bad = (BETTER, WORSE) if goal else (WORSE, BETTER)
    least, most = _difference(low, good, bad), _difference(high, good, bad)
    between = f"between {least} and {most}"
    if low is None or high is None:
        between = (
            f"at least {least}" if low is not None else f"at most {most}" if high is not None else "not yet bounded"
        )
    if finding["verdict"] == "Inconclusive":
        return f"{between}, too little to tell whether it is {margin} {good}"
    if (finding["verdict"] == "Fail") != goal:
        measured = f"{_difference(finding['difference'], good, bad)} as measured"
        return f"proven {good} than stable, {measured} ({between}); the margin is {margin}"
    if not goal and (high is None or high >= rule["value"]):
        return f"proven below {in_unit('share', rule['ignore_below'])}, where a difference to stable does not matter"
    return f"proven less than {margin} {good} than stable ({between})"


def _difference(value: float | None, good: str, bad: str) -> str:
    """A relative difference in words; ``good`` is what positive numbers mean."""
    if value is None:
        return ""
    if abs(value) < 0.0005:
        return "no difference"
    if value >= 1.0:
        return f"{1.0 + value:.3g} times as high"
    return f"{abs(value) * 100:.3g} % {good if value > 0 else bad}"


def _outlook(rule: Request, finding: Request) -> str:
    needs = finding["needs"]
    best = f" The candidate is the better one with probability {finding['best']:.1%}." if finding["best"] else ""
    if finding["verdict"] != "Inconclusive":
        return best
    if finding["requests"] < rule["min_requests"]:
        best = f" It takes {rule['min_requests']} requests to pass.{best}"
    if not needs:
        return best
    return f" About {needs['requests']} more requests, {in_words(needs['seconds'])} at this traffic, may tell.{best}"
