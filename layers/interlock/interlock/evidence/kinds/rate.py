"""A share of requests: hits (errors, conversions) over requests."""

from __future__ import annotations

from math import exp

from interlock.evidence.bounds import Known, Method, chances, compared_ratio, counts, edge, limited_share
from interlock.evidence.measurements import Seen, average
from interlock.evidence.metrics import Metric
from interlock.model.request import Request


def _queries(metric: Metric, rule: Request, role: str) -> dict[str, tuple[str, str]]:
    return {"of": (metric.per, "Sum")} if metric.per else {}


def _value(seen: Seen, variant: str) -> float | None:
    pairs = zip(seen.values(variant), seen.weights(variant), strict=True)
    return average([hits / requests if requests else 0.0 for hits, requests in pairs], seen.shared)


def _limited(seen: Seen) -> Known:
    return limited_share(seen.rule, seen.values("candidate"), seen.weights("candidate"), seen.rule["value"])


def _compared(seen: Seen) -> Known:
    from interlock.statistics.rates import dispersion, ratio_bounds, ratio_exceeds, swapped

    rule, margin = seen.rule, edge(seen.rule)
    periods = counts(seen, seen.values("candidate"), seen.values("stable"))
    spread, (alpha, beta) = dispersion(periods), chances(rule)
    known = compared_ratio(
        rule,
        ratio_bounds(periods, margin, alpha, beta, spread),
        above=ratio_exceeds(periods, 1.0, margin, alpha, spread),
        below=ratio_exceeds(swapped(periods), exp(-margin), margin, beta, spread),
    )
    return _with_level(seen, known)


def _with_level(seen: Seen, known: Known) -> Known:
    """Of few errors, twice as many are still few: below its level a difference does not matter."""
    rule, level = seen.rule, seen.rule["ignore_below"]
    if level is None or rule["bound"] != "margin" or rule["better"] != "lower":
        return known
    from interlock.statistics.rates import rate_bounds

    hits, requests = sum(seen.values("candidate")), sum(seen.weights("candidate"))
    _, high = rate_bounds(hits, requests, level, rule["alpha"], rule["beta"])
    return known._replace(slight=hits < level * requests, negligible=high < level)


def _better(seen: Seen) -> float | None:
    from interlock.statistics.experiments import chance_of_higher_rate

    requests = {each: sum(seen.weights(each)) for each in seen.variants}
    arms = [((_value(seen, each) or 0.0) * requests[each], requests[each]) for each in seen.variants]
    higher, lower = arms if seen.rule["better"] == "higher" else arms[::-1]
    return chance_of_higher_rate(*higher, *lower)


def _alarm(metric: Metric, stat: Request) -> Request:
    """A rate counts only in minutes with three errors or more, so that one error among ten requests does not end a
    release, and must be too high in two of three minutes: the last of them may not be whole yet.

    For each request 1 or 0 is sent, so that the Average is the rate (docs: monitoring-cloudwatch). Errors over another
    metric, that of the requests, would be too high while CloudWatch shows more of the errors than of the requests.
    """
    return {
        "DatapointsToAlarm": 2,
        "Metrics": [
            {"Id": "errors", "MetricStat": stat, "ReturnData": False},
            {"Id": "average", "MetricStat": stat | {"Stat": "Average"}, "ReturnData": False},
            {"Id": "rate", "Expression": "IF(errors >= 3, average, 0)", "Label": metric.title, "ReturnData": True},
        ],
    }


METHOD = Method(
    value=_value,
    limited=_limited,
    compared=_compared,
    alarm=_alarm,
    queries=_queries,
    better=_better,
    hits=True,
)
