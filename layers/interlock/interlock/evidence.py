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
    """A watched wait with the candidate at ``percent`` of the traffic, and the questions to ask when it is over."""
    seconds = stage.strategy.bake
    period = next(size for size in PERIODS if seconds / size <= MOST_POINTS)
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

    A rate is all errors over all requests. A latency is the mean of the periods' statistic weighted by their
    requests. Too few requests is Inconclusive whatever the value; requests without a measurement is Error.
    """
    metric, limit, needed = METRICS[rule["metric"]], rule["max"], rule["min_requests"]
    requests_by_period = series.get("requests", {})
    requests = round(sum(requests_by_period.values()))
    if requests < needed:
        said = f"Only {requests} of the {needed} requests that judging the {metric.title} takes."
        return Finding(rule["metric"], Verdict.INCONCLUSIVE, said, None, limit, requests)
    values = series.get(rule["metric"], {})
    if not values:
        said = f"CloudWatch has no {metric.name} although the candidate served {requests} requests."
        return Finding(rule["metric"], Verdict.ERROR, said, None, limit, requests)
    if metric.per_request:
        value = sum(values.values()) / requests
    else:
        weight = {at: requests_by_period.get(at, 0.0) for at in values}
        value = sum(values[at] * weight[at] for at in values) / (sum(weight.values()) or 1.0)
    verdict = Verdict.FAIL if value > limit else Verdict.PASS
    compared = "above" if verdict is Verdict.FAIL else "within"
    limit_in_words = in_unit(rule["metric"], limit)
    said = (
        f"{metric.title.capitalize()} {in_unit(rule['metric'], value)} over {requests} "
        f"requests, {compared} the limit of {limit_in_words}."
    )
    return Finding(rule["metric"], verdict, said, value, limit, requests)


def judge_alarms(alarms: list[Request]) -> list[Finding]:
    """A raised alarm fails the bake even if its event never came. INSUFFICIENT_DATA is neither alarm nor all-clear."""
    raised = [alarm for alarm in alarms if alarm.get("StateValue") == "ALARM"]
    return [
        Finding(
            "alarm",
            Verdict.FAIL,
            f"Alarm {alarm['AlarmName']} is raised: {alarm.get('StateReason', 'no reason given')}",
        )
        for alarm in raised
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
    alarms = judge_alarms(task["alarms"])
    if task["error"]:
        measured = [Finding("measurement", Verdict.ERROR, f"The candidate could not be measured: {task['error']}")]
    else:
        series = read_series(task["results"])
        measured = [judge_rule(rule, series) for rule in task["bake"]["rules"]]
    findings = alarms + measured
    verdict = worst([finding.verdict for finding in findings])
    reason = Reason.ALARM_RAISED if alarms else _REASONS[verdict]
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
