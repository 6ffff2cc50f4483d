"""Judges a candidate by the measurements of a bake, and says what follows."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from interlock.evidence.ab_test import asks_person, awaited, deciding, present_split, reallocated, tell_winner, winner
from interlock.evidence.asking import asked
from interlock.evidence.findings import Finding, Verdict, weigh
from interlock.evidence.gates import gated
from interlock.evidence.looks import Judgement, Look
from interlock.evidence.measurements import Series, whole_periods
from interlock.evidence.metrics import COMPARING
from interlock.model.notices import Notice
from interlock.model.plan import HELD
from interlock.model.quantities import in_words
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.statistics.experiments import split_mismatch


def read_series(results: list[Request]) -> Series:
    """The ``MetricDataResults`` of all pages of GetMetricData by query id and timestamp, without NaN and infinite
    values."""
    series: Series = {}
    for result in results:
        series.setdefault(result["Id"], {}).update(zip(result["Timestamps"], result["Values"], strict=False))
    for name, found in series.items():
        if not all(map(isfinite, found.values())):
            series[name] = {at: value for at, value in found.items() if isfinite(value)}
    return series


_WORST_LAST = (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.FAIL)


def worst(verdicts: list[Verdict]) -> Verdict:
    """The verdict of several together: one Fail fails all, and missing data never passes. Pass if there are none."""
    return max(verdicts, key=_WORST_LAST.index, default=Verdict.PASS)


def judge_alarms(watched: list[str], described: list[Request]) -> list[Finding]:
    """A raised alarm fails the bake even if its event never came. An alarm that was deleted is an error, because it
    watched nothing. INSUFFICIENT_DATA counts as neither."""
    states = {alarm["AlarmName"]: alarm for alarm in described}
    raised = [
        Finding("alarm", Verdict.FAIL, f"Alarm {name} is raised: {alarm.get('StateReason', 'no reason given')}")
        for name, alarm in states.items()
        if alarm.get("StateValue") == "ALARM"
    ]
    gone = [
        Finding("alarm", Verdict.ERROR, f"Alarm {name} does not exist any more; it guarded this bake.")
        for name in watched
        if name not in states
    ]
    return raised + gone


def judge_answers(queries: list[Request], results: list[Request]) -> list[Finding]:
    """An error for each of the ``queries`` whose answer is missing or incomplete: CloudWatch may answer in part
    (botocore GetMetricData StatusCode), and the missing part could be the one that matters. A value that is not a
    number, or has no time, is as bad."""
    pages: dict[str, list[Request]] = {query["Id"]: [] for query in queries}
    for result in results:
        pages.setdefault(result["Id"], []).append(result)
    return [
        Finding(name, Verdict.ERROR, f"CloudWatch {told} about {name}.")
        for name, answers in pages.items()
        if (told := _incomplete(answers))
    ]


def _incomplete(pages: list[Request]) -> str:
    """Why the answer on these ``pages`` is incomplete; empty if it is complete. The last one's status holds."""
    if not pages:
        return "did not answer"
    status: str = pages[-1].get("StatusCode", "Complete")
    if status != "Complete":
        return f"answered {status}"
    for page in pages:
        if len(page["Timestamps"]) != len(page["Values"]):
            return f"answered {len(page['Values'])} values for {len(page['Timestamps'])} periods"
    values = (value for page in pages for value in page["Values"])
    return "" if all(map(isfinite, values)) else "answered values that are no numbers"


def judge_split(split: Mapping[str, float], series: Series, since: str, *, copied: bool = False) -> list[Finding]:
    """Variants whose requests did not split by their weights cannot be compared: whatever sent requests elsewhere may
    have picked them. Only whole periods of this bake count, because the weights were different before. ``copied``: the
    candidate got copies of a part of stable's requests, and both were counted."""
    if not split:
        return []
    candidate, stable = (
        sum(max(value, 0.0) for at, value in series.get(f"{role}_requests", {}).items() if at > since)
        for role in ("candidate", "stable")
    )
    share = split["candidate"] / (split["candidate"] + split["stable"])
    if not split_mismatch(candidate, stable, share):
        return []
    if copied:
        said = (
            f"The comparison is void: the candidate got copies of {candidate:.0f} of {stable:.0f} requests, where "
            f"{split['candidate']:g} % should be copied. Find out whether somebody changed the weights."
        )
        return [Finding("traffic split", Verdict.ERROR, said)]
    found, wanted = (f"{part * 100:.1f} %" for part in (candidate / (candidate + stable), share))
    said = (
        f"The comparison is void: the candidate served {candidate:.0f} of {candidate + stable:.0f} requests, {found}, "
        f"where its weight asks for {wanted}. Find out what routes requests past the weights (a TargetVariant header, "
        "sticky sessions, retries)."
    )
    return [Finding("traffic split", Verdict.ERROR, said)]


def judge_rules(task: Look, series: Series) -> list[Finding]:
    """The finding of each rule. Rules that compare are left out if the traffic was not split as configured."""
    bake = task["bake"]
    void = judge_split(present_split(task), series, task["since"], copied="copies" in bake)
    rules = [rule for rule in bake["rules"] if not (void and rule["bound"] in COMPARING)]
    return void + [weigh(rule, series, bake["period"]) for rule in rules]


_REASONS = {
    Verdict.PASS: Reason.DELIVERED,
    Verdict.FAIL: Reason.EVIDENCE_FAILED,
    Verdict.ERROR: Reason.EVIDENCE_ERROR,
    Verdict.INCONCLUSIVE: Reason.EVIDENCE_INCONCLUSIVE,
}


_TOO_LARGE = "CloudWatch has more data of this release than a state can carry"


def judge(task: Look) -> Judgement:
    """Judge the evidence at one look. Judging a record again gives the same answer."""
    series = read_series(task["results"])
    if task["error"]:
        alarms = judge_alarms([], task["alarms"])
        why = _TOO_LARGE if task["error"] == "States.DataLimitExceeded" else task["error"].rstrip(".")
        said = f"The candidate could not be measured: {why}."
        measured = [Finding("measurement", Verdict.ERROR, said)]
    else:
        if "until" in task:
            series = whole_periods(series, task["bake"]["period"], task["until"])
        alarms = judge_alarms(task["bake"]["alarms"], task["alarms"])
        measured = judge_answers(task["bake"]["queries"], task["results"]) + judge_rules(task, series)
    findings = alarms + measured + awaited(task["bake"])
    decided_by = deciding(task["bake"], findings)
    verdict = worst([finding.verdict for finding in decided_by])
    raised = any(finding.verdict is Verdict.FAIL for finding in alarms)
    reason = Reason.ALARM_RAISED if raised else _REASONS[verdict]
    following, seconds = follow(verdict, task["bake"], task["looks"] + 1)
    won, split = winner(task["bake"]["rules"], verdict, decided_by), present_split(task)
    to_win = following == "Hold" and asks_person(task["bake"])
    told = findings if to_win else [finding for finding in decided_by if finding.verdict is verdict]
    sentences = [finding.sentence for finding in told] or ["No alarm was raised, and there was no rule to judge."]
    sentences += tell_winner(won, over=following in ("Advance", "RollBack"))
    answer: Judgement = {
        "verdict": str(verdict),
        "next": following,
        "seconds": seconds,
        "reason": str(reason),
        "sentence": " ".join(sentences),
        "findings": [finding.as_dict() for finding in findings],
        "winner": won,
        "percent": _answered(task["bake"], split),
        "split": split,
    }
    if following == "Hold":
        answer["notice"] = _held(task["bake"]["held"], answer, to_win)
    return gated(asked(reallocated(answer, task["bake"], findings, series), task), task)


def _answered(bake: Request, split: Request) -> float:
    """Percent of the traffic that the candidate answers; a shadow answers nothing, whatever it gets copies of."""
    percent: float = bake["percent"] if "copies" in bake else split.get("candidate") or bake["percent"]
    return percent


def _held(opening: Notice, answer: Judgement, to_win: bool) -> Notice:
    """What people are told who are to decide; ``to_win``: who wins an A/B test."""
    body = f"{opening['body']} stays with the candidate at {answer['percent']:g} % of the traffic. {answer['sentence']}"
    further = (
        f"Promote it with operate if the candidate wins, abort it if stable does; after {in_words(HELD)} without an"
        " answer it is rolled back."
        if to_win
        else f"Promote or abort it with operate; after {in_words(HELD)} it is judged once more, and rolled back if that"
        " cannot tell either."
    )
    return {"subject": opening["subject"], "body": f"{body} {further}"}


def follow(verdict: Verdict, bake: Request, look: int) -> tuple[str, int]:
    """What follows a verdict at the ``look``-th look, and the seconds until the next look.

    A Fail ends the bake at any look; no other verdict ends it before it has lasted as long as the policy says. An
    inconclusive bake is extended as often as the policy allows; then the policy's choice applies. Without measurements
    a release never advances. A version that is live already (``stay``) is taken back by a Fail only.
    """
    last = bake["looks"] * bake["bakes"]
    if verdict is Verdict.FAIL:
        return "RollBack", 0
    if verdict is Verdict.PASS and look >= bake["looks"]:
        return "Advance", 0
    if look < last:
        return "Look", bake["wait"]
    if bake["then"] == "stay" or (verdict is Verdict.INCONCLUSIVE and bake["then"] == "promote"):
        return "Advance", 0
    return ("Hold", HELD) if bake["then"] == "hold" and look == last else ("RollBack", 0)
