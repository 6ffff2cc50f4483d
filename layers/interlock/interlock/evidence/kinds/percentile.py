"""A latency that all but a given share of the requests stay below.

A percentile itself has no simple test. So it is judged by counts of slow requests, those above a threshold, which
CloudWatch can tell for any threshold.
"""

from __future__ import annotations

from interlock.evidence.bounds import Known, Method, chances, compared_ratio, counts, edge, limited_share
from interlock.evidence.measurements import Seen, average
from interlock.evidence.metrics import COMPARING, Metric
from interlock.model.request import Request

TAIL_INDEX = 4.0
"""How much rarer slow requests are assumed to get as latency grows, as a power of it: a percentile's margin says by how
much the count of slow requests should be found to differ. Any value is safe; it only sets where the test is
sharpest."""

LEAST_STEEP = 0.1
"""Where the counts thin out more slowly than this power of the latency, the assumed one is used."""


def _thresholds(rule: Request, role: str) -> dict[str, float | None]:
    """The latencies (microseconds) above which requests of ``role`` count as slow, by what is put behind the metric's
    name; None where stable's percentile was not known before the release.

    ``over`` is a limit. In a comparison ``slow`` is stable's own percentile, and ``beyond`` that percentile stretched
    by the margin.
    """
    if rule["bound"] not in COMPARING:
        return {"over": rule["value"]}
    reference = rule["reference"] or None
    stretch = 1.0 + (rule["value"] if rule["bound"] == "margin" else -rule["value"])
    beyond = {"beyond": reference and reference * stretch} if role == "candidate" else {}
    return {"slow": reference, **beyond}


def _queries(metric: Metric, rule: Request, role: str) -> dict[str, tuple[str, str]]:
    """``PR(:x)`` is the percentage of the data points that are x or less (docs: CloudWatch, Statistics definitions)."""
    thresholds = _thresholds(rule, role)
    return {part: (metric.name, f"PR(:{limit:.0f})") for part, limit in thresholds.items() if limit is not None}


def _needed(rule: Request) -> list[str]:
    """The counts of slow requests. A period without their answer is not one without slow requests."""
    roles = ("candidate", "stable") if rule["bound"] in COMPARING else ("candidate",)
    return [f"{role}_{rule['metric']}_{part}" for role in roles for part in _thresholds(rule, role)]


def _unknown(rule: Request) -> str:
    if rule["reference"]:
        return ""
    return f"Stable's {rule['title']} was not known when the release was planned, so nothing can be compared with it."


def _value(seen: Seen, variant: str) -> float | None:
    return average(seen.values(variant), seen.shared)


def _limited(seen: Seen) -> Known:
    """A percentile is within a limit if the share of requests above that limit is small enough."""
    return limited_share(seen.rule, _slow(seen, "candidate", "over"), seen.weights("candidate"), seen.rule["tail"])


def _compared(seen: Seen) -> Known:
    """Slower than stable: more requests above stable's own percentile. Slower by the margin: as many requests above
    that percentile stretched by the margin as stable has above the percentile itself.

    How fast the counts thin out from one threshold to the other turns the ratio of counts into one of latencies.
    """
    from interlock.statistics.rates import dispersion, ratio_bounds, ratio_exceeds, swapped

    rule, margin, (alpha, beta) = seen.rule, edge(seen.rule), chances(seen.rule)
    usual, effect = _slow(seen, "stable", "slow"), TAIL_INDEX * margin
    slow = counts(seen, _slow(seen, "candidate", "slow"), usual)
    beyond = counts(seen, _slow(seen, "candidate", "beyond"), usual)
    near_spread, far_spread = dispersion(slow), dispersion(beyond)
    near, low, _ = ratio_bounds(slow, effect, alpha, beta, near_spread)
    far, _, high = ratio_bounds(beyond, effect, alpha, beta, far_spread)
    steep = (near - far) / margin
    steep = steep if steep > LEAST_STEEP else TAIL_INDEX
    return compared_ratio(
        rule,
        (near / steep, low / steep, margin + high / steep),
        above=ratio_exceeds(slow, 1.0, effect, alpha, near_spread),
        below=ratio_exceeds(swapped(beyond), 1.0, effect, beta, far_spread),
    )


def _slow(seen: Seen, variant: str, part: str) -> list[float]:
    """Requests above a threshold, by period: CloudWatch says what percentage lies at or below it."""
    ranks, requests = seen.datapoints(variant, f"_{part}"), seen.denominators(variant)
    return [float(round(requests[at] * max(1.0 - ranks[at] / 100.0, 0.0))) for at in seen.times]


def _alarm(metric: Metric, stat: Request) -> Request:
    return {**stat["Metric"], "Period": stat["Period"], "ExtendedStatistic": stat["Stat"]}


METHOD = Method(
    value=_value,
    limited=_limited,
    compared=_compared,
    alarm=_alarm,
    queries=_queries,
    needed=_needed,
    unknown=_unknown,
    counted="of the requests slower",
)
