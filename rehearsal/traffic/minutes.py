"""The record of a traffic: what each variant answered in each minute, and what nobody could answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MINUTE = 60.0


@dataclass(frozen=True)
class Minute:
    """What one variant of one configuration answered in the minute that began at `at` (virtual epoch seconds).

    `share` of the endpoint's requests in that minute; `errors` are answers other than 200; `correct` predictions among
    the rest, None where nobody knows the true labels; `named`: the URL of the model that the requests named, on an
    endpoint that has several.
    """

    endpoint: str
    at: float
    variant: str
    config: str
    share: float
    requests: int
    errors: int
    correct: int | None
    latency_p50_us: float
    latency_p99_us: float
    named: str = ""


@dataclass(frozen=True)
class Lost:
    """Requests in the minute that began at `at` that no variant could answer, though the endpoint had served before."""

    endpoint: str
    at: float
    requests: int


@dataclass(frozen=True)
class Total:
    """A variant's answers over some minutes."""

    requests: int = 0
    errors: int = 0
    correct: int = 0


def totals(minutes: Iterable[Minute], endpoint: str, since: float, until: float) -> dict[tuple[str, str], Total]:
    """Answers by (variant, configuration) over the minutes that overlap [since, until)."""
    found: dict[tuple[str, str], Total] = {}
    for minute in minutes:
        if minute.endpoint == endpoint and minute.at + MINUTE > since and minute.at < until:
            key = (minute.variant, minute.config)
            so_far = found.get(key, Total())
            found[key] = Total(
                so_far.requests + minute.requests, so_far.errors + minute.errors, so_far.correct + (minute.correct or 0)
            )
    return found
