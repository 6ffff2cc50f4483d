from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.model.signal import KINDS, MOST_VIOLATIONS, SEVERITIES, Kind, Severity, Signal, Violation, read_signal

words = some.text(max_size=12)
signals = some.builds(
    Signal,
    kind=some.sampled_from(KINDS),
    group=words,
    endpoint=words,
    version=some.none() | some.integers(1, 99),
    run=words,
    since=words,
    severity=some.sampled_from(SEVERITIES),
    sentence=words,
    evidence=words,
    violations=some.lists(some.builds(Violation, words, words, words), max_size=MOST_VIOLATIONS).map(tuple),
    count=some.integers(0, 5000),
)
WRITTEN: dict[str, Any] = {"kind": "alarm", "run": "r", "since": "s", "severity": "low", "sentence": "x"}


@given(signals)
def test_a_signal_travels_as_json(signal: Signal) -> None:
    assert read_signal(json.loads(json.dumps(signal.as_dict()))) == signal


def test_what_is_left_out_has_a_default() -> None:
    signal = read_signal(WRITTEN | {"violations": [{"check": "missing_column_check"}]})
    assert (signal.group, signal.version, signal.count, signal.violations[0].subject) == ("", None, 1, "")


def test_only_the_first_violations_are_carried() -> None:
    signal = read_signal(WRITTEN | {"violations": [{"check": str(n)} for n in range(40)], "count": 40})
    assert (len(signal.violations), signal.count) == (MOST_VIOLATIONS, 40)


@pytest.mark.parametrize("wrong", [{"kind": "coffee"}, {"severity": "fatal"}])
def test_an_unknown_word_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: .* is not one of"):
        read_signal(WRITTEN | wrong)


def test_the_words_are_those_of_the_types() -> None:
    assert (get_args(Kind), get_args(Severity)) == (KINDS, SEVERITIES)
