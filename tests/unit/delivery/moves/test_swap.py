"""One update replaces stable where there is neither a second variant nor a guardrail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.unit import examples
from tests.unit.delivery.test_every_plan import request_is_one_that_aws_takes
from tests.unit.examples import NOTHING_YET, RELEASE, STABLE, STABLE_CONFIG, answers, found
from tests.unit.fake_account import Account, walk
from tests.unit.planned import actions, config, deliver, request, roll_back, serverless

HOSTING = {"kind": "serverless", "memory_mb": 2048, "max_concurrency": 20, "provisioned_concurrency": 5}
FIELDS: dict[str, Any] = {"hosting": HOSTING, "strategy": {"kind": "all_at_once", "bake": "10m"}}
FINAL = "interlock-churn-v7-1"


def account(exists: bool = True) -> Account:
    """A serverless endpoint whose concurrency somebody has raised from 20 to 40."""
    return Account(exists=exists, instances=40, stable=examples.serverless_variant())


def plan(**fields: Any) -> Any:
    return deliver(account().answers(), **{**FIELDS, **fields})


def test_the_candidate_takes_the_place_of_stable_and_is_watched_with_all_traffic() -> None:
    made = plan()
    assert made["traffic"] == "swap"
    own = ["PutMetricAlarm", "PutMetricAlarm"]  # server errors, and p99 latency
    assert actions(made) == [
        "CreateModel",
        "CreateEndpointConfig",
        *own,
        "UpdateEndpoint",
        "InvokeEndpoint",
        "Bake",
        "DeleteAlarms",
    ]
    bake = made["steps"][6]["bake"]
    assert (bake["percent"], bake["seconds"], bake["split"]) == (100, 600, {})
    assert {query["MetricStat"]["Metric"]["Dimensions"][1]["Value"] for query in bake["queries"]} == {RELEASE}


def test_the_update_says_nothing_that_sagemaker_may_refuse_for_a_serverless_endpoint() -> None:
    assert request(plan(), "UpdateEndpoint") == {"EndpointName": "churn-live", "EndpointConfigName": FINAL}


def test_the_candidate_has_a_name_of_its_own_and_the_concurrency_that_serves() -> None:
    (variant,) = config(plan(), FINAL)["ProductionVariants"]
    assert (variant["VariantName"], variant["InitialVariantWeight"]) == (RELEASE, 1.0)
    assert variant["ServerlessConfig"]["MaxConcurrency"] == 40


@pytest.mark.parametrize("observed", [NOTHING_YET, {}], ids=["first deployment", "later"])
def test_the_model_takes_no_etag_and_the_only_variant_is_not_named(observed: dict[str, Any]) -> None:
    """Serverless endpoints take no ModelDataSource (botocore ContainerDefinition)."""
    made = deliver(account(exists=not observed).answers(), **FIELDS)
    container = request(made, "CreateModel")["PrimaryContainer"]
    assert container["ModelDataUrl"] == "s3://models/churn/7/model.tar.gz"
    assert "ModelDataSource" not in container
    assert "artifact" not in made["steps"][0]["note"]
    assert "TargetVariant" not in request(made, "InvokeEndpoint")


def test_an_autoscaled_variant_is_not_replaced() -> None:
    target = {"ResourceId": f"endpoint/churn-live/variant/{STABLE}"}
    made = deliver(account().answers() | {"scaling": found({"ScalableTargets": [target]})}, **FIELDS)
    assert (made["decision"], made["reason"]) == ("Refuse", "StrategyImpossible")
    assert made["why"] == (
        "Stable cannot be replaced, because variant AllTraffic is a scalable target, so it could not be replaced."
        " Deregister it, then release again."
    )
    unread = deliver(account().answers() | {"scaling": examples.DENIED}, **FIELDS)
    assert "whether the endpoint is autoscaled could not be read" in unread["why"]


def test_an_endpoint_on_instances_is_refused_by_name() -> None:
    made = deliver(answers(), **FIELDS)
    assert (made["decision"], made["reason"]) == ("Refuse", "EndpointUnsupported")
    assert "it runs on instances" in made["why"]


def test_the_plan_says_that_a_rollback_takes_minutes_and_that_a_version_starts_cold() -> None:
    said = " ".join(plan(smoke=None, evidence=None)["warnings"])
    for words in ("takes minutes", "starts cold", "cannot pin", "No smoke test", "No evidence rules"):
        assert words in said


@settings(max_examples=60)
@given(serverless, some.booleans())
def test_every_plan_ends_with_the_candidate_and_no_less_capacity(fields: dict[str, Any], exists: bool) -> None:
    here = account(exists)
    made = deliver(here.answers(), **fields)
    for step in made["steps"]:
        assert request_is_one_that_aws_takes(step)
    assert walk(here, made, "deliver") == "Done"
    assert list(here.shares().values()) == [100]
    assert list(here.instances.values()) == [40 if exists else fields["hosting"]["max_concurrency"]]
    assert not here.lost_capacity
    assert set(here.configs) == {STABLE_CONFIG, FINAL}


@pytest.mark.parametrize("reached", range(8))
@pytest.mark.parametrize("reason", ["AlarmRaised", "ExecutionStopped"])
def test_from_every_step_a_rollback_ends_with_stable_unless_the_candidate_was_judged(reached: int, reason: str) -> None:
    """A release that died in its bake has proven nothing, although the candidate alone serves."""
    here = account()
    made = deliver(here.answers(), **FIELDS)
    assert walk(here, made, "deliver", reached) == "Done"
    back = roll_back(here.answers(), made, reached, reason)
    assert walk(here, back, "roll_back") == "Done"
    forward = reason == "ExecutionStopped" and reached == 7
    (variant,) = here.configs[here.config]["ProductionVariants"]
    assert variant["VariantName"] == (RELEASE if forward else STABLE)
    assert variant["ModelName"] == ("interlock-churn-v7-1" if forward else "churn-6")
    assert list(here.instances.values()) == [40]
    assert not here.lost_capacity
    assert not here.alarms


def test_a_person_may_promote_or_abort_the_bake_but_not_pause_it() -> None:
    assert [step["hears"] for step in plan()["steps"] if step["action"] == "Bake"] == ["|Abort|Promote|"]
