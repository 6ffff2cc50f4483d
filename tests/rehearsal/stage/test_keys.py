"""Keys: what the stack's own key lets services do, and what Interlock may do with the customer's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rehearsal.account.iam import Denied
from rehearsal.aws import AwsError, Caller
from rehearsal.services.options import Options
from rehearsal.world import ACCOUNT, REGION, World, new_world

BEGINS = datetime(2026, 1, 5, 9, tzinfo=UTC)
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
THROUGH_SAGEMAKER = {"kms:ViaService": f"sagemaker.{REGION}.amazonaws.com", "kms:CallerAccount": ACCOUNT}
# docs: amazondynamodb/latest/developerguide/encryption.usagenotes
MINIMUM_OF_DYNAMODB = [
    *("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"),
    *("kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey", "kms:CreateGrant"),
]
CANNOT_DELIVER: dict[str, Any] = {
    "Statement": {"Effect": "Deny", "Principal": {"Service": "events.amazonaws.com"}, "Action": "*", "Resource": "*"}
}


@pytest.mark.parametrize("answer", ["supported", "not supported"])
def test_the_dead_letter_queue_takes_what_a_rule_cannot_deliver(answer: Any) -> None:
    world = new_world(BEGINS, 7, {}, delivery_options=Options(key_conditions=answer))
    for queue in ("EventsQueue", "AlarmsQueue"):
        world.gateway.iam.put_resource_policy(world.stack.resources[queue].arn, CANNOT_DELIVER)

    told = {"state": {"value": "ALARM"}, "alarmName": "a"}
    world.bus.emit("aws.cloudwatch", "CloudWatch Alarm State Change", told, [])
    world.bus.emit("shop", "Interlock Signal", {}, [])
    world.clock.run(BEGINS.timestamp() + 60)

    assert world.dead_letters() == 2
    assert world.bus.courier.lost == []


def test_the_table_has_what_dynamodb_documents_as_the_minimum() -> None:
    world = new_world(BEGINS, 7, {})
    key, role = world.stack.resources["Key"].arn, world.stack.resources["DeliverRole"].arn
    through = {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com", "kms:CallerAccount": ACCOUNT}

    for action in MINIMUM_OF_DYNAMODB:
        world.gateway.iam.check_role(role, action, key, through)
        with pytest.raises(Denied):
            world.gateway.iam.check_role(role, action, key, {"kms:CallerAccount": ACCOUNT})


def _with_key() -> World:
    world = new_world(BEGINS, 7, {"KeyArns": KEY})
    world.make_key(KEY)
    return world


def test_a_grant_on_the_customers_key_is_made_for_a_service_only() -> None:
    world = _with_key()
    act = Caller(world.stack.resources["ActRole"].arn)
    world.gateway.authorise(
        act, "kms", "CreateGrant", {"KeyId": KEY}, {**THROUGH_SAGEMAKER, "kms:GrantIsForAWSResource": "true"}
    )
    with pytest.raises(AwsError, match="kms:CreateGrant"):
        world.gateway.authorise(act, "kms", "CreateGrant", {"KeyId": KEY}, THROUGH_SAGEMAKER)


def test_a_key_that_the_stack_was_not_told_of_cannot_be_granted() -> None:
    world = _with_key()
    other = KEY.replace("1111", "9999", 1)
    world.make_key(other)
    act = Caller(world.stack.resources["ActRole"].arn)
    with pytest.raises(AwsError, match=other):
        world.gateway.authorise(
            act, "kms", "CreateGrant", {"KeyId": other}, {**THROUGH_SAGEMAKER, "kms:GrantIsForAWSResource": "true"}
        )


def test_a_package_with_a_key_is_told_without_its_card_to_who_may_not_use_the_key() -> None:
    world = _with_key()
    other = KEY.replace("1111", "9999", 1)
    world.make_key(other)
    card = {"intended_uses": {"risk_rating": "Low", "purpose_of_model": "secret"}}
    world.register("churn", "plain", "Approved", card=card, key=other)
    observe = Caller(world.stack.resources["ObserveRole"].arn)
    asked = {"ModelPackageName": world.sagemaker.registry.arn("churn/1")}

    with pytest.raises(AwsError, match="kms:Decrypt"):
        world.gateway.call(observe, "sagemaker", "DescribeModelPackage", asked)
    told = world.gateway.call(observe, "sagemaker", "DescribeModelPackage", {**asked, "IncludedData": "MetadataOnly"})
    assert told["ModelCard"]["ModelCardContent"] == '{"intended_uses": {"risk_rating": "Low"}}'
    assert told["InferenceSpecification"]
