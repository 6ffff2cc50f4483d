"""Stable's own percentiles before the release. They define which requests of both variants count as slow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from interlock.delivery.observed import Observed
from interlock.evidence.looks import LATE_METRICS
from interlock.evidence.metrics import Metric, metric_stat
from interlock.model.observation import Endpoint
from interlock.model.quantities import in_iso
from interlock.model.request import Request
from interlock.policy.stage import Stage

WINDOW = timedelta(hours=24)
"""The time before the plan is made, up to the minutes that are not whole yet. A whole day, because traffic changes with
the hour."""

PERIOD = 3600
"""Seconds. One percentile for each hour, so that one bad hour does not decide which requests count as slow."""

Catalog = Mapping[str, Metric]


def compared_percentiles(stage: Stage, catalog: Catalog) -> tuple[str, ...]:
    """The percentile metrics that ``stage`` compares with stable."""
    compared = (rule.metric for rule in stage.evidence if rule.compares)
    return tuple(dict.fromkeys(name for name in compared if catalog[name].kind.tailed))


def reference_queries(names: tuple[str, ...], catalog: Catalog, endpoint: Endpoint, now: str) -> Request:
    """The queries about stable before a plan can be made: ``{"queries", "start", "end"}`` of GetMetricData.

    ``now``: ISO 8601.
    """
    variant = {"EndpointName": endpoint.name, "VariantName": endpoint.variants[0].name}
    end = _whole_until(now)
    return {
        "queries": [
            {
                "Id": name,
                "MetricStat": metric_stat(
                    metric.name, metric.namespace, {**variant, **metric.dimensions}, PERIOD, metric.statistic
                ),
                "ReturnData": True,
            }
            for name, metric in ((name, catalog[name]) for name in names)
        ],
        "start": in_iso(end - WINDOW),
        "end": in_iso(end),
    }


def _whole_until(now: str) -> datetime:
    return datetime.fromisoformat(now) - timedelta(seconds=LATE_METRICS)


def references(names: tuple[str, ...], observed: Observed, now: str) -> dict[str, float]:
    """Stable's median hourly percentile (microseconds) of each metric for which CloudWatch has data."""
    values = {name: _hours(result, now) for name, result in _results(observed).items()}
    return {name: _median(values[name]) for name in names if values.get(name)}


def _hours(result: Request, now: str) -> list[float]:
    """The values of whole hours. CloudWatch may count hours by the clock, and of the last one know the beginning: that
    stands for stable only where there is no other."""
    begun = _whole_until(now) - timedelta(seconds=PERIOD)
    found: list[tuple[str, float]] = list(zip(result["Timestamps"], result["Values"], strict=False))
    return [value for at, value in found if datetime.fromisoformat(at) <= begun] or [value for _, value in found]


def _results(observed: Observed) -> dict[str, Request]:
    """The answer about each metric. It may come in pages, of which the last says whether it is complete."""
    found: dict[str, Request] = {}
    for page in (observed.found("measured") or {}).get("MetricDataResults", []):
        before = found.get(page["Id"], {"Timestamps": [], "Values": []})
        found[page["Id"]] = {**page, **{each: [*before[each], *page[each]] for each in ("Timestamps", "Values")}}
    return found


def unanswered(names: tuple[str, ...], observed: Observed) -> str:
    """What CloudWatch left out of its answer, or answered in part (botocore GetMetricData StatusCode); empty if
    nothing. That is not the same as no requests, so it is worth asking again."""
    if observed.found("measured") is None:
        return ""
    statuses = {name: result.get("StatusCode", "Complete") for name, result in _results(observed).items()}
    said = [f"{statuses.get(name, 'nothing')} about {name}" for name in names if statuses.get(name) != "Complete"]
    return f"CloudWatch answered {', '.join(said)}." if said else ""


def _median(values: list[float]) -> float:
    """The median of ``values``, which are not empty."""
    ordered, middle = sorted(values), len(values) // 2
    return (ordered[middle] + ordered[~middle]) / 2


def unmeasured(
    names: tuple[str, ...], known: Mapping[str, float], catalog: Catalog, observed: Observed
) -> tuple[str, ...]:
    """A warning for each metric whose percentile of stable is not ``known``."""
    missing = [name for name in names if name not in known]
    why = observed.cause("measured") or "no requests in the last 24 h"
    return tuple(
        f"The {catalog[name].title} of stable could not be measured ({why}); its rule cannot be judged."
        for name in missing
    )
