"""What the runs of a monitor measured besides distances of features: metrics with their intervals, and orders of
features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Violations = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Measured:
    """A number of one run and its interval (None where there is none). `against`: what it is held against, and
    `words` what that is; `found`: the monitor calls it a violation."""

    name: str
    value: float
    low: float | None
    high: float | None
    against: float | None
    words: str
    found: bool


@dataclass(frozen=True)
class Order:
    """The features by how much the model decides by them, most first: of the baseline, and of the window."""

    before: tuple[str, ...]
    now: tuple[str, ...]


def measured_in(kind: str, details: Mapping[str, Any], violations: Violations) -> tuple[Measured, ...]:
    """What `details` of a run's result.json has; nothing of a run that judged nothing. `violations`: of its file."""
    readers = {"model_quality": _quality, "bias": _bias, "attribution": _attribution}
    try:
        return tuple(readers[kind](details, violations)) if kind in readers else ()
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        return ()


def order_in(details: Mapping[str, Any]) -> Order | None:
    """The two orders of a run of an attribution monitor; None of any other."""
    before, now = details.get("baseline"), details.get("live")
    if not isinstance(before, Mapping) or not isinstance(now, Mapping):
        return None
    return Order(_ranked(before), _ranked(now))


def _ranked(values: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(values, key=lambda name: (-float(values[name] or 0.0), name)))


def _quality(details: Mapping[str, Any], violations: Violations) -> Iterator[Measured]:
    for each in details.get("constraints") or ():
        low, high, limit = float(each["low"]), float(each["high"]), float(each["threshold"])
        yield Measured(
            each["metric"], float(each["value"]), low, high, limit, f"threshold {limit:g}", each["violated"] is True
        )


def _bias(details: Mapping[str, Any], violations: Violations) -> Iterator[Measured]:
    found = {(each.get("facet"), each.get("facet_value"), each.get("metric_name")) for each in violations}
    for each in details.get("metrics") or ():
        low, high = each["interval"] or (None, None)
        facet, usual = f"{each['facet']}={each['facet_value']}", each.get("baseline")
        if each["value"] is not None:
            words = "" if usual is None else f"baseline {usual:g}"
            name, about = f"{each['name']} of {facet}", (each["facet"], each["facet_value"], each["name"])
            yield Measured(name, float(each["value"]), low, high, usual, words, about in found)


def _attribution(details: Mapping[str, Any], violations: Violations) -> Iterator[Measured]:
    if "ndcg" in details:
        (low, high), limit = details["interval"], float(details["limit"])
        name = "NDCG of the features' order"
        yield Measured(name, float(details["ndcg"]), low, high, limit, f"limit {limit:g}", bool(violations))
