"""The measurements that one rule is about."""

from __future__ import annotations

from interlock.evidence.metrics import Kind
from interlock.model.plan import Request

Series = dict[str, dict[str, float]]
"""Datapoints by query id, then by timestamp."""


COMPARING = ("margin", "better_by")


class Seen:
    """The measurements that one rule is about, by period."""

    def __init__(self, rule: Request, series: Series) -> None:
        self.rule, self.series = rule, series
        self.served = series.get("candidate_requests", {})
        self.requests = round(sum(self.served.values()))
        self.variants = ("candidate", "stable") if rule["bound"] in COMPARING else ("candidate",)
        measured = [self.denominators(variant) for variant in self.variants]
        if not rule["own"]:
            measured += [series.get(f"{variant}_{rule['metric']}", {}) for variant in self.variants]
        measured += [series.get(count, {}) for count in _counts(rule)]
        self.times = sorted(set(measured[0]).intersection(*measured[1:]))
        self.measured = round(sum([self.served.get(at, 0.0) for at in self.times]))
        shared = self._shared_weights()
        self.value = {variant: self._value(variant, shared) for variant in self.variants}
        """By variant: the metric over all periods, None where it has no requests."""

    def denominators(self, variant: str) -> dict[str, float]:
        """Requests of a variant by period; of an own rate, what it counts per."""
        name = f"{variant}_{self.rule['metric']}_of" if self.rule["own"] else ""
        return self.series.get(name or f"{variant}_requests", {})

    def values(self, variant: str) -> list[float]:
        return self._during(self.series.get(f"{variant}_{self.rule['metric']}", {}))

    def weights(self, variant: str) -> list[float]:
        return self._during(self.denominators(variant))

    def negative(self) -> bool:
        """Whether anything that is counted was counted below zero."""
        hits = [f"{each}_{self.rule['metric']}" for each in self.variants if self.rule["kind"] == Kind.RATE]
        served = [self.series.get(name, {}) for name in (*hits, *(f"{each}_requests" for each in self.variants))]
        counted = [*served, *map(self.denominators, self.variants)]
        return any(min(found.values(), default=0.0) < 0.0 for found in counted)

    def _during(self, found: dict[str, float]) -> list[float]:
        if self.rule["own"]:
            return [found.get(at, 0.0) for at in self.times]
        return list(map(found.__getitem__, self.times))

    def arms(self) -> list[tuple[float, float]]:
        """Hits and requests of both variants of a rate, candidate first where more is better and stable first where
        less is: if the candidate is the better one, the first has the higher rate."""
        requests = {each: sum(self.weights(each)) for each in self.variants}
        counts = [((self.value[each] or 0.0) * requests[each], requests[each]) for each in self.variants]
        return counts if self.rule["better"] == "higher" else counts[::-1]

    def slow(self, variant: str, threshold: str = "slow") -> list[float]:
        """Requests above a threshold: CloudWatch says what percentage lies at or below it."""
        ranks, requests = self.series[f"{variant}_{self.rule['metric']}_{threshold}"], self.denominators(variant)
        return [float(round(requests[at] * max(1.0 - ranks[at] / 100.0, 0.0))) for at in self.times]

    def _shared_weights(self) -> list[float]:
        """What each period counts: its requests or, where two are compared, c s / (c + s) of them for both, as their
        ratio is weighted (Mantel and Haenszel 1959): traffic that moves from one to the other cannot feign a
        difference."""
        weights = self.weights("candidate")
        if len(self.variants) == 1:
            return weights
        both = zip(weights, self.weights("stable"), strict=True)
        return [mine * other / (mine + other) if mine + other else 0.0 for mine, other in both]

    def _value(self, variant: str, weights: list[float]) -> float | None:
        """A rate or a latency weighted by the requests, else a plain mean."""
        values = self.values(variant)
        if self.rule["kind"] == Kind.RATE:
            served = self.weights(variant)
            values = [value / own if own else 0.0 for value, own in zip(values, served, strict=True)]
        elif self.rule["unit"] != "us":
            weights = [1.0] * len(values)
        whole = sum(weights)
        return sum([value * weight for value, weight in zip(values, weights, strict=True)]) / whole if whole else None


def _counts(rule: Request) -> list[str]:
    """The queries that count the slow requests of a percentile. A period without their answer is not one without
    slow requests."""
    if rule["kind"] != Kind.PERCENTILE:
        return []
    metric = rule["metric"]
    if rule["bound"] not in COMPARING:
        return [f"candidate_{metric}_over"]
    return [f"candidate_{metric}_slow", f"candidate_{metric}_beyond", f"stable_{metric}_slow"]
