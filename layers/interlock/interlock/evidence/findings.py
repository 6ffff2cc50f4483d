"""Weighs one rule: what the measurements say about the candidate, how sure that is, and what would make it surer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import inf, isfinite

from interlock.evidence.bounds import KNOWN, Known, chances, edge, orientation, ratios_of_means, relative
from interlock.evidence.measurements import COMPARING, Seen, Series
from interlock.evidence.metrics import Kind
from interlock.evidence.sentences import tell
from interlock.model.plan import Request
from interlock.statistics.distributions import student_tail
from interlock.statistics.experiments import chance_of_higher_rate
from interlock.statistics.means import mean_bounds
from interlock.statistics.rates import rate_bounds


class Verdict(StrEnum):
    """What evidence says. Failed is not the same as not measured, and neither is the same as too little to tell."""

    PASS = "Pass"
    INCONCLUSIVE = "Inconclusive"
    ERROR = "Error"
    FAIL = "Fail"


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
    seen = Seen(rule, series)
    blank = Finding(
        rule["metric"], Verdict.ERROR, "", rule["bound"], rule["unit"], requests=seen.requests, periods=len(seen.times)
    )
    missing = _missing(rule, seen)
    if missing:
        return replace(blank, verdict=missing[0], sentence=missing[1])
    known, scale = KNOWN[rule["bound"] in COMPARING, Kind(rule["kind"])](rule, seen)
    finding = replace(
        blank,
        scale=scale,
        candidate=seen.value["candidate"],
        stable=seen.value.get("stable"),
        difference=relative(rule, known.estimate) if scale == "relative" else None,
        interval=_interval(rule, known, scale),
        limit=rule["tail"] if rule["kind"] == Kind.PERCENTILE and scale == "share" else rule["value"],
        verdict=_verdict(rule, known, seen),
        best=_best(rule, seen),
    )
    if finding.verdict is Verdict.INCONCLUSIVE:
        finding = replace(finding, needs=_needs(rule, known, seen, period))
    return replace(finding, sentence=tell(rule, finding.as_dict()))


_WHOSE = {"candidate": "the candidate", "stable": "stable"}


def _missing(rule: Request, seen: Seen) -> tuple[Verdict, str] | None:
    """Why nothing can be said, if nothing can: no requests is too little to tell, requests without data is an error."""
    title = rule["title"]
    if seen.negative():
        return Verdict.ERROR, f"CloudWatch counts less than nothing for the {title}; publish no negative counts."
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
    unheard = [each for each in seen.variants if not seen.series.get(f"{each}_{rule['metric']}")]
    if rule["own"] and len(unheard) == len(seen.variants) and seen.requests >= rule["min_requests"]:
        return Verdict.ERROR, f"CloudWatch has no {title} at all; publish it for every request, zeros included."
    flattered = "candidate" if rule["better"] == "lower" else "stable"
    if rule["own"] and compares and unheard == [flattered] and seen.requests >= rule["min_requests"]:
        said = f"CloudWatch has no {title} of {_WHOSE[flattered]} at all; publish it for every request, zeros included."
        return Verdict.ERROR, said
    if seen.value["candidate"] is None:
        return Verdict.INCONCLUSIVE, f"CloudWatch has no {title} yet for the {seen.requests} requests of the candidate."
    return None


def _verdict(rule: Request, known: Known, seen: Seen) -> Verdict:
    """Fail needs no minimum of requests: the tests themselves say when few are enough."""
    good, bad = known.below, known.above
    if rule["bound"] in ("min", "better_by"):
        good, bad = known.above, known.below
    if rule["bound"] in COMPARING:
        matters = known.estimate > edge(rule) / 2.0
        good, bad = (good, bad and matters) if rule["bound"] == "margin" else (good and matters, bad)
        bad = bad and not _negligible(rule, seen, proven=False)
        good = good or _negligible(rule, seen, proven=True)
    if bad:
        return Verdict.FAIL
    if seen.requests < rule["min_requests"]:
        return Verdict.INCONCLUSIVE
    return Verdict.PASS if good else Verdict.INCONCLUSIVE


def _negligible(rule: Request, seen: Seen, *, proven: bool) -> bool:
    """Whether the candidate's rate lies below the level at which a difference starts to matter."""
    level: float | None = rule["ignore_below"]
    if level is None or rule["kind"] != Kind.RATE or rule["bound"] != "margin" or rule["better"] != "lower":
        return False
    hits, requests = sum(seen.values("candidate")), sum(seen.weights("candidate"))
    if not proven:
        return hits < level * requests
    return rate_bounds(hits, requests, level, rule["alpha"], rule["beta"])[1] < level


FARTHEST = 10.0
"""The largest relative difference that is told as a bound: what lies further says no more than that little is known."""


def _interval(rule: Request, known: Known, scale: str) -> tuple[float | None, float | None]:
    """The bounds on ``scale``, None where there is none that says something."""
    least, most = -inf, inf
    low, high = known.low, known.high
    if scale == "relative":
        low, high = relative(rule, low), relative(rule, high)
        least, most = (-0.99, FARTHEST) if orientation(rule) > 0 else (-FARTHEST, 0.99)
    elif scale in ("us", "%"):
        least = 0.0
    return (low if least < low < inf else None), (high if -inf < high < most else None)


LEAST_MORE = 0.1
"""Of the data so far: what is always lacking to a verdict that is not there yet."""

LONGEST_OUTLOOK = 30 * 86_400
"""Seconds; what would take longer to tell is not worth naming."""


def _needs(rule: Request, known: Known, seen: Seen, period: int) -> Request | None:
    """How much more would probably tell: bounds close in as the square root of the data."""
    lacking = max(rule["min_requests"] - seen.requests, 0)
    lower, upper = (0.0, edge(rule)) if rule["bound"] in COMPARING else (rule["value"], rule["value"])
    if rule["kind"] == Kind.PERCENTILE and rule["bound"] not in COMPARING:
        lower = upper = rule["tail"]
    distances = [
        (known.high - known.estimate) / (upper - known.estimate) if known.estimate < upper else inf,
        (known.estimate - known.low) / (known.estimate - lower) if known.estimate > lower else inf,
    ]
    nearest = min(distances)
    more = max(nearest * nearest - 1.0, LEAST_MORE) if isfinite(nearest) else 0.0
    requests = max(seen.requests * more, lacking)
    seconds = requests / seen.requests * (_elapsed(seen.times) + period)
    return {"requests": round(requests), "seconds": round(seconds)} if 0.5 < seconds <= LONGEST_OUTLOOK else None


def _elapsed(times: Sequence[str]) -> float:
    """Seconds from the first to the last period: those without requests have no data, but took their time."""
    return (datetime.fromisoformat(times[-1]) - datetime.fromisoformat(times[0])).total_seconds()


def _best(rule: Request, seen: Seen) -> float | None:
    """The probability that the candidate is the better variant, for a rule that asks whether it is."""
    if rule["bound"] != "better_by" or rule["kind"] == Kind.PERCENTILE:
        return None
    if rule["kind"] == Kind.MEAN:
        found = mean_bounds(ratios_of_means(rule, seen), rule["horizon"], *chances(rule))
        return 1.0 - student_tail(found.mean / found.error, found.blocks - 1) if 0.0 < found.error < inf else None
    better, worse = seen.arms()
    return chance_of_higher_rate(*better, *worse)
