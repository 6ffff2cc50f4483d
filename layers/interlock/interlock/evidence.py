"""Evidence: what is measured during a bake, and what it says about the candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil, isfinite
from typing import TYPE_CHECKING, Any

from interlock.contest import present_split, reallocated, tell_winner, winner
from interlock.experiments import split_mismatch
from interlock.measured import COMPARING, Series
from interlock.metrics import INVOCATIONS, Kind, Metric, metric_stat, tail
from interlock.plan import Request, Step
from interlock.quantities import in_words
from interlock.reasons import Reason
from interlock.weighing import Finding, Verdict, weigh

if TYPE_CHECKING:  # the judge starts without the models of a policy, whose building is most of a start
    from interlock.policy import EvidenceRule, Stage

FALSE_ROLLBACK = 0.05
"""Chance that a candidate no worse than it may be is taken back on evidence, over the whole release and all rules."""

FALSE_PASS = 0.10
"""Chance that a rule passes a candidate that is beyond its limit or worse by its margin."""

FALSE_WINNER = 0.05
"""Chance that a candidate which is no better than stable is called better."""

MOST_POINTS = 300
"""Periods per metric that a judgement reads."""

MOST_VALUES = 4000
"""Datapoints of all metrics together: Step Functions carries at most 256 KiB of state, a datapoint takes some 45 B."""

MINUTES_KEPT, FIVE_MINUTES_KEPT = 15 * 86_400, 63 * 86_400
"""Seconds for which CloudWatch has data by the minute and by five; hours it keeps for longer than a release may take
(docs: AmazonCloudWatch/latest/monitoring/cloudwatch_concepts)."""

HELD = 86_400
"""Seconds that a release is held for a person when its evidence could not tell."""


@dataclass(frozen=True)
class Variants:
    """Whose traffic is measured. ``against``: the variant to compare with, None where it has no traffic."""

    endpoint: str
    candidate: str
    against: str | None = None


def bake(
    stage: Stage,
    catalog: Mapping[str, Metric],
    percent: int,
    variants: Variants,
    alarms: tuple[str, ...],
    references: Mapping[str, float],
    planned: int,
) -> Step:
    """A watched wait with the candidate at ``percent`` of the traffic, and the questions to ask at each look.

    ``references``: stable's percentiles before the release, in microseconds. ``planned``: seconds that candidate and
    stable are to have traffic side by side in this release, extensions not counted; the length for which the tests are
    made.
    """
    seconds, strategy = stage.strategy.bake, stage.strategy
    rules = [rule for rule in stage.evidence if variants.against or not rule.compares]
    side_by_side = replace(variants, against=variants.against or variants.candidate)
    period = _period(stage, len(_queries(list(stage.evidence), catalog, side_by_side, references, 60)))
    alpha = FALSE_ROLLBACK / max(len(stage.evidence), 1)
    horizon = ceil((planned or seconds) / period)
    return Step(
        "Bake",
        f"Watch the candidate at {percent} % for {in_words(seconds)}",
        bake={
            "seconds": seconds,
            "wait": seconds // strategy.looks,
            "looks": strategy.looks,
            "percent": percent,
            "alarms": list(alarms),
            "period": period,
            "queries": _queries(rules, catalog, variants, references, period),
            "rules": [_rule(rule, catalog[rule.metric], references, alpha, horizon) for rule in rules],
            "split": _split(stage, percent) if any(rule.compares for rule in rules) else {},
            "bakes": stage.inconclusive.bakes,
            "then": stage.inconclusive.then,
        },
    )


def _period(stage: Stage, queries: int) -> int:
    """Seconds, the same in all bakes of a release, so that what is judged at one look is what was judged at the one
    before, and more. A multiple of a minute, of five where a release may outlast the days for which CloudWatch keeps
    minutes, and of an hour where it may outlast those (botocore: MetricStat.Period)."""
    longest = stage.strategy.bake * (len(stage.strategy.steps) + 1) * stage.inconclusive.bakes
    finest = 60 if longest < MINUTES_KEPT else 300 if longest < FIVE_MINUTES_KEPT else 3600
    values = max(MOST_VALUES // max(queries, 1), 1)
    held = longest + (HELD if stage.inconclusive.then == "hold" else 0)
    return finest * max(ceil(longest / min(MOST_POINTS, values) / finest), ceil(held / values / finest))


def _split(stage: Stage, percent: int) -> dict[str, float]:
    """Percent of the endpoint's traffic that candidate and stable (or its baseline) are to get."""
    rest = 100.0 - percent
    return {"candidate": float(percent), "stable": min(float(percent), rest) if stage.strategy.baseline else rest}


def _rule(
    rule: EvidenceRule, metric: Metric, references: Mapping[str, float], alpha: float, horizon: int
) -> dict[str, Any]:
    """A rule as the judge reads it, with all that it takes to judge an old record again."""
    return {
        "metric": rule.metric,
        "kind": str(metric.kind),
        "title": metric.title,
        "unit": metric.unit,
        "better": metric.better,
        "own": bool(metric.per),
        "bound": rule.bound,
        "value": rule.value,
        "min_requests": rule.min_requests,
        "ignore_below": rule.ignore_below,
        "tail": tail(metric) if metric.kind is Kind.PERCENTILE else None,
        "reference": references.get(rule.metric),
        "alpha": alpha,
        "beta": FALSE_WINNER if rule.bound == "better_by" else FALSE_PASS,
        "horizon": horizon,
    }


def _queries(
    rules: list[EvidenceRule],
    catalog: Mapping[str, Metric],
    variants: Variants,
    references: Mapping[str, float],
    period: int,
) -> list[Request]:
    """The MetricDataQueries of a bake, one per Id: the values that people read, and the counts that tests take."""
    found: dict[str, Request] = {}
    for role, variant in (("candidate", variants.candidate), ("stable", variants.against)):
        asked = [rule for rule in rules if role == "candidate" or rule.compares]
        if not variant or (role == "stable" and not asked):
            continue
        here = {"EndpointName": variants.endpoint, "VariantName": variant}
        found[f"{role}_requests"] = metric_stat("Invocations", INVOCATIONS, here, period, "Sum")
        for rule in asked:
            metric, name = catalog[rule.metric], f"{role}_{rule.metric}"
            at = (metric.namespace, here | dict(metric.dimensions), period)
            found[name] = metric_stat(metric.name, *at, metric.statistic)
            if metric.per:
                found[f"{name}_of"] = metric_stat(metric.per, *at, "Sum")
            for threshold, latency in _thresholds(rule, metric, references, role).items():
                found[f"{name}_{threshold}"] = metric_stat(metric.name, *at, f"PR(:{latency:.0f})")
    return [{"Id": name, "MetricStat": stat, "ReturnData": True} for name, stat in found.items()]


def _thresholds(rule: EvidenceRule, metric: Metric, references: Mapping[str, float], role: str) -> dict[str, float]:
    """The latencies (microseconds) above which requests of ``role`` count as slow, by the suffix of the query.

    ``PR(:x)`` is the percentage of the data points that are x or less (docs: CloudWatch, Statistics definitions).
    """
    if metric.kind is not Kind.PERCENTILE:
        return {}
    if not rule.compares:
        return {"over": rule.value}
    reference = references.get(rule.metric)
    if not reference:
        return {}
    margin = rule.value if rule.bound == "margin" else -rule.value
    beyond = {"beyond": reference * (1.0 + margin)} if role == "candidate" else {}
    return {"slow": reference, **beyond}


def read_series(results: list[Request]) -> Series:
    """The answers of GetMetricData (``MetricDataResults``), by query id and timestamp, without what is no number."""
    series = {result["Id"]: dict(zip(result["Timestamps"], result["Values"], strict=False)) for result in results}
    for name, found in series.items():
        if not all(map(isfinite, found.values())):
            series[name] = {at: value for at, value in found.items() if isfinite(value)}
    return series


_WORST_LAST = (Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.FAIL)


def worst(verdicts: list[Verdict]) -> Verdict:
    """The verdict of several together: one Fail fails, nothing missing ever passes. Pass when there are none."""
    return max(verdicts, key=_WORST_LAST.index, default=Verdict.PASS)


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
    """CloudWatch may answer in part (botocore GetMetricData StatusCode); what is missing could be what matters. So
    could a value that is no number, or that has no time."""
    return [
        Finding(result["Id"], Verdict.ERROR, f"CloudWatch answered {told} about {result['Id']}.")
        for result in results
        if (told := _incomplete(result))
    ]


def _incomplete(result: Request) -> str:
    """What is wrong with one answer, empty if nothing is."""
    status: str = result.get("StatusCode", "Complete")
    if status != "Complete":
        return status
    if len(result["Timestamps"]) != len(result["Values"]):
        return f"{len(result['Values'])} values for {len(result['Timestamps'])} periods"
    return "" if all(map(isfinite, result["Values"])) else "values that are no numbers"


def judge_split(split: Mapping[str, float], series: Series, since: str) -> list[Finding]:
    """Variants whose requests did not split by their weights cannot be compared: whatever sent them elsewhere may have
    chosen which. Only whole periods of this bake count, as the weights were others before."""
    if not split:
        return []
    candidate, stable = (
        sum(max(value, 0.0) for at, value in series.get(f"{role}_requests", {}).items() if at > since)
        for role in ("candidate", "stable")
    )
    share = split["candidate"] / (split["candidate"] + split["stable"])
    if not split_mismatch(candidate, stable, share):
        return []
    found, wanted = (f"{part * 100:.1f} %" for part in (candidate / (candidate + stable), share))
    said = (
        f"The comparison is void: the candidate served {candidate:.0f} of {candidate + stable:.0f} requests, {found}, "
        f"where its weight asks for {wanted}. Find out what routes requests past the weights (a TargetVariant header, "
        "sticky sessions, retries)."
    )
    return [Finding("traffic split", Verdict.ERROR, said)]


def judge_rules(task: Request, series: Series) -> list[Finding]:
    """What each rule found; those that compare are not judged on a split that was not as configured."""
    bake = task["bake"]
    void = judge_split(present_split(task), series, task["since"])
    rules = [rule for rule in bake["rules"] if not (void and rule["bound"] in COMPARING)]
    return void + [weigh(rule, series, bake["period"]) for rule in rules]


_REASONS = {
    Verdict.PASS: Reason.DELIVERED,
    Verdict.FAIL: Reason.EVIDENCE_FAILED,
    Verdict.ERROR: Reason.EVIDENCE_ERROR,
    Verdict.INCONCLUSIVE: Reason.EVIDENCE_INCONCLUSIVE,
}


def judge(task: Request) -> Request:
    """Judge the evidence at one look.

    ``task`` holds the step's ``bake``, the ``results`` of GetMetricData since the release's first bake, the ``alarms``
    of DescribeAlarms, the ``error`` if either could not be asked, how many ``looks`` this bake has had before, the
    ``split`` of the traffic, and ``since`` when it has been so (ISO 8601). Answers ``{"verdict", "next", "seconds",
    "reason", "sentence", "findings", "winner", "percent", "split"}``: next is one of Advance, Look, Reallocate, Hold,
    RollBack; then the seconds until the next look, the candidate's ``percent`` at this one, and the ``split`` from here
    on. With Reallocate comes the ``step`` that sets it. A record judged again gives the same answer.
    """
    series = read_series(task["results"])
    if task["error"]:
        alarms = judge_alarms([], task["alarms"])
        said = f"The candidate could not be measured: {task['error'].rstrip('.')}."
        measured = [Finding("measurement", Verdict.ERROR, said)]
    else:
        alarms = judge_alarms(task["bake"]["alarms"], task["alarms"])
        measured = judge_answers(task["results"]) + judge_rules(task, series)
    findings = alarms + measured
    verdict = worst([finding.verdict for finding in findings])
    raised = any(finding.verdict is Verdict.FAIL for finding in alarms)
    reason = Reason.ALARM_RAISED if raised else _REASONS[verdict]
    following, seconds = follow(verdict, task["bake"], task["looks"] + 1)
    won, split = winner(task["bake"]["rules"], verdict, findings), present_split(task)
    sentences = [finding.sentence for finding in findings if finding.verdict is verdict] or [
        "No alarm was raised and the policy has no rules."
    ]
    sentences += tell_winner(won, over=following in ("Advance", "RollBack"))
    answer = {
        "verdict": str(verdict),
        "next": following,
        "seconds": seconds,
        "reason": str(reason),
        "sentence": " ".join(sentences),
        "findings": [finding.as_dict() for finding in findings],
        "winner": won,
        "percent": split.get("candidate", task["bake"]["percent"]),
        "split": split,
    }
    return reallocated(answer, task["bake"], findings, series)


def follow(verdict: Verdict, bake: Request, look: int) -> tuple[str, int]:
    """What a verdict at the ``look``-th look leads to, and the seconds until the next one.

    A Fail ends the bake at any look; nothing else does before the bake has lasted as long as the policy says. What
    could not be told is looked at again for as many further bakes as the policy allows, and then is its choice; what
    could not be *measured* never advances.
    """
    last = bake["looks"] * bake["bakes"]
    if verdict is Verdict.FAIL:
        return "RollBack", 0
    if verdict is Verdict.PASS and look >= bake["looks"]:
        return "Advance", 0
    if look < last:
        return "Look", bake["wait"]
    if verdict is Verdict.INCONCLUSIVE and bake["then"] == "promote":
        return "Advance", 0
    return ("Hold", HELD) if bake["then"] == "hold" and look == last else ("RollBack", 0)
