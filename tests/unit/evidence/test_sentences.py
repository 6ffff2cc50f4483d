"""Every kind of sentence, as a person reads it at three in the morning."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.evidence.sentences import tell
from tests.unit.examples import baked

Rule = dict[str, Any]

MAX: Rule = {"metric": "error_rate", "max": "2%"}
QUICK: Rule = {"metric": "p99_latency", "max": "250ms"}
CPU: Rule = {"metric": "cpu", "max": 80}
CONVERTS: Rule = {"metric": "conversion", "min": "5%"}
BASKET: Rule = {"metric": "basket", "min": 20}
LIKE_STABLE: Rule = {"metric": "error_rate", "margin": "50%"}
AS_QUICK: Rule = {"metric": "p99_latency", "margin": "25%"}
COMPLAINTS: Rule = {"metric": "complaints", "margin": "50%"}
CONVERTS_MORE: Rule = {"metric": "conversion", "better_by": "5%"}


def told(
    written: Rule,
    verdict: str,
    interval: tuple[float | None, float | None],
    candidate: float,
    stable: float | None = None,
    difference: float | None = None,
    **fields: Any,
) -> str:
    (rule,) = baked([written])["rules"]
    relative = stable is not None
    percentile = rule["kind"] == "percentile" and not relative
    finding = {
        "verdict": verdict,
        "interval": list(interval),
        "candidate": candidate,
        "stable": stable,
        "difference": difference,
        "scale": "relative" if relative else "share" if percentile else rule["unit"],
        "limit": rule["tail"] if percentile else rule["value"],
        "requests": 3600,
        "needs": None,
        "best": None,
    } | fields
    return tell(rule, finding)


@pytest.mark.parametrize(
    ("rule", "verdict", "interval", "candidate", "sentence"),
    [
        (
            MAX,
            "Pass",
            (0.001, 0.0108),
            0.005,
            "Server error rate 0.5 % over 3600 requests: proven within the limit of 2 % (at most 1.08 %).",
        ),
        (
            MAX,
            "Fail",
            (0.167, 0.27),
            0.2,
            "Server error rate 20 % over 3600 requests: proven above the limit of 2 % (at least 16.7 %).",
        ),
        (
            MAX,
            "Inconclusive",
            (0.011, 0.032),
            0.02,
            "Server error rate 2 % over 3600 requests: not proven on either side of the limit of 2 % "
            "(at least 1.1 %, at most 3.2 %).",
        ),
        (
            QUICK,
            "Pass",
            (0.0, 0.004),
            130_000,
            "P99 latency 130 ms over 3600 requests: proven within the limit of 250 ms (at most 0.4 % "
            "of the requests slower, 1 % allowed).",
        ),
        (
            QUICK,
            "Fail",
            (0.077, 0.15),
            300_500,
            "P99 latency 300.5 ms over 3600 requests: proven above the limit of 250 ms (at least 7.7 % "
            "of the requests slower, 1 % allowed).",
        ),
        (
            QUICK,
            "Inconclusive",
            (0.004, 0.019),
            250_000,
            "P99 latency 250 ms over 3600 requests: not proven on either side of the limit of 250 ms "
            "(at least 0.4 %, at most 1.9 % of the requests slower, 1 % allowed).",
        ),
        (
            CPU,
            "Pass",
            (48.0, 52.0),
            50.0,
            "CPU utilisation 50 % over 3600 requests: proven within the limit of 80 % (at most 52 %).",
        ),
        (
            CPU,
            "Pass",
            (None, 52.0),
            50.0,
            "CPU utilisation 50 % over 3600 requests: proven within the limit of 80 % (at most 52 %).",
        ),
        (
            CPU,
            "Fail",
            (88.0, 92.0),
            90.0,
            "CPU utilisation 90 % over 3600 requests: proven above the limit of 80 % (at least 88 %).",
        ),
        (
            CPU,
            "Inconclusive",
            (None, None),
            50.0,
            "CPU utilisation 50 % over 3600 requests: not proven on either side of the limit of 80 % (no bounds yet).",
        ),
        (
            CPU,
            "Inconclusive",
            (None, 99.0),
            50.0,
            "CPU utilisation 50 % over 3600 requests: not proven on either side of the limit of 80 % (at most 99 %).",
        ),
        (
            CONVERTS,
            "Pass",
            (0.09, 0.11),
            0.1,
            "Conversion 10 % over 3600 requests: proven above the minimum of 5 % (at least 9 %).",
        ),
        (
            CONVERTS,
            "Fail",
            (0.01, 0.025),
            0.02,
            "Conversion 2 % over 3600 requests: proven below the minimum of 5 % (at most 2.5 %).",
        ),
        (
            BASKET,
            "Inconclusive",
            (17.8, 22.3),
            19.9,
            "Basket 19.9 EUR over 3600 requests: not proven on either side of the minimum of 20 EUR "
            "(at least 17.8 EUR, at most 22.3 EUR).",
        ),
    ],
)
def test_a_limit(rule: Rule, verdict: str, interval: tuple[float, float], candidate: float, sentence: str) -> None:
    assert told(rule, verdict, interval, candidate) == sentence


@pytest.mark.parametrize(
    ("rule", "verdict", "interval", "difference", "said"),
    [
        (
            LIKE_STABLE,
            "Fail",
            (0.44, 2.72),
            1.01,
            "proven worse than stable, 2.01 times as high as measured (between 44 % worse and 3.72 "
            "times as high); the margin is 50 %.",
        ),
        (
            LIKE_STABLE,
            "Fail",
            (0.12, 0.9),
            0.4,
            "proven worse than stable, 40 % worse as measured (between 12 % worse and 90 % worse); the margin is 50 %.",
        ),
        (
            LIKE_STABLE,
            "Fail",
            (4.6, None),
            9.0,
            "proven worse than stable, 10 times as high as measured (at least 5.6 times as high); the margin is 50 %.",
        ),
        (
            LIKE_STABLE,
            "Fail",
            (1e-9, None),
            9.0,
            "proven worse than stable, 10 times as high as measured; the margin is 50 %.",
        ),
        (
            LIKE_STABLE,
            "Pass",
            (-0.043, 0.0507),
            0.01,
            "proven less than 50 % worse than stable (between 4.3 % better and 5.07 % worse).",
        ),
        (
            LIKE_STABLE,
            "Pass",
            (-0.043, 0.0),
            0.01,
            "proven less than 50 % worse than stable (between 4.3 % better and no difference).",
        ),
        (
            LIKE_STABLE,
            "Pass",
            (None, -0.975),
            -0.99,
            "proven less than 50 % worse than stable (at least 97.5 % better).",
        ),
        (LIKE_STABLE, "Pass", (None, 0.3), -0.99, "proven less than 50 % worse than stable (at most 30 % worse)."),
        (LIKE_STABLE, "Pass", (0.1, 3.0), 1.0, "proven below 0.5 %, where a difference to stable does not matter."),
        (LIKE_STABLE, "Pass", (None, None), 0.0, "proven below 0.5 %, where a difference to stable does not matter."),
        (
            LIKE_STABLE,
            "Inconclusive",
            (-0.287, 0.928),
            0.01,
            "too little to tell whether it is 50 % worse than stable (between 28.7 % better and 92.8 % worse).",
        ),
        (
            LIKE_STABLE,
            "Inconclusive",
            (None, None),
            0.01,
            "too little to tell whether it is 50 % worse than stable (no bounds yet).",
        ),
        (
            LIKE_STABLE,
            "Inconclusive",
            (2.0, None),
            5.0,
            "proven worse than stable (at least 3 times as high), but too little to tell whether it is "
            "below 0.5 %, where that does not matter.",
        ),
        (
            COMPLAINTS,
            "Inconclusive",
            (0.1, 0.9),
            0.2,
            "too little to tell whether it is 50 % worse than stable (between 10 % worse and 90 % worse).",
        ),
        (
            CONVERTS_MORE,
            "Pass",
            (0.264, 0.78),
            0.5,
            "proven better than stable, 50 % better as measured (between 26.4 % better and 78 % "
            "better); the goal is 5 %.",
        ),
        (
            CONVERTS_MORE,
            "Fail",
            (-0.93, -0.85),
            -0.9,
            "proven less than 5 % better than stable (between 93 % worse and 85 % worse).",
        ),
        (
            CONVERTS_MORE,
            "Fail",
            (None, -0.999),
            -0.9,
            "proven less than 5 % better than stable (at least 99.9 % worse).",
        ),
        (
            CONVERTS_MORE,
            "Inconclusive",
            (-0.1, None),
            0.1,
            "too little to tell whether it is 5 % better than stable (at most 10 % worse).",
        ),
    ],
)
def test_a_comparison(rule: Rule, verdict: str, interval: tuple[float, float], difference: float, said: str) -> None:
    sentence = told(rule, verdict, interval, 0.04, 0.02, difference)
    assert sentence.endswith(f" 4 % against 2 % of stable over 3600 requests: {said}")


def test_what_is_more_than_twice_as_high_is_told_as_times_in_either_direction() -> None:
    said = told({"metric": "conversion", "margin": "5%"}, "Pass", (-2.32, -1.78), 0.3, 0.1, -2.0)
    assert said.endswith("proven less than 5 % worse than stable (between 3.32 times as high and 2.78 times as high).")


def test_a_latency_is_read_in_milliseconds() -> None:
    said = told(AS_QUICK, "Pass", (-0.04, 0.05), 118_000, 102_000, 0.01)
    assert said.startswith(
        "P99 latency 118 ms against 102 ms of stable over 3600 requests: proven less than 25 % worse"
    )


LITTLE = (MAX, "Inconclusive", (0.011, 0.032), 0.02)


@pytest.mark.parametrize(
    ("requests", "seconds", "said"),
    [
        (4213, 2100, "About 4200 more requests, 35 min at this traffic, may tell."),
        (4260, 2150, "About 4300 more requests, 36 min at this traffic, may tell."),
        (7, 45, "About 7 more requests, 45 s at this traffic, may tell."),
        (360_000, 21_787, "About 360000 more requests, 6 h 3 min at this traffic, may tell."),
        (2_000_000, 1_224_000, "About 2000000 more requests, 14 d 4 h at this traffic, may tell."),
        (5000, 92_700, "About 5000 more requests, 1 d 2 h at this traffic, may tell."),
    ],
)
def test_how_much_more_would_tell_is_told_roughly(requests: int, seconds: int, said: str) -> None:
    assert told(*LITTLE, needs={"requests": requests, "seconds": seconds}).endswith(f"). {said}")


def test_too_few_requests_say_how_many_it_takes() -> None:
    assert told(*LITTLE, requests=99).endswith("). It takes 100 requests to pass.")
    assert "It takes" not in told(*LITTLE, requests=100)
    assert "It takes" not in told(MAX, "Fail", (0.2, 0.9), 0.5, requests=30)


def test_what_is_proven_needs_nothing_more() -> None:
    assert "more requests" not in told(MAX, "Pass", (0.0, 0.01), 0.0, needs={"requests": 5, "seconds": 5})


@pytest.mark.parametrize(
    ("best", "chance"),
    [
        (0.9894, "98.9 %"),
        (0.5, "50.0 %"),
        (1.0, "above 99.9 %"),
        (0.9995, "above 99.9 %"),
        (0.0, "below 0.1 %"),
        (0.001, "0.1 %"),
    ],
)
@pytest.mark.parametrize("verdict", ["Pass", "Fail", "Inconclusive"])
def test_a_goal_says_how_probably_the_candidate_is_the_better_one(best: float, chance: str, verdict: str) -> None:
    said = told(CONVERTS_MORE, verdict, (0.1, 0.2), 0.115, 0.1, 0.15, best=best)
    assert said.endswith(f" The candidate is the better one with probability {chance}.")
