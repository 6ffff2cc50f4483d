"""Which stages make a path, and which stage a release goes to."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from tests.unit import examples
from tests.unit.staged import ASKS, PRODUCTION, STAGING, policy


def read(*stages: dict[str, Any]) -> Any:
    return read_policy(policy(*stages), examples.GROUP)


def test_each_endpoint_has_its_stage_and_the_stage_after_it() -> None:
    path = read()
    assert path.at("churn-staging").stage.name == path.stage.name == "staging"
    assert path.at("churn-live").stage.name == "production"
    assert path.after("churn-staging").endpoint == "churn-live"
    assert path.after("churn-live") is None
    assert path.at("another").stage.name == "staging"


@pytest.mark.parametrize(
    ("stages", "said"),
    [
        ((STAGING, {**PRODUCTION, "name": "staging"}), "two stages have the name staging; give each a name of its own"),
        ((STAGING, {**PRODUCTION, "endpoint": "churn-staging"}), "two stages have the endpoint churn-staging; write"),
        (({**STAGING, "approval": ASKS}, PRODUCTION), "there is none before staging; approve the version in the"),
        (({**PRODUCTION, "approval": {"before": ["stage", 100]}},), "there is none before production"),
    ],
)
def test_stages_that_no_version_could_go_along_are_refused(stages: tuple[Any, ...], said: str) -> None:
    with pytest.raises(PolicyError, match="stages: ") as caught:
        read(*stages)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "hosting",
    [
        {"kind": "serverless", "memory_mb": 2048, "max_concurrency": 5},
        {"kind": "async", "instance_type": "ml.m5.large", "output": "s3://results/churn"},
    ],
    ids=lambda hosting: hosting["kind"],
)
def test_every_kind_of_hosting_can_ask_before_its_stage(hosting: dict[str, Any]) -> None:
    stage = {**PRODUCTION, "hosting": hosting, "strategy": examples.ALL_AT_ONCE, "approval": ASKS}
    assert read(STAGING, stage).stages[1].asks_first


def test_a_stage_and_a_step_may_both_ask() -> None:
    stage = read(STAGING, {**PRODUCTION, "approval": {"before": [100, "stage"]}}).stages[1]
    assert (stage.approval.before, stage.asks_at, stage.asks_first) == (("stage", 100), (100,), True)


def test_monitors_watch_the_last_stage() -> None:
    monitoring = {"monitors": [{"name": "inputs", "kind": "data_quality", "every": "1h"}]}
    captures = {**PRODUCTION["hosting"], "data_capture": {"sampling": 20}}
    document = policy(STAGING, {**PRODUCTION, "hosting": captures})[:-1] + f', "monitoring": {_json(monitoring)}}}'
    assert read_policy(document, examples.GROUP).monitoring


def _json(value: Any) -> str:
    import json

    return json.dumps(value)
