"""What a policy may ask of hosting without an endpoint, and what it may not, by name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.policy.in_force import check_policy
from tests.unit import examples
from tests.unit.planned import BATCH, SAMPLE
from tests.unit.policy.test_document import problem, problems

HOSTING = BATCH["hosting"]


def said(**fields: Any) -> str:
    return problem(**{**BATCH, **fields})


def about_sample(**fields: Any) -> str:
    return said(hosting={**HOSTING, "sample": HOSTING["sample"] | fields})


@pytest.mark.parametrize(
    ("strategy", "why"),
    [
        ({"kind": "canary", "steps": [5]}, "has one pointer"),
        ({"kind": "linear", "step": 20}, "has one pointer"),
        ({"kind": "rolling", "batch": 20}, "has one pointer"),
        ({"kind": "shadow", "sampling": "5%"}, "has no variants, so no shadow"),
        ({"kind": "ab_test", "duration": "1h", "winner": "person"}, "has no variants, so no candidate"),
        ({"kind": "all_at_once", "traffic": "weights"}, "traffic: weights is not possible"),
        ({"kind": "all_at_once", "traffic": "native"}, "traffic: native is not possible"),
    ],
)
def test_a_strategy_that_needs_variants_is_refused(strategy: dict[str, Any], why: str) -> None:
    answer = said(strategy=strategy)
    assert why in answer and "kind: batch" in answer


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"smoke": {"body": "1,2"}}, "answers no request; its sample is the test; leave smoke out"),
        ({"evidence": [examples.ERROR_RULE]}, "has no endpoint, which could report metrics; write limits under sample"),
        ({"rollback": {"standby": "1h"}}, "has no variants"),
        ({"approval": {"before": 100}}, "has no variants"),
        ({"hosting": {**HOSTING, "autoscaling": {"min": 1, "max": 2, "invocations_per_instance": 9}}}, "autoscaling"),
        ({"hosting": {**HOSTING, "data_capture": {"sampling": 20}}}, "data_capture"),
        ({"hosting": {**HOSTING, "instances": 101}}, "100"),
        ({"hosting": {"kind": "batch", "instance_type": "ml.m5.large"}}, "sample"),
    ],
)
def test_what_needs_an_endpoint_is_refused(fields: dict[str, Any], why: str) -> None:
    assert why in said(**fields)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"input": "s3://models/samples/"}, "write the S3 URI of an object"),
        ({"expected": "right.csv"}, "write the S3 URI of an object"),
        ({"sha256": "abc"}, "64 hexadecimal digits"),
        ({"max_duration": "30s"}, "write from 1m to 12h"),
        ({"max_duration": "13h"}, "write from 1m to 12h"),
        ({"max_differing": "101%"}, "share lies between 0 and 1"),
        ({"tolerance": -1}, "tolerance"),
    ],
)
def test_a_sample_says_what_would_be_right(fields: dict[str, Any], why: str) -> None:
    assert why in about_sample(**fields)


def test_a_remedy_that_needs_instances_is_refused() -> None:
    written = json.loads(examples.document(**BATCH)) | {"remedies": [{"on": "alarm", "do": "scale"}]}
    assert any("has none of its own" in each for each in problems(json.dumps(written)))


def test_a_policy_says_that_there_is_no_endpoint_to_look_at() -> None:
    task: Any = {"group": "churn", "version": 7, "document": examples.document(**BATCH), "last_good": None}
    force = check_policy(task | {"release": "churn-v7-1"})
    assert (force["batch"], force["pointer"]) == (True, "churn-live/churn")
    assert "waits for batch churn-live" in force["queued"]["body"]
    assert SAMPLE in force["document"]
