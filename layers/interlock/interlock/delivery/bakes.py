"""Compiles a bake: what to measure while the candidate has traffic, and the rules that it must keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from interlock.evidence.kinds.registry import METHODS
from interlock.evidence.looks import LATE_METRICS
from interlock.evidence.metrics import COMPARING, INVOCATIONS, Metric, metric_stat, tail
from interlock.model.plan import ABORT, HELD, PAUSE, PROMOTE, Step
from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.policy.rules import EvidenceRule
from interlock.policy.stage import Stage

FALSE_ROLLBACK = 0.05
"""Chance that a good enough candidate is rolled back on evidence, over the whole release and all rules."""

FALSE_PASS = 0.10
"""Chance that a rule passes a candidate that is beyond the limit or worse by the margin."""

FALSE_WINNER = 0.05
"""Chance that a candidate is called better than stable although it is not."""

MOST_POINTS = 300
"""Periods per metric that a judgement reads."""

MOST_VALUES = 4000
"""Datapoints of all metrics together: Step Functions holds at most 256 KiB of state, and a datapoint some 45 B."""

MINUTES_KEPT, FIVE_MINUTES_KEPT = 15 * 86_400, 63 * 86_400
"""Seconds for which CloudWatch keeps data by the minute and by five minutes. It keeps hourly data for longer than any
release takes (docs: AmazonCloudWatch/latest/monitoring/cloudwatch_concepts)."""


@dataclass(frozen=True)
class Variants:
    """The variants to measure. ``against``: the one to compare with, None if it has no traffic. ``component``: the
    inference component to measure instead, if it is one (docs: monitoring-cloudwatch, InferenceComponentName)."""

    endpoint: str
    candidate: str
    against: str | None = None
    component: str = ""

    def dimensions(self, variant: str) -> dict[str, str]:
        """Of the metrics of ``variant``."""
        if self.component:
            return {"InferenceComponentName": self.component}
        return {"EndpointName": self.endpoint, "VariantName": variant}


@dataclass(frozen=True)
class Wait:
    """How long a watched wait lasts, in seconds, and how often it is looked. ``planned``: the length that its tests are
    made for. ``longest``: for how long its data may have to be read, and ``held``: how much more if a person lets it
    wait."""

    seconds: int
    looks: int
    planned: int
    longest: int
    held: int = 0


def bake(
    stage: Stage,
    catalog: Mapping[str, Metric],
    percent: int,
    variants: Variants,
    alarms: tuple[str, ...],
    references: Mapping[str, float],
    planned: int,
) -> Step:
    """A watched wait with the candidate at ``percent`` of the traffic.

    ``references``: stable's percentiles before the release, in microseconds. ``planned``: seconds for which candidate
    and stable should have traffic side by side in this release, without extensions; the tests are made for that length.
    """
    seconds, again = stage.watched[percent], stage.inconclusive
    longest, held = sum(stage.watched.values()) * again.bakes, HELD if again.then == "hold" else 0
    wait = Wait(seconds, stage.strategy.looks, planned or seconds, longest, held)
    judged = watched(stage, catalog, variants, alarms, references, wait)
    comparing = any(rule["bound"] in COMPARING for rule in judged["rules"])
    asks = stage.strategy.names_winner == "person"
    return Step(
        "Bake",
        f"{_watching(stage, percent)} for {in_words(seconds)}{', then ask a person who wins' if asks else ''}",
        bake={
            **judged,
            "percent": percent,
            **({} if percent else {"copies": stage.strategy.copied}),
            **({"winner": "person"} if asks else {}),
            "split": _split(stage, percent) if comparing else {},
            "bakes": again.bakes,
            "then": again.then,
        },
        hears=(ABORT, PAUSE, PROMOTE),
    )


def watched(
    stage: Stage,
    catalog: Mapping[str, Metric],
    variants: Variants,
    alarms: tuple[str, ...],
    references: Mapping[str, float],
    wait: Wait,
) -> Request:
    """The queries and rules of each look of a ``wait``, and when it is looked.

    The ``first`` look comes as much later as metrics do, and so does each that follows it by ``wait`` seconds, so that
    the looks together judge all of the wait. After a gate or an approval the evidence begins anew, and a watch has
    data of its own: these parts share the chance to be wrong.
    """
    asked = len(stage.gates) + len(stage.asks_at)
    parts = 1 + asked + (1 if stage.rollback.watch else 0)
    alpha = FALSE_ROLLBACK / max(len(stage.evidence), 1) / parts
    every = [_rule(rule, catalog[rule.metric], references, alpha) for rule in stage.evidence]
    rules = [rule for rule in every if variants.against or rule["bound"] not in COMPARING]
    side_by_side = replace(variants, against=variants.against or variants.candidate)
    between = wait.seconds // wait.looks
    period = _period(wait, len(_queries(every, catalog, side_by_side, 60)))
    return {
        "seconds": wait.seconds,
        "first": between + LATE_METRICS,
        "wait": between,
        "looks": wait.looks,
        "alarms": list(alarms),
        "period": period,
        "queries": _queries(rules, catalog, variants, period),
        "rules": [rule | {"horizon": ceil(wait.planned / period)} for rule in rules],
    }


def _period(wait: Wait, queries: int) -> int:
    """Seconds per datapoint, the same in all bakes of a release, so that each look judges the data of the one before,
    and more. A multiple of a minute; of five minutes if the release may outlast CloudWatch's data by the minute; and of
    an hour if it may outlast those (botocore: MetricStat.Period)."""
    longest = wait.longest
    finest = 60 if longest < MINUTES_KEPT else 300 if longest < FIVE_MINUTES_KEPT else 3600
    values = max(MOST_VALUES // max(queries, 1), 1)
    held = longest + wait.held
    return finest * max(ceil(longest / min(MOST_POINTS, values) / finest), ceil(held / values / finest))


def _watching(stage: Stage, percent: int) -> str:
    if percent:
        return f"Watch the candidate at {percent} %"
    return (
        f"Compare the candidate, which gets copies of {stage.strategy.copied:g} % of the requests and answers nobody,"
    )


def _split(stage: Stage, percent: int) -> dict[str, float]:
    """Percent of the endpoint's traffic that candidate and stable (or the baseline) should get. A shadow gets copies of
    what stable gets."""
    return {"candidate": float(percent) or stage.strategy.copied, "stable": stage.strategy.compared_share(percent)}


def _rule(rule: EvidenceRule, metric: Metric, references: Mapping[str, float], alpha: float) -> Request:
    """A rule as the judge reads it, with all that is needed to judge an old record again. Only the ``horizon`` is still
    missing: the number of periods that the tests are made for."""
    return {
        "metric": rule.metric,
        "kind": metric.kind.name,
        "title": metric.title,
        "unit": metric.unit,
        "better": metric.better,
        "own": bool(metric.per),
        "bound": rule.bound,
        "value": rule.value,
        "min_requests": rule.min_requests,
        "ignore_below": rule.ignore_below,
        "tail": tail(metric) if metric.kind.tailed else None,
        "reference": references.get(rule.metric),
        "alpha": alpha,
        "beta": FALSE_WINNER if rule.bound == "better_by" else FALSE_PASS,
    }


def _queries(rules: list[Request], catalog: Mapping[str, Metric], variants: Variants, period: int) -> list[Request]:
    """The MetricDataQueries of a bake, one per Id: the values that people read, and the counts that the tests use."""
    found: dict[str, Request] = {}
    for role, variant in (("candidate", variants.candidate), ("stable", variants.against)):
        asked = [rule for rule in rules if role == "candidate" or rule["bound"] in COMPARING]
        if not variant or (role == "stable" and not asked):
            continue
        here = variants.dimensions(variant)
        found[f"{role}_requests"] = metric_stat("Invocations", INVOCATIONS, here, period, "Sum")
        for rule in asked:
            metric, name = catalog[rule["metric"]], f"{role}_{rule['metric']}"
            at = (metric.namespace, here | dict(metric.dimensions), period)
            found[name] = metric_stat(metric.name, *at, metric.statistic)
            for part, (counted, statistic) in METHODS[rule["kind"]].queries(metric, rule, role).items():
                found[f"{name}_{part}"] = metric_stat(counted, *at, statistic)
    return [{"Id": name, "MetricStat": stat, "ReturnData": True} for name, stat in found.items()]
