from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as some

from interlock.model.names import (
    ALARM_NAME_LIMIT,
    EXECUTION_NAME_LIMIT,
    RESOURCE_PREFIX,
    SAGEMAKER_NAME_LIMIT,
    alarm_name,
    release_name,
    resource_name,
    response_name,
    shortened,
    variant_name,
)
from tests.unit.awsmodel import limits

_texts = some.text("ab-Z9", min_size=1, max_size=20) | some.text("ab-Z9", min_size=40, max_size=63)
groups = _texts.map(lambda name: name.strip("-") or "a")
releases = some.builds("{}-{}".format, some.builds(release_name, groups, some.integers(1, 99999)), some.integers(1, 99))
executions = some.text(some.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=80)
"""Names a person may give an execution."""
parts = some.sampled_from(["", "canary", "stable-2", "stable-1000"])


@settings(max_examples=50)
@given(releases | executions, parts)
def test_every_name_is_one_that_sagemaker_takes(release: str, part: str) -> None:
    for name, shape in (
        (resource_name(release, part), "ModelName"),
        (resource_name(release, part), "EndpointConfigName"),
        (variant_name(release), "VariantName"),
        (variant_name(release, "baseline"), "VariantName"),
    ):
        allowed = limits("sagemaker", shape)
        assert len(name) <= allowed["max"] == SAGEMAKER_NAME_LIMIT
        assert re.fullmatch(allowed["pattern"], name), name


@settings(max_examples=50)
@given(releases, some.sampled_from(["error-rate", "client-error-rate", "veto"]))
def test_an_alarm_has_a_name_that_cloudwatch_takes(release: str, signal: str) -> None:
    assert len(alarm_name(release, signal)) <= limits("cloudwatch", "AlarmName")["max"] == ALARM_NAME_LIMIT


@settings(max_examples=50)
@given(releases | executions, parts)
def test_every_name_starts_with_the_prefix_of_interlock(release: str, part: str) -> None:
    assert resource_name(release, part).startswith(RESOURCE_PREFIX)
    assert alarm_name(release, "veto").startswith(RESOURCE_PREFIX)


@settings(max_examples=30)
@given(some.sets(some.tuples(releases, parts), min_size=2, max_size=10))
def test_names_of_different_things_differ(things: set[tuple[str, str]]) -> None:
    assert len({resource_name(*thing) for thing in things}) == len(things)
    assert len({variant_name(*thing) for thing in things}) == len(things)
    assert len({variant_name(release) for release, _ in things}) == len({release for release, _ in things})
    assert len({alarm_name(release, "veto") for release, _ in things}) == len({release for release, _ in things})


def test_releases_that_only_differ_at_the_end_of_a_long_name_get_different_names() -> None:
    stem = "a" * 70
    assert resource_name(f"{stem}-1") != resource_name(f"{stem}-2")
    assert variant_name(f"{stem}-1") != variant_name(f"{stem}-2")


def test_releases_started_by_hand_under_similar_names_get_distinct_names() -> None:
    assert resource_name("try_1") != resource_name("try.1") != resource_name("try-1")
    assert variant_name("_") != variant_name(".")


def test_a_name_that_fits_stays_as_it_is() -> None:
    assert resource_name("x" * 53) == "interlock-" + "x" * 53
    assert resource_name("churn-v7-1") == "interlock-churn-v7-1"
    assert resource_name("churn-v7-1", "canary") == "interlock-churn-v7-1-canary"
    assert variant_name("churn-v7-1") == "churn-v7-1"
    assert variant_name("churn-v7-1", "baseline") == "churn-v7-1-baseline"
    assert alarm_name("churn-v7-1", "veto") == "interlock-churn-v7-1-veto"


@settings(max_examples=50)
@given(some.text(min_size=1, max_size=300), some.integers(12, 255))
def test_a_shortened_name_fits_and_comes_out_the_same_each_time(name: str, limit: int) -> None:
    assert len(shortened(name, limit)) <= limit
    assert shortened(name, limit) == shortened(name, limit)
    assert shortened(name, limit) == name or len(name) > limit


@settings(max_examples=50)
@given(groups, some.integers(1, 9999))
def test_a_release_leaves_room_for_its_attempt_in_the_name_of_its_execution(group: str, version: int) -> None:
    assert len(f"{release_name(group, version)}-99-r3") <= EXECUTION_NAME_LIMIT


def test_an_execution_may_have_a_name_as_long_as_step_functions_says() -> None:
    assert limits("stepfunctions", "Name")["max"] == EXECUTION_NAME_LIMIT


@given(some.text(max_size=300), some.text(max_size=300))
def test_the_execution_that_weighs_a_run_has_the_name_of_the_run_and_of_no_other(run: str, other: str) -> None:
    name = response_name(run)
    assert re.fullmatch(r"[a-zA-Z0-9-]{1,80}", name)
    assert (name == response_name(other)) == (run == other)


def test_half_a_character_can_be_named() -> None:
    assert response_name("alarm/\ud800/x") != response_name("alarm/\ud801/x")
