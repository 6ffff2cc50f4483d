"""A/B tests: the winner, and how to share the traffic until there is one."""

from __future__ import annotations

from math import ceil

from interlock.evidence.findings import Finding, Verdict
from interlock.evidence.kinds.registry import METHODS
from interlock.evidence.looks import Judgement, Look
from interlock.evidence.measurements import Seen, Series
from interlock.model.plan import Step
from interlock.model.request import Request
from interlock.model.traffic import set_weights
from interlock.statistics.experiments import thompson_share

LEAST_MOVE = 5
"""Percentage points. A smaller change is not worth an update of the endpoint, which takes minutes."""

_WINNERS = {"candidate": "The candidate wins.", "stable": "Stable wins.", "none": "There is no winner."}


def asks_person(bake: Request) -> bool:
    """Whether a person names the winner, whatever the rules find."""
    return bool(bake.get("winner") == "person")


def awaited(bake: Request) -> list[Finding]:
    """What is still open while a person has not named the winner."""
    asked = Finding("winner", Verdict.INCONCLUSIVE, "A person is to name the winner.")
    return [asked] if asks_person(bake) else []


def deciding(bake: Request, findings: list[Finding]) -> list[Finding]:
    """The ``findings`` that the verdict follows from: all, but for the goals of a test whose winner a person names."""
    return [each for each in findings if not (asks_person(bake) and each.bound == "better_by")]


def winner(rules: list[Request], verdict: Verdict, findings: list[Finding]) -> str:
    """``candidate`` if every rule passes, ``stable`` if the candidate is proven to break one, else ``none``; empty if
    no rule has a goal. An alarm ends a test but proves nothing."""
    if _goal(rules) is None:
        return ""
    if verdict is Verdict.PASS:
        return "candidate"
    lost = any(finding.bound and finding.verdict is Verdict.FAIL for finding in findings)
    return "stable" if lost else "none"


def tell_winner(won: str, *, over: bool) -> list[str]:
    """The sentence about the winner, if there is anything to say; ``over``: whether this was the last look."""
    if won == "none" and not over:
        return ["There is no winner yet."]
    return [_WINNERS[won]] if won else []


def present_split(task: Look) -> Request:
    """Percent of the traffic that candidate and stable should get now: the bake's split, unless it was changed
    since."""
    split: Request = task.get("split") or task["bake"]["split"]
    return split


def reallocated(answer: Judgement, bake: Request, findings: list[Finding], series: Series) -> Judgement:
    """The judge's ``answer``; if another look follows and the policy has an allocation, with the step that shares the
    traffic anew."""
    if answer["next"] != "Look" or answer["verdict"] == Verdict.ERROR:
        return answer
    percent = _share_wanted(bake, findings, series)
    if percent is None or abs(percent - answer["percent"]) < LEAST_MOVE:
        return answer
    step = _set_share(bake["allocation"], answer["percent"], percent)
    return {
        **answer,
        "next": "Reallocate",
        "sentence": f"{answer['sentence']} {step.note}.",
        "split": {"candidate": float(percent), "stable": 100.0 - percent},
        "step": step.as_dict(),
    }


def _share_wanted(bake: Request, findings: list[Finding], series: Series) -> int | None:
    """The candidate's share in percent; None while fewer requests were seen than the goal needs to pass, or while
    nothing says which variant is the better one."""
    allocation, goal = bake.get("allocation"), _goal(bake["rules"])
    if not allocation or goal is None:
        return None
    served = next(finding.requests for finding in findings if finding.bound == goal["bound"])
    if served < goal["min_requests"]:
        return None
    method = METHODS[goal["kind"]]
    better = method.better(Seen(goal, series, method.needed(goal)))
    if better is None:
        return None
    wanted = thompson_share(better, allocation["floor"])
    least = ceil(round(100.0 * allocation["floor"], 6))
    percent: int = min(max(round(100.0 * wanted), least), 100 - least)
    return percent


def _set_share(allocation: Request, before: float, percent: int) -> Step:
    shares, earlier = (
        {allocation["stable"]: 100.0 - share, allocation["candidate"]: float(share)} for share in (percent, before)
    )
    return Step(
        "UpdateEndpointWeightsAndCapacities",
        f"From here on the candidate gets {percent} % of the traffic",
        set_weights(allocation["endpoint"], shares),
        expect={
            "config": allocation["config"],
            "shares": shares,
            "before": earlier,
            "candidate": allocation["candidate"],
        },
        patience=allocation["patience"],
    )


def _goal(rules: list[Request]) -> Request | None:
    return next((rule for rule in rules if rule["bound"] == "better_by"), None)
