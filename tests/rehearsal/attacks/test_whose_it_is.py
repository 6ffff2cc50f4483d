"""Somebody who may write the ledger cannot make Interlock touch what is not its own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.world import World
from tests.rehearsal.attacks.stopping import account, release

THEIRS = "payments"
FORGED: dict[str, dict[str, Any]] = {
    "UpdateEndpoint": {"stable_config": "evil"},
    "DeleteEndpoint": {"stable_config": "", "stable_variant": ""},
}
"""Facts of a release that never was, by the call to which they would lead."""


def forge(world: World, endpoint: str, facts: dict[str, Any]) -> None:
    """Write a lease whose execution is dead, so that the steward has its release rolled back."""
    whole = {
        "endpoint": endpoint,
        "made": [
            {"step": 0, "kind": "model", "name": "interlock-theirs"},
            {"step": 0, "kind": "config", "name": "interlock-theirs"},
        ],
        "last_step": 9,
        "moves_from": 0,
        "package": world.sagemaker.registry.arn("digits/1"),
        "final_config": endpoint,
        "transition_config": "",
        "candidate_variant": "candidate",
        "stable_variant": "AllTraffic",
        "stable_settings": {},
    } | facts
    holder = world.machine("deliver").replace(":stateMachine:", ":execution:") + ":forged"
    texts = {
        "pk": "CONTROL", "sk": endpoint, "holder": holder, "release_id": "forged", "model_group": "digits",
        "held_since": "2026-01-05T09:00:00Z", "alarms": "||", "facts": json.dumps(whole),
        "back_reason": "AlarmRaised", "back_sentence": "An alarm was raised.",
    }  # fmt: skip
    numbers = {"model_version": "1", "recoveries": "0", "step_index": "5"}
    item = {name: {"S": text} for name, text in texts.items()} | {name: {"N": each} for name, each in numbers.items()}
    world.ask("dynamodb", "PutItem", TableName=world.stack.outputs["Ledger"], Item=item)


def foreign(world: World) -> None:
    """What another team has: an endpoint, and a model and configurations whose names look like Interlock's."""
    world.make_endpoint(THEIRS, "plain", "AllTraffic", {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1})
    container = world.ask("sagemaker", "DescribeModel", ModelName=THEIRS)["PrimaryContainer"]
    role = "arn:aws:iam::123456789012:role/models"
    world.ask(
        "sagemaker", "CreateModel", ModelName="interlock-theirs", PrimaryContainer=container, ExecutionRoleArn=role
    )
    variants = world.ask("sagemaker", "DescribeEndpointConfig", EndpointConfigName=THEIRS)["ProductionVariants"]
    for name in ("interlock-theirs", "evil"):
        world.ask("sagemaker", "CreateEndpointConfig", EndpointConfigName=name, ProductionVariants=variants)
    world.clock.run(until=world.clock.now + 600)


@pytest.mark.parametrize("call", FORGED)
def test_a_forged_lease_changes_no_endpoint_of_others(call: str) -> None:
    world = account("weights")
    world.clock.run(until=world.clock.now + 60)
    foreign(world)
    before = world.describe_endpoint(THEIRS)
    assert before and before["EndpointStatus"] == "InService"
    forge(world, THEIRS, FORGED[call])
    world.clock.run(until=world.clock.now + 4 * 3600)

    tried = [each for each in world.gateway.journal if each.operation == call and ":role/" in each.caller.principal]
    assert tried, "nobody tried, so nothing is shown"
    assert all("is not authorized to perform" in each.error for each in tried if each.request["EndpointName"] == THEIRS)
    assert world.describe_endpoint(THEIRS) == before


def test_a_forged_lease_deletes_no_model_or_configuration_of_others() -> None:
    world = account("weights")
    world.clock.run(until=world.clock.now + 60)
    foreign(world)
    forge(world, THEIRS, {"stable_config": THEIRS, "final_config": "interlock-theirs"})
    world.clock.run(until=world.clock.now + 4 * 3600)

    tried = {each.operation for each in world.gateway.journal if "interlock-theirs" in str(each.request)}
    assert tried >= {"DeleteModel", "DeleteEndpointConfig"}
    assert world.ask("sagemaker", "DescribeModel", ModelName="interlock-theirs")
    assert world.ask("sagemaker", "DescribeEndpointConfig", EndpointConfigName="interlock-theirs")


def test_a_release_whose_owner_takes_consent_back_touches_the_endpoint_no_more_and_asks_a_person() -> None:
    world = account("weights")
    start = world.clock.now
    world.clock.run(until=start + 15 * 60)  # in the first bake
    arn = world.ask("sagemaker", "DescribeEndpoint", EndpointName="digits")["EndpointArn"]
    shares = world.serving("digits")
    assert set(shares) == {"plain", 1}
    world.ask("sagemaker", "DeleteTags", ResourceArn=arn, TagKeys=["interlock:group"])
    world.clock.run(until=start + 3 * 3600)

    assert world.serving("digits") == shares
    assert release(world).status == "FAILED"
    assert release(world).error == "Interlock.Failed"
    assert "not authorized to perform: sagemaker:UpdateEndpointWeightsAndCapacities" in str(release(world).cause)
