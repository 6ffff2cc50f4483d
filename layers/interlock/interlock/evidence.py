"""Evidence: what is measured during a bake, and what it says about the candidate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from interlock.metrics import METRICS, REQUESTS, in_unit, metric_stat
from interlock.plan import Request, Step
from interlock.policy import Stage
from interlock.quantities import in_words
from interlock.reasons import Reason

MOST_POINTS = 300
"""Datapoints per metric that a judgement reads: five metrics of them stay far below Step Functions' 256 KiB of
state."""

PERIODS = (60, 300, 3600, 21600, 86400)
"""Seconds; CloudWatch periods (multiples of 60, docs: AmazonCloudWatch/latest/monitoring/cloudwatch_concepts)."""


class Verdict(StrEnum):
    """What evidence says. Failed is not the same as not measured, and neither is the same as too little to tell."""

    PASS = "Pass"
    INCONCLUSIVE = "Inconclusive"
    ERROR = "Error"
    FAIL = "Fail"


_WORST_LAST = (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.FAIL)


def worst(verdicts: list[Verdict]) -> Verdict:
    """The verdict of several together: one Fail fails, nothing missing ever passes. Pass when there are none."""
    return max(verdicts, key=_WORST_LAST.index, default=Verdict.PASS)


def bake(stage: Stage, percent: int, dimensions: dict[str, str], alarms: tuple[str, ...]) -> Step:
    """A watched wait with the candidate at ``percent`` of the traffic, and the questions to ask when it is over.

    An extended bake is measured from its beginning, so the extensions count when the period is chosen.
    """
    seconds = stage.strategy.bake
    longest = seconds * (1 + stage.inconclusive.extensions)
    period = next((size for size in PERIODS if longest / size <= MOST_POINTS), PERIODS[-1])
    metrics = {"requests": REQUESTS} | {rule.metric: METRICS[rule.metric] for rule in stage.evidence}
    queries = [
        {"Id": name, "MetricStat": metric_stat(metric, dimensions, period), "ReturnData": True}
        for name, metric in metrics.items()
    ]
    return Step(
        "Bake",
        f"Watch the candidate at {percent} % for {in_words(seconds)}",
        bake={
            "seconds": seconds,
            "percent": percent,
            "alarms": list(alarms),
            "queries": queries,
            "rules": [rule.model_dump() for rule in stage.evidence],
            "inconclusive": stage.inconclusive.model_dump(),
        },
    )


@dataclass(frozen=True)
class Finding:
    """What one rule concluded. ``value`` and ``limit`` in the metric's own unit (a share, or microseconds)."""

    rule: str
    verdict: Verdict
    sentence: str
    value: float | None = None
    limit: float | None = None
    requests: int = 0

    def as_dict(self) -> Request:
        return {**self.__dict__, "verdict": str(self.verdict)}


Series = dict[str, dict[str, float]]
"""Datapoints by metric, then by timestamp."""


def read_series(results: list[Request]) -> Series:
    """The answers of GetMetricData (``MetricDataResults``), by query id and timestamp."""
    return {result["Id"]: dict(zip(result["Timestamps"], result["Values"], strict=True)) for result in results}


def judge_rule(rule: Request, series: Series) -> Finding:
    """Hold one threshold rule against the measurements of a bake.

    A rate is all errors over the requests of the periods measured. A latency is the mean of those periods' statistic
    weighted by their requests. Too few requests is Inconclusive whatever the value; enough requests of which too few
    were measured is Error.
    """
    metric, limit, needed = METRICS[rule["metric"]], rule["max"], rule["min_requests"]
    requests_by_period = series.get("requests", {})
    requests = round(sum(requests_by_period.values()))
    if requests < needed:
        said = f"Only {requests} of the {needed} requests that judging the {metric.title} takes."
        return Finding(rule["metric"], Verdict.INCONCLUSIVE, said, None, limit, requests)
    values = series.get(rule["metric"], {})
    measured = round(sum(requests_by_period.get(at, 0.0) for at in values))
    if measured < needed:
        said = f"CloudWatch has {metric.name} for {measured} of the {requests} requests that the candidate served."
        return Finding(rule["metric"], Verdict.ERROR, said, None, limit, requests)
    if metric.per_request:
        value = sum(values.values()) / measured
    else:
        value = sum(values[at] * requests_by_period.get(at, 0.0) for at in values) / measured
    verdict = Verdict.PASS if value <= limit else Verdict.FAIL
    compared = "above" if verdict is Verdict.FAIL else "within"
    limit_in_words = in_unit(rule["metric"], limit)
    said = (
        f"{metric.title.capitalize()} {in_unit(rule['metric'], value)} over {measured} "
        f"requests, {compared} the limit of {limit_in_words}."
    )
    return Finding(rule["metric"], verdict, said, value, limit, requests)


def judge_alarms(watched: list[str], described: list[Request]) -> list[Finding]:
    """A raised alarm fails the bake even if its event never came; one that is gone watched nothing. INSUFFICIENT_DATA
    is neither alarm nor all-clear."""
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


def judge_answers(results: list[Request]) -> list[Finding]:
    """CloudWatch may answer in part (botocore GetMetricData StatusCode); what is missing could be what matters."""
    return [
        Finding(result["Id"], Verdict.ERROR, f"CloudWatch answered {result['StatusCode']} about {result['Id']}.")
        for result in results
        if result.get("StatusCode", "Complete") != "Complete"
    ]


_REASONS = {
    Verdict.PASS: Reason.DELIVERED,
    Verdict.FAIL: Reason.EVIDENCE_FAILED,
    Verdict.ERROR: Reason.EVIDENCE_ERROR,
    Verdict.INCONCLUSIVE: Reason.EVIDENCE_INCONCLUSIVE,
}


def judge(task: Request) -> Request:
    """Judge one bake.

    ``task`` holds the step's ``bake``, the ``results`` of GetMetricData, the ``alarms`` of DescribeAlarms, the
    ``error`` if either could not be asked, and how often this bake was already extended (``extensions``). Answers
    ``{"verdict", "next", "reason", "sentence", "findings"}``, with next one of Advance, Extend, RollBack. A record
    judged again gives the same verdict.
    """
    if task["error"]:
        alarms = judge_alarms([], task["alarms"])
        measured = [Finding("measurement", Verdict.ERROR, f"The candidate could not be measured: {task['error']}")]
    else:
        alarms = judge_alarms(task["bake"]["alarms"], task["alarms"])
        series = read_series(task["results"])
        measured = judge_answers(task["results"]) + [judge_rule(rule, series) for rule in task["bake"]["rules"]]
    findings = alarms + measured
    verdict = worst([finding.verdict for finding in findings])
    raised = any(finding.verdict is Verdict.FAIL for finding in alarms)
    reason = Reason.ALARM_RAISED if raised else _REASONS[verdict]
    following = _following(verdict, task["bake"]["inconclusive"], task["extensions"])
    said = [finding.sentence for finding in findings if finding.verdict is verdict] or [
        "No alarm was raised and the policy has no rules."
    ]
    return {
        "verdict": str(verdict),
        "next": following,
        "reason": str(reason),
        "sentence": " ".join(said),
        "findings": [finding.as_dict() for finding in findings],
    }


def _following(verdict: Verdict, inconclusive: dict[str, Any], extensions: int) -> str:
    """What a verdict leads to. What could not be told is tried again, up to the policy's limit, and then is the
    policy's choice; what could not be *measured* never advances."""
    if verdict is Verdict.PASS:
        return "Advance"
    if verdict is Verdict.FAIL:
        return "RollBack"
    if extensions < inconclusive["extensions"]:
        return "Extend"
    promote = verdict is Verdict.INCONCLUSIVE and inconclusive["then"] == "promote"
    return "Advance" if promote else "RollBack"
