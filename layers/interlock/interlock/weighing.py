"""Weighs one rule: what the measurements say about the candidate, how sure that is, and what would make it surer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp, inf, isfinite, log
from typing import Any

from interlock.distributions import student_tail
from interlock.experiments import chance_of_higher_rate
from interlock.metrics import Kind
from interlock.plan import Request
from interlock.sentences import tell
from interlock.sequential import Counts, mean_bounds, rate_bounds, ratio_bounds, ratio_exceeds

TAIL_INDEX = 4.0
"""How much rarer slow requests are taken to get as latency grows, as a power of it: a percentile's margin says by how
much the count of slow requests should be found to differ. Any value is safe; it only sets where the test is
sharpest."""


class Verdict(StrEnum):
    """What evidence says. Failed is not the same as not measured, and neither is the same as too little to tell."""

    PASS = "Pass"
    INCONCLUSIVE = "Inconclusive"
    ERROR = "Error"
    FAIL = "Fail"


Series = dict[str, dict[str, float]]
"""Datapoints by query id, then by timestamp."""


@dataclass(frozen=True)
class Known:
    """What is known of the quantity that a rule bounds: an estimate between two bounds, all on the rule's scale.

    ``above`` and ``below`` say what is proven: that it lies above the lower edge, or below the upper one. A rule that
    compares has two edges, no difference (0) and the margin; a limit is both.
    """

    estimate: float
    low: float
    high: float
    above: bool
    below: bool


@dataclass(frozen=True)
class Finding:
    """What one rule concluded; the numbers are absent where nothing could be told.

    ``candidate`` and ``stable`` are the metric's values in its ``unit``. ``interval`` and ``limit`` are on ``scale``:
    the unit of the metric; ``share`` of slow requests where a percentile has a limit; or ``relative``, the difference
    to stable as a fraction, positive for worse (margin) or for better (better_by). ``needs``: how many more requests
    to the candidate, and seconds at the present traffic, would probably tell. ``best``: the probability that the
    candidate is the better one.
    """

    rule: str
    verdict: Verdict
    sentence: str
    bound: str = ""
    unit: str = ""
    scale: str = ""
    candidate: float | None = None
    stable: float | None = None
    difference: float | None = None
    interval: tuple[float | None, float | None] | None = None
    limit: float | None = None
    requests: int = 0
    periods: int = 0
    needs: Request | None = None
    best: float | None = None

    def as_dict(self) -> Request:
        interval = list(self.interval) if self.interval else None
        return {**self.__dict__, "verdict": str(self.verdict), "interval": interval}


def weigh(rule: Request, series: Series, period: int) -> Finding:
    """Hold one rule against the measurements, which are sums and averages of periods of ``period`` seconds."""
    seen = _Seen(rule, series)
    blank = Finding(
        rule["metric"], Verdict.ERROR, "", rule["bound"], rule["unit"], requests=seen.requests, periods=len(seen.times)
    )
    missing = _missing(rule, seen)
    if missing:
        return replace(blank, verdict=missing[0], sentence=missing[1])
    known, scale = _KNOWN[rule["bound"] in COMPARING, Kind(rule["kind"])](rule, seen)
    finding = replace(
        blank,
        scale=scale,
        candidate=seen.value("candidate"),
        stable=seen.value("stable") if rule["bound"] in COMPARING else None,
        difference=_relative(rule, known.estimate) if scale == "relative" else None,
        interval=_interval(rule, known, scale),
        limit=rule["tail"] if rule["kind"] == Kind.PERCENTILE and scale == "share" else rule["value"],
        verdict=_verdict(rule, known, seen),
        best=_best(rule, seen),
    )
    if finding.verdict is Verdict.INCONCLUSIVE:
        finding = replace(finding, needs=_needs(rule, known, seen, period))
    return replace(finding, sentence=tell(rule, finding.as_dict()))


COMPARING = ("margin", "better_by")


class _Seen:
    """The measurements that one rule is about, by period."""

    def __init__(self, rule: Request, series: Series) -> None:
        self.rule, self.series = rule, series
        self.served = series.get("candidate_requests", {})
        self.requests = round(sum(self.served.values()))
        variants = ("candidate", "stable") if rule["bound"] in COMPARING else ("candidate",)
        measured = [self.denominators(variant) for variant in variants]
        if not rule["own"]:
            measured += [series.get(f"{variant}_{rule['metric']}", {}) for variant in variants]
        measured += [series.get(count, {}) for count in _counts(rule)]
        self.times = sorted(set.intersection(*(set(found) for found in measured)))
        self.measured = round(sum(self.served.get(at, 0.0) for at in self.times))

    def denominators(self, variant: str) -> dict[str, float]:
        """Requests of a variant by period; of an own rate, what it counts per."""
        name = f"{variant}_{self.rule['metric']}_of" if self.rule["own"] else ""
        return self.series.get(name or f"{variant}_requests", {})

    def values(self, variant: str) -> list[float]:
        found = self.series.get(f"{variant}_{self.rule['metric']}", {})
        return [found.get(at, 0.0) for at in self.times]

    def weights(self, variant: str) -> list[float]:
        found = self.denominators(variant)
        return [found.get(at, 0.0) for at in self.times]

    def slow(self, variant: str, threshold: str = "slow") -> list[float]:
        """Requests above a threshold: CloudWatch says what percentage lies at or below it."""
        ranks, requests = self.series[f"{variant}_{self.rule['metric']}_{threshold}"], self.denominators(variant)
        return [float(round(requests[at] * (1.0 - ranks[at] / 100.0))) for at in self.times]

    def value(self, variant: str) -> float | None:
        """The metric over all periods: a rate of all requests; a latency weighted by them; else a plain mean."""
        values, weights = self.values(variant), self.weights(variant)
        if self.rule["kind"] == Kind.RATE:
            return sum(values) / sum(weights) if sum(weights) else None
        if self.rule["unit"] != "us":
            return sum(values) / len(values) if values else None
        return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights) if sum(weights) else None


def _counts(rule: Request) -> list[str]:
    """The queries that count the slow requests of a percentile. A period without their answer is not one without
    slow requests."""
    if rule["kind"] != Kind.PERCENTILE:
        return []
    metric = rule["metric"]
    if rule["bound"] not in COMPARING:
        return [f"candidate_{metric}_over"]
    return [f"candidate_{metric}_slow", f"candidate_{metric}_beyond", f"stable_{metric}_slow"]


def _missing(rule: Request, seen: _Seen) -> tuple[Verdict, str] | None:
    """Why nothing can be said, if nothing can: no requests is too little to tell, requests without data is an error."""
    title = rule["title"]
    if not seen.requests:
        return Verdict.INCONCLUSIVE, f"The candidate served no request, so nothing is known of its {title}."
    compares = rule["bound"] in COMPARING
    if compares and not sum(seen.series.get("stable_requests", {}).values()):
        return Verdict.INCONCLUSIVE, f"Stable served no request, so there is nothing to compare the {title} with."
    if compares and rule["kind"] == Kind.PERCENTILE and not rule["reference"]:
        said = f"Stable's {title} was not known when the release was planned, so nothing can be compared with it."
        return Verdict.INCONCLUSIVE, said
    least = rule["min_requests"] if compares or rule["own"] else max(rule["min_requests"], seen.requests / 2)
    if seen.requests >= rule["min_requests"] and seen.measured < least:
        of = " of both variants" if compares else ""
        said = f"CloudWatch has the {title}{of} for {seen.measured} of the {seen.requests} requests of the candidate."
        return Verdict.ERROR, said
    if seen.value("candidate") is None:
        return Verdict.INCONCLUSIVE, f"CloudWatch has no {title} yet for the {seen.requests} requests of the candidate."
    return None


def _verdict(rule: Request, known: Known, seen: _Seen) -> Verdict:
    """Fail needs no minimum of requests: the tests themselves say when few are enough."""
    good, bad = known.below, known.above
    if rule["bound"] in ("min", "better_by"):
        good, bad = known.above, known.below
    if rule["bound"] in COMPARING:
        matters = known.estimate > _edge(rule) / 2.0
        good, bad = (good, bad and matters) if rule["bound"] == "margin" else (good and matters, bad)
        bad = bad and not _negligible(rule, seen, proven=False)
        good = good or _negligible(rule, seen, proven=True)
    if bad:
        return Verdict.FAIL
    if seen.requests < rule["min_requests"]:
        return Verdict.INCONCLUSIVE
    return Verdict.PASS if good else Verdict.INCONCLUSIVE


def _negligible(rule: Request, seen: _Seen, *, proven: bool) -> bool:
    """Whether the candidate's rate lies below the level at which a difference starts to matter."""
    level: float | None = rule["ignore_below"]
    if level is None or rule["kind"] != Kind.RATE or rule["bound"] != "margin" or rule["better"] != "lower":
        return False
    hits, requests = sum(seen.values("candidate")), sum(seen.weights("candidate"))
    if not proven:
        return hits < level * requests
    return rate_bounds(hits, requests, level, rule["alpha"], rule["beta"])[1] < level


def _chances(rule: Request) -> tuple[float, float]:
    """The chances of error of the lower and of the upper bound: ``alpha`` where a candidate fails, ``beta`` where it
    passes."""
    fails_above = rule["bound"] in ("max", "margin")
    return (rule["alpha"], rule["beta"]) if fails_above else (rule["beta"], rule["alpha"])


def _orientation(rule: Request) -> float:
    """1 where a larger ratio of candidate to stable is what the rule asks about, -1 where a smaller one is."""
    return 1.0 if (rule["bound"] == "margin") == (rule["better"] == "lower") else -1.0


def _edge(rule: Request) -> float:
    """The margin on the scale of the comparison: the logarithm of a ratio, oriented."""
    side = _orientation(rule)
    return side * log(1.0 + side * rule["value"])


def _relative(rule: Request, known: float) -> float:
    """A place on that scale as a difference that people read: 0.1 is ten percent."""
    side = _orientation(rule)
    return side * (exp(max(min(side * known, 50.0), -50.0)) - 1.0)


def _limited_rate(rule: Request, seen: _Seen) -> tuple[Known, str]:
    return _limited(seen.values("candidate"), seen.weights("candidate"), rule["value"], rule), "share"


def _limited_percentile(rule: Request, seen: _Seen) -> tuple[Known, str]:
    """A percentile within a limit is a share of requests above that limit which is small enough."""
    return _limited(seen.slow("candidate", "over"), seen.weights("candidate"), rule["tail"], rule), "share"


def _limited(hits: list[float], requests: list[float], limit: float, rule: Request) -> Known:
    low_chance, high_chance = _chances(rule)
    low, high = rate_bounds(sum(hits), sum(requests), limit, low_chance, high_chance)
    estimate = sum(hits) / sum(requests) if sum(requests) else 0.0
    return Known(estimate, low, high, low > limit, high <= limit)


def _limited_mean(rule: Request, seen: _Seen) -> tuple[Known, str]:
    found = mean_bounds(seen.values("candidate"), rule["horizon"], *_chances(rule))
    limit = rule["value"]
    return Known(found.mean, found.low, found.high, found.low > limit, found.high <= limit), rule["unit"]


def _compared_rate(rule: Request, seen: _Seen) -> tuple[Known, str]:
    periods = _periods(rule, seen, seen.values("candidate"), seen.values("stable"))
    return _compared(rule, periods, periods, _edge(rule), _edge(rule)), "relative"


def _compared_percentile(rule: Request, seen: _Seen) -> tuple[Known, str]:
    """Slower than stable: more requests above stable's own percentile. Slower by the margin: as many requests above
    that percentile stretched by the margin as stable has above the percentile itself."""
    slow = _periods(rule, seen, seen.slow("candidate"), seen.slow("stable"))
    beyond = _periods(rule, seen, seen.slow("candidate", "beyond"), seen.slow("stable"))
    return _compared(rule, slow, beyond, TAIL_INDEX * _edge(rule), 0.0), "relative"


def _compared(rule: Request, periods: list[Counts], stretched: list[Counts], effect: float, shift: float) -> Known:
    """The logarithm of the ratio of two rates.

    ``stretched`` are the counts that the margin is judged by, and ``shift`` the ratio they have when the candidate is
    worse by just the margin. Where the two differ, the ratio of counts is read as one of latencies, by how fast the
    counts thin out from one threshold to the other.
    """
    chances, edge = _chances(rule), _edge(rule)
    above = ratio_exceeds(periods, 1.0, effect, chances[0])
    below = ratio_exceeds([period.swapped() for period in stretched], exp(-shift), effect, chances[1])
    estimate, low, _ = ratio_bounds(periods, effect, *chances)
    far, _, high = ratio_bounds(stretched, effect, *chances)
    if shift == 0.0:
        steep = (estimate - far) / edge
        steep = steep if steep > 0.1 else TAIL_INDEX
        estimate, low, high = estimate / steep, low / steep, edge + high / steep
    low = max(low, 1e-9) if above else min(low, 0.0)
    high = min(high, edge - 1e-9) if below else max(high, edge)
    return Known(estimate, low, high, above, below)


def _periods(rule: Request, seen: _Seen, candidate: list[float], stable: list[float]) -> list[Counts]:
    weights = zip(seen.weights("candidate"), seen.weights("stable"), strict=True)
    counts = [Counts(c, s, n, m) for c, s, (n, m) in zip(candidate, stable, weights, strict=True)]
    return counts if _orientation(rule) > 0 else [period.swapped() for period in counts]


def _compared_mean(rule: Request, seen: _Seen) -> tuple[Known, str]:
    """Period by period, the logarithm of the ratio of the two means: what both share cancels out."""
    found = mean_bounds(_ratios(rule, seen), rule["horizon"], *_chances(rule))
    return Known(found.mean, found.low, found.high, found.low > 0.0, found.high < _edge(rule)), "relative"


def _ratios(rule: Request, seen: _Seen) -> list[float]:
    """Where a value is not positive there is no ratio: then differences, in units of stable's mean."""
    side, pairs = _orientation(rule), list(zip(seen.values("candidate"), seen.values("stable"), strict=True))
    if all(candidate > 0.0 and stable > 0.0 for candidate, stable in pairs):
        return [side * log(candidate / stable) for candidate, stable in pairs]
    usual = abs(sum(stable for _, stable in pairs)) / len(pairs) or 1.0
    return [side * (candidate - stable) / usual for candidate, stable in pairs]


_KNOWN: dict[tuple[bool, Kind], Any] = {
    (False, Kind.RATE): _limited_rate,
    (False, Kind.PERCENTILE): _limited_percentile,
    (False, Kind.MEAN): _limited_mean,
    (True, Kind.RATE): _compared_rate,
    (True, Kind.PERCENTILE): _compared_percentile,
    (True, Kind.MEAN): _compared_mean,
}


FARTHEST = 10.0
"""The largest relative difference that is told as a bound: what lies further says no more than that little is known."""


def _interval(rule: Request, known: Known, scale: str) -> tuple[float | None, float | None]:
    """The bounds on ``scale``, None where there is none that says something."""
    least, most = -inf, inf
    low, high = known.low, known.high
    if scale == "relative":
        low, high = _relative(rule, low), _relative(rule, high)
        least, most = (-0.99, FARTHEST) if _orientation(rule) > 0 else (-FARTHEST, 0.99)
    elif scale in ("us", "%"):
        least = 0.0
    return (low if least < low < inf else None), (high if -inf < high < most else None)


LEAST_MORE = 0.1
"""Of the data so far: what is always lacking to a verdict that is not there yet."""

LONGEST_OUTLOOK = 30 * 86_400
"""Seconds; what would take longer to tell is not worth naming."""


def _needs(rule: Request, known: Known, seen: _Seen, period: int) -> Request | None:
    """How much more would probably tell: bounds close in as the square root of the data."""
    lacking = max(rule["min_requests"] - seen.requests, 0)
    lower, upper = (0.0, _edge(rule)) if rule["bound"] in COMPARING else (rule["value"], rule["value"])
    if rule["kind"] == Kind.PERCENTILE and rule["bound"] not in COMPARING:
        lower = upper = rule["tail"]
    distances = [
        (known.high - known.estimate) / (upper - known.estimate) if known.estimate < upper else inf,
        (known.estimate - known.low) / (known.estimate - lower) if known.estimate > lower else inf,
    ]
    nearest = min(distances)
    more = max(nearest**2 - 1.0, LEAST_MORE) if isfinite(nearest) else 0.0
    requests = max(round(seen.requests * more), lacking)
    seconds = round(requests / seen.requests * len(seen.times) * period)
    return {"requests": requests, "seconds": seconds} if 0 < seconds <= LONGEST_OUTLOOK else None


def _best(rule: Request, seen: _Seen) -> float | None:
    """The probability that the candidate is the better variant, for a rule that asks whether it is."""
    if rule["bound"] != "better_by" or rule["kind"] == Kind.PERCENTILE:
        return None
    if rule["kind"] == Kind.MEAN:
        found = mean_bounds(_ratios(rule, seen), rule["horizon"], *_chances(rule))
        return 1.0 - student_tail(found.mean / found.error, found.blocks - 1) if 0.0 < found.error < inf else None
    candidate = sum(seen.values("candidate")), sum(seen.weights("candidate"))
    stable = sum(seen.values("stable")), sum(seen.weights("stable"))
    pair = (candidate, stable) if rule["better"] == "higher" else (stable, candidate)
    return chance_of_higher_rate(*pair[0], *pair[1])
