"""Holds one rule against the measurements: what they say about the candidate, how sure that is, and what would make
it surer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, isfinite

from interlock.evidence.bounds import Known, Method, edge, orientation, relative
from interlock.evidence.kinds.registry import METHODS
from interlock.evidence.measurements import Seen, Series
from interlock.evidence.sentences import tell
from interlock.model.quantities import seconds_between
from interlock.model.request import Request


class Verdict(StrEnum):
    """The conclusion of a rule or a look. Fail: the candidate is bad. Error: it was not measured. Inconclusive: the
    data are too few."""

    PASS = "Pass"
    INCONCLUSIVE = "Inconclusive"
    ERROR = "Error"
    FAIL = "Fail"


@dataclass(frozen=True)
class Finding:
    """What one rule concluded; without measurements the numbers are absent.

    ``candidate`` and ``stable`` are the metric's values in its ``unit``. ``interval`` and ``limit`` are on ``scale``:
    the unit of the metric; ``share`` of slow requests if a percentile has a limit; or ``relative``, the difference to
    stable as a fraction, positive for worse (margin) or for better (better_by). ``needs``: how many more ``requests``
    to the candidate, and ``seconds`` at the present traffic, will probably lead to a verdict. ``best``: the probability
    that the candidate is the better variant.
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
    method = METHODS[rule["kind"]]
    seen = Seen(rule, series, method.needed(rule))
    values = {variant: method.value(seen, variant) for variant in seen.variants}
    blank = Finding(
        rule["metric"], Verdict.ERROR, "", rule["bound"], rule["unit"], requests=seen.requests, periods=len(seen.times)
    )
    missing = _missing(seen, method, measured=values["candidate"] is not None)
    if missing:
        return replace(blank, verdict=missing[0], sentence=missing[1])
    known = method.compared(seen) if seen.compares else method.limited(seen)
    finding = replace(
        blank,
        scale=known.scale,
        candidate=values["candidate"],
        stable=values.get("stable"),
        difference=relative(rule, known.estimate) if known.scale == "relative" else None,
        interval=_interval(rule, known),
        limit=rule["value"] if known.scale == "relative" else known.edges[1],
        verdict=_verdict(seen, known),
        best=method.better(seen) if rule["bound"] == "better_by" else None,
    )
    if finding.verdict is Verdict.INCONCLUSIVE:
        finding = replace(finding, needs=_needs(seen, known, period))
    return replace(finding, sentence=tell(rule, finding.as_dict()))


_WHOSE = {"candidate": "the candidate", "stable": "stable"}


def _missing(seen: Seen, method: Method, *, measured: bool) -> tuple[Verdict, str] | None:
    """The verdict and the sentence if the rule cannot be judged. Without requests it is inconclusive; requests without
    data are an error."""
    rule, title = seen.rule, seen.rule["title"]
    if seen.negative(hits=method.hits):
        return Verdict.ERROR, f"CloudWatch counts less than nothing for the {title}; publish no negative counts."
    if not seen.requests:
        return Verdict.INCONCLUSIVE, f"The candidate served no request, so nothing is known of its {title}."
    if seen.compares and not sum(seen.series.get("stable_requests", {}).values()):
        return Verdict.INCONCLUSIVE, f"Stable served no request, so there is nothing to compare the {title} with."
    if seen.compares and (unknown := method.unknown(rule)):
        return Verdict.INCONCLUSIVE, unknown
    if method.seldom and not measured:
        verdict = Verdict.PASS if seen.requests >= rule["min_requests"] else Verdict.INCONCLUSIVE
        return verdict, f"None of the {seen.requests} requests of the candidate had a {title}."
    if not method.seldom and seen.requests >= rule["min_requests"] and (silence := _silence(seen)):
        return Verdict.ERROR, silence
    if not measured:
        return Verdict.INCONCLUSIVE, f"CloudWatch has no {title} yet for the {seen.requests} requests of the candidate."
    return None


def _silence(seen: Seen) -> str:
    """The sentence about data that CloudWatch should have after so many requests; empty if none are missing."""
    rule, title = seen.rule, seen.rule["title"]
    few = rule["min_requests"] if seen.compares or rule["own"] else max(rule["min_requests"], seen.requests / 2)
    if seen.measured < few:
        of = " of both variants" if seen.compares else ""
        return f"CloudWatch has the {title}{of} for {seen.measured} of the {seen.requests} requests of the candidate."
    unheard = [each for each in seen.variants if rule["own"] and not seen.datapoints(each)]
    if len(unheard) == len(seen.variants):
        return f"CloudWatch has no {title} at all; publish it for every request, zeros included."
    flattered = "candidate" if rule["better"] == "lower" else "stable"
    if unheard == [flattered]:
        return f"CloudWatch has no {title} of {_WHOSE[flattered]} at all; publish it for every request, zeros included."
    return ""


def _verdict(seen: Seen, known: Known) -> Verdict:
    """A Fail does not wait for the minimum of requests: the tests themselves say when a few are enough."""
    rule, good, bad = seen.rule, known.below, known.above
    if rule["bound"] in ("min", "better_by"):
        good, bad = bad, good
    if seen.compares:
        matters = known.estimate > edge(rule) / 2.0
        good, bad = (good, bad and matters) if rule["bound"] == "margin" else (good and matters, bad)
        good, bad = good or known.negligible, bad and not known.slight
    if bad:
        return Verdict.FAIL
    return Verdict.PASS if good and seen.requests >= rule["min_requests"] else Verdict.INCONCLUSIVE


FARTHEST = 10.0
"""The largest relative difference that is reported as a bound. A larger one says only that little is known."""


def _interval(rule: Request, known: Known) -> tuple[float | None, float | None]:
    """The bounds on the scale of the finding, None where a bound says nothing."""
    least, most = -inf, inf
    low, high = known.low, known.high
    if known.scale == "relative":
        low, high = relative(rule, low), relative(rule, high)
        least, most = (-0.99, FARTHEST) if orientation(rule) > 0 else (-FARTHEST, 0.99)
    elif known.scale in ("us", "%"):
        least = 0.0
    return (low if least < low < inf else None), (high if -inf < high < most else None)


LEAST_MORE = 0.1
"""Without a verdict, at least this fraction of the data so far is still missing."""

LONGEST_OUTLOOK = 30 * 86_400
"""Seconds; a longer outlook is not worth reporting."""


def _needs(seen: Seen, known: Known, period: int) -> Request | None:
    """How much more data will probably lead to a verdict: bounds close in with the square root of the data."""
    lacking, (lower, upper) = max(seen.rule["min_requests"] - seen.requests, 0), known.edges
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
    """Seconds from the first to the last period, including periods without data."""
    return seconds_between(times[0], times[-1])
