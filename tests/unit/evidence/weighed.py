"""Rules, measurements, and what a rule finds in them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from interlock.evidence.findings import Finding, weigh
from interlock.evidence.judge import read_series
from tests.unit.examples import answered, baked

Rule = dict[str, Any]
Values = dict[str, Any]
TRAFFIC: Values = {"candidate_requests": 200.0, "stable_requests": 3800.0}
EVEN: Values = {"candidate_requests": 2000.0, "stable_requests": 2000.0}
MAX: Rule = {"metric": "error_rate", "max": "2%"}
LIKE_STABLE: Rule = {"metric": "error_rate", "margin": "50%"}
FEWER: Rule = {"metric": "error_rate", "better_by": "20%"}
QUICK: Rule = {"metric": "p99_latency", "max": "250ms"}
AS_QUICK: Rule = {"metric": "p99_latency", "margin": "25%"}
QUICKER: Rule = {"metric": "p99_latency", "better_by": "25%"}
MEAN_AS_QUICK: Rule = {"metric": "mean_latency", "margin": "10%"}
CONVERTS: Rule = {"metric": "conversion", "min": "5%"}
CONVERTS_MORE: Rule = {"metric": "conversion", "better_by": "5%"}
CONVERTS_AS_WELL: Rule = {"metric": "conversion", "margin": "20%"}
COMPLAINTS: Rule = {"metric": "complaints", "margin": "50%"}
BASKET: Rule = {"metric": "basket", "min": 20}
BASKET_AS_FULL: Rule = {"metric": "basket", "margin": "10%"}
CPU: Rule = {"metric": "cpu", "max": 80}


def rule_of(written: Rule, **fields: Any) -> Rule:
    """``written`` as the plan carries it."""
    carried: Rule = baked([written], **fields)["rules"][0]
    return carried


def weighed(written: Rule, known: Any = True, **values: Any) -> Finding:
    """What a rule finds in ten minutes, or in as many as the lists of ``values`` have. ``known``: stable's percentiles
    before the release."""
    return weigh(_rule_of(json.dumps(written), known), read_series(answered(**values)), 60)


@cache
def _rule_of(written: str, known: bool) -> Rule:
    return rule_of(json.loads(written), references=None if known else {})


def swinging(middle: float, swing: float, length: int = 30, first: int = 1) -> list[float]:
    """A series whose neighbours are not alike."""
    return [middle + first * (-1.0) ** place * swing * (1 + place % 7) for place in range(length)]


def errors(candidate: float, stable: float | None = None) -> Values:
    return {"candidate_error_rate": candidate} | ({} if stable is None else {"stable_error_rate": stable})


def conversions(candidate: float, stable: float | None = None) -> Values:
    """Of 1000 recommendations a minute each."""
    one: Values = {"candidate_conversion": candidate, "candidate_conversion_of": 1000.0}
    return one if stable is None else one | {"stable_conversion": stable, "stable_conversion_of": 1000.0}


def latencies(slow: float, beyond: float, stable: float = 99.0) -> Values:
    return {
        "candidate_p99_latency": 1.0,
        "stable_p99_latency": 1.0,
        "candidate_p99_latency_slow": slow,
        "candidate_p99_latency_beyond": beyond,
        "stable_p99_latency_slow": stable,
    }


def of_minutes(candidate: list[int], stable: list[int], n: float = 200.0, m: float = 1000.0) -> Values:
    length = min(len(candidate), len(stable))
    return {
        "candidate_requests": [n] * length,
        "stable_requests": [m] * length,
        "candidate_error_rate": [float(value) for value in candidate[:length]],
        "stable_error_rate": [float(value) for value in stable[:length]],
    }
