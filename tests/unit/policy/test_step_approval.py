"""Where a person can be asked before a step, and what is said where nobody can."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.policy.agreement import LONGEST_RELEASE
from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from tests.unit import examples

CANARY = {"kind": "canary", "steps": [5, 50], "bake": "10m"}
SERVERLESS = {"kind": "serverless", "memory_mb": 2048, "max_concurrency": 5}
ASYNC = {"kind": "async", "instance_type": "ml.m5.large", "output": "s3://results/churn"}
ALL_AT_ONCE = {"kind": "all_at_once"}
BETTER = [{"metric": "error_rate", "better_by": "10%"}]


def stage(approval: dict[str, Any], **fields: Any) -> Any:
    document = examples.document(**{"strategy": CANARY, **fields}, approval=approval)
    return read_policy(document, examples.GROUP).stage


def refused(approval: dict[str, Any], **fields: Any) -> str:
    with pytest.raises(PolicyError) as caught:
        stage(approval, **fields)
    return str(caught.value)


@pytest.mark.parametrize(("before", "steps"), [(100, (100,)), ([100, 50, 50], (50, 100))])
def test_a_person_is_asked_before_the_steps_that_are_named(before: Any, steps: tuple[int, ...]) -> None:
    approval = stage({"before": before}).approval
    assert (approval.before, approval.within, approval.life_cycle) == (steps, 24 * 3600, None)


@pytest.mark.parametrize(
    ("approval", "fields", "said"),
    [
        ({"before": 30}, {}, "30 is no step of this strategy; write 50 or 100"),
        ({"before": 5}, {}, "nothing is known of a candidate before 5, its first step; approve the version in the"),
        ({"before": 100}, {"strategy": ALL_AT_ONCE}, "or write kind: canary with steps"),
        ({"before": 100}, {"strategy": {**CANARY, "traffic": "native"}}, "traffic: native leaves the steps to Sage"),
        (
            {"before": 100},
            {"strategy": {"kind": "rolling", "batch": 50}},
            "kind: rolling leaves the steps to SageMaker",
        ),
        ({"before": 100}, {"hosting": SERVERLESS, "strategy": ALL_AT_ONCE}, "kind: serverless has one variant"),
        ({"before": 100}, {"hosting": ASYNC, "strategy": {**CANARY, "steps": [50]}}, "kind: async has one variant"),
        (
            {"before": 100},
            {"strategy": {**examples.AB_TEST, "looks": 5, "allocation": {"kind": "thompson"}}, "evidence": BETTER},
            "an allocation changes the share that a person would be asked about",
        ),
        ({"before": []}, {}, "write a percentage of the strategy's steps, or a list"),
        ({"before": True}, {}, "write a percentage of the strategy's steps, or a list"),
        ({"before": 100, "within": "8d"}, {}, "a person has from 1m to 7d to answer"),
        ({"before": 100, "within": "30s"}, {}, "a person has from 1m to 7d to answer"),
        ({"before": [50, 100], "life_cycle": {"stage": "Live", "status": "Ok"}}, {}, "a life_cycle says yes once"),
        ({"before": 100, "life_cycle": {"stage": "Live|", "status": "Ok"}}, {}, "write letters, digits and hyphens"),
    ],
)
def test_a_step_that_cannot_wait_is_refused_by_name(approval: dict[str, Any], fields: Any, said: str) -> None:
    assert said in refused(approval, **fields)


def test_a_shadow_is_known_before_the_first_step() -> None:
    shadow = {"kind": "shadow", "sampling": "50%", "bake": "10m"}
    assert stage({"before": 100}, strategy=shadow).approval.before == (100,)
    assert stage({"before": 5}, strategy={**CANARY, "shadow": "50%"}).approval.before == (5,)


def test_the_time_for_answers_counts_for_the_longest_release() -> None:
    assert LONGEST_RELEASE == 120 * 86_400
    long = {"strategy": {"kind": "canary", "steps": [1, 2, 3], "bake": ["29d", "30d", "30d", "30d"]}, "evidence": []}
    assert stage({"before": 100, "within": "1d"}, **long)
    assert "which is more than 120 d" in refused({"before": 100, "within": "2d"}, **long)
