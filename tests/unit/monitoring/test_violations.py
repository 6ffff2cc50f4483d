from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.model.signal import MOST_VIOLATIONS
from interlock.monitoring.violations import read_violations

PUBLISHED = Path(__file__).parent / "published"


def read(name: str) -> Any:
    return read_violations((PUBLISHED / f"{name}.json").read_text(encoding="utf-8"), truncated=False)


def many(count: int) -> str:
    entries = [{"feature_name": f"f{n}", "constraint_check_type": "baseline_drift_check"} for n in range(count)]
    return json.dumps({"violations": entries})


@pytest.mark.parametrize(
    ("kind", "count", "check", "subject"),
    [
        ("data_quality", 10, "data_type_check", "Area Code_408"),
        ("model_quality", 2, "LessThanThreshold", "gini"),
        ("bias", 9, "bias_drift_check", "Sex=0"),
        ("attribution", 2, "feature_attribution_drift_check", "label0"),
    ],
)
def test_the_published_file_of_each_kind_is_read(kind: str, count: int, check: str, subject: str) -> None:
    found = read(kind)
    assert (found.kind, found.count, found.problems, found.cut) == (kind, count, (), False)
    assert (found.violations[0].check, found.violations[0].subject) == (check, subject)


def test_a_metric_that_is_not_the_subject_is_told_with_the_description() -> None:
    assert read("bias").violations[0].description.startswith("CDDPL: Metric value 0.37745519271384836 doesn't meet")
    assert read("model_quality").violations[0].description == "Metric gini with 0.6111 was LessThanThreshold 0.6611"


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"facet": "Sex", "facet_value": 1, "metric_name": "XYZ"}, "bias"),
        ({"feature_name": "f"}, "data_quality"),
        ({"label": "label0", "metric_name": "lime"}, "attribution"),
        ({"metric_name": "gini"}, "model_quality"),
        ({}, "data_quality"),
    ],
)
def test_a_check_that_nobody_knows_is_accepted_and_named(entry: dict[str, Any], kind: str) -> None:
    found = read_violations(json.dumps({"violations": [entry | {"constraint_check_type": "coffee_check"}]}), False)
    assert (found.kind, found.violations[0].check, found.count) == (kind, "coffee_check", 1)


def test_a_violation_without_a_check_is_counted() -> None:
    assert read_violations('{"violations": [{"feature_name": "f"}]}', False).violations[0].check == "unknown"


def test_the_first_are_kept_and_all_are_counted() -> None:
    found = read_violations(many(100), False)
    assert (len(found.violations), found.count) == (MOST_VIOLATIONS, 100)


def test_of_a_file_that_was_cut_the_whole_violations_count() -> None:
    text = many(100_000)
    assert len(text) > 5_000_000
    found = read_violations(text[:100_000], True)
    whole = text[:100_000].count("}")
    assert (found.count, found.cut, found.problems) == (whole, True, ())
    assert found.violations[29].subject == "f29"


@given(some.integers(0, 400))
def test_wherever_a_file_is_cut_nothing_is_invented(at: int) -> None:
    text = many(6)
    found = read_violations(text[:at], True)
    assert [each.subject for each in found.violations] == [f"f{n}" for n in range(found.count)]
    assert found.count == text[:at].count("}") - (at >= len(text))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file is not JSON"),
        ("<html>", "the file is not JSON"),
        ("[" * 100_000, "the file is not JSON"),
        ("[]", "the file has no list of violations"),
        ("null", "the file has no list of violations"),
        ('{"violations": {}}', "the file has no list of violations"),
        ('{"violations": [7, null, "x"]}', "3 entries are no violations"),
        ('{"violations": [{"feature_name": "f"}, }', "the file is not JSON; 1 violations before the mistake were read"),
        ('{"violations": [{"n": ' + "9" * 5000 + "}]}", "the file is not JSON"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, problem: str) -> None:
    assert problem in read_violations(text, False).problems[0]


def test_no_violations_are_no_problem() -> None:
    found = read_violations('\ufeff{"violations": []}', False)
    assert (found.count, found.problems, found.kind) == (0, (), None)


@given(some.text(max_size=80) | some.text('{}[]":,violatos \\n0', max_size=60), some.booleans())
def test_whatever_stands_in_the_file_it_is_read_or_named(text: str, truncated: bool) -> None:
    found = read_violations(text, truncated)
    assert found.count or found.problems or truncated or json.loads(text.removeprefix("\ufeff"))["violations"] == []
