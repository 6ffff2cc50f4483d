"""How long a plan's bakes will take at a given traffic, and which rules that traffic is too little for.

The judge's own tests are asked about a candidate that is good, without chance: it has half of what a limit allows, and
in a comparison it is like stable. Real releases scatter around this; see the tables of docs/evidence.md.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor

from interlock.evidence.findings import Verdict, weigh
from interlock.evidence.kinds.percentile import TAIL_INDEX
from interlock.evidence.measurements import Series
from interlock.evidence.metrics import COMPARING
from interlock.model.request import Request

ALLOWED = 0.5
"""Of what a limit allows, what a good candidate has."""

FAILING = 0.01
"""Share of stable's requests that fail, where a rule compares with it."""

FARTHEST = 200
"""How many times as long a bake is tried, to say which one would do."""

WIDER = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
"""How many times as much a rule could allow, tried in this order."""


Period = tuple[float, float]
"""Requests of the candidate and of stable in one period; fractions of requests are kept."""


@dataclass(frozen=True)
class Undecided:
    """A rule that the traffic of a step is too little for. ``bake``: seconds that would do, and ``value``: the limit or
    margin that would do with the bake as it is; None if none was found."""

    rule: Request
    bake: int | None
    value: float | None


@dataclass(frozen=True)
class Outlook:
    """What one bake will be like. ``requests``: of the candidate in one bake. ``seconds``: until the release goes on,
    or until it is out of patience. ``unknown``: titles of the rules that nothing is said about, because their values
    are the team's own or depend on how latencies scatter."""

    percent: float
    seconds: int
    requests: int
    undecided: tuple[Undecided, ...]
    unknown: tuple[str, ...]


def forecast(bakes: Sequence[Request], rate: float) -> list[Outlook]:
    """An outlook for each of a plan's ``bakes`` but the waits for an approval or a gate, at ``rate`` requests a second
    of the whole endpoint. Evidence adds up over the steps, so each begins with what those before have seen, since the
    last such wait. After a step that cannot be decided, the next ones are told as if a person had promoted it."""
    seen: list[Period] = []
    outlooks = []
    for bake in bakes:
        if "approval" in bake or "gate" in bake:
            seen = []
        else:
            outlooks.append(_outlook(bake, rate, seen))
    return outlooks


def _periods(bake: Request, rate: float, seconds: float) -> list[Period]:
    share, period = _measured(bake), bake["period"]
    other = bake["split"].get("stable", 100.0 - bake["percent"]) / 100.0
    return [(rate * period * share, rate * period * other)] * max(round(seconds / period), 1)


def _measured(bake: Request) -> float:
    """The share of the requests that reach the candidate, answered or copied."""
    return float(bake["percent"] or bake.get("copies", 0)) / 100.0


def _outlook(bake: Request, rate: float, seen: list[Period]) -> Outlook:
    """The outlook for one bake after the periods ``seen``, to which its own are added."""
    known = [_with_reference(rule) for rule in bake["rules"] if _forecastable(rule)]
    undecided, wait, begun = known, bake["seconds"] // bake["looks"], list(seen)
    for look in range(1, bake["looks"] * bake["bakes"] + 1):
        seen += _periods(bake, rate, wait)
        undecided = [rule for rule in known if not _passes(rule, rule["value"], seen, bake)]
        if not undecided and look >= bake["looks"]:
            break
    return Outlook(
        percent=bake["percent"],
        seconds=bake["first"] + (look - 1) * wait,
        requests=round(rate * _measured(bake) * bake["seconds"]),
        undecided=tuple(
            Undecided(
                rule,
                _bake_that_does(rule, bake, rate, begun),
                next((value for value in _wider(rule) if _passes(rule, value, seen, bake)), None),
            )
            for rule in undecided
        ),
        unknown=tuple(rule["title"] for rule in bake["rules"] if not _forecastable(rule)),
    )


def _forecastable(rule: Request) -> bool:
    """Rates and percentiles count requests, and how those scatter is known. ``better_by`` asks for a better candidate,
    which may or may not come."""
    return not rule["own"] and rule["bound"] in ("max", "margin") and rule["kind"] in ("rate", "percentile")


def _with_reference(rule: Request) -> Request:
    """A comparison of percentiles needs stable's own from before the release; its value does not matter here."""
    return rule | {"reference": rule["reference"] or 1.0}


def _bake_that_does(rule: Request, bake: Request, rate: float, begun: list[Period]) -> int | None:
    """Seconds that a bake would have to last, with the extensions that the policy has, in quarters of the bake."""
    quarter = float(bake["seconds"]) / 4.0

    def does(quarters: int) -> bool:
        longer = _periods(bake, rate, quarters * quarter * bake["bakes"])
        return _passes(rule, rule["value"], begun + longer, bake)

    found = bisect_left(range(4 * FARTHEST), True, lo=1, key=does)
    return int(found * quarter) if found < 4 * FARTHEST else None


def _wider(rule: Request) -> Iterator[float]:
    return (rule["value"] * times for times in WIDER)


def _passes(rule: Request, value: float, seen: list[Period], bake: Request) -> bool:
    """Whether a candidate that is good by the ``rule`` as written passes it with another ``value``."""
    finding = weigh(rule | {"value": value}, _series(rule, value, seen, bake["period"]), bake["period"])
    return finding.verdict is Verdict.PASS


def _series(rule: Request, value: float, seen: list[Period], period: int) -> Series:
    """What CloudWatch would have of a good candidate, and of stable, by period."""
    name = rule["metric"]
    times = [(_START + timedelta(seconds=number * period)).isoformat() for number in range(len(seen))]
    found: Series = {}
    for place, role in enumerate(("candidate", "stable")):
        requests = list(_whole(each[place] for each in seen))
        found[f"{role}_requests"] = dict(zip(times, map(float, requests), strict=True))
        for part, share in _shares(rule, value).items():
            hits = list(_whole(number * share for number in requests))
            if rule["kind"] == "rate":
                found[f"{role}_{name}"] = dict(zip(times, map(float, hits), strict=True))
                continue
            both = zip(hits, requests, strict=True)
            within = [100.0 * (1.0 - hit / number) if number else 100.0 for hit, number in both]
            found[f"{role}_{name}"] = dict.fromkeys(times, 1.0)
            found[f"{role}_{name}_{part}"] = dict(zip(times, within, strict=True))
    return found


_START = datetime(2026, 1, 1, tzinfo=UTC)


def _shares(rule: Request, value: float) -> dict[str, float]:
    """The shares of requests that count against a variant, by the parts of the metric."""
    compares = rule["bound"] in COMPARING
    if rule["kind"] == "rate":
        return {"": FAILING if compares else rule["value"] * ALLOWED}
    if compares:
        return {"slow": rule["tail"], "beyond": rule["tail"] * (1.0 + value) ** -TAIL_INDEX}
    return {"over": rule["tail"] * ALLOWED * (rule["value"] / value) ** TAIL_INDEX}


def _whole(amounts: Iterable[float]) -> Iterator[int]:
    """Whole numbers, each the amount so far, rounded down, less what was given before."""
    total = 0.0
    for amount in amounts:
        before, total = total, total + amount
        yield floor(total + 1e-9) - floor(before + 1e-9)
