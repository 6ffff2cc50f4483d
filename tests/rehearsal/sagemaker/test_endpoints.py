"""The life of an endpoint: statuses, refusals, weights, capacity, and the events it sends."""

from __future__ import annotations

import pytest

from rehearsal.aws import AwsError
from rehearsal.sagemaker import Options
from tests.rehearsal.sagemaker.account import PERSON, Account, variant

ARN = "arn:aws:sagemaker:eu-central-1:111122223333:endpoint/"
STATE = "SageMaker Endpoint State Change"
IN_PROGRESS = f'Cannot update in-progress endpoint "{ARN}digits".'


def pair(options: Options | None = None) -> Account:
    """An endpoint in service with the variants stable and candidate."""
    account = Account(options or Options())
    account.model("plain")
    account.model("better")
    account.endpoint(variant("stable", "plain", 100, 2), variant("candidate", "better", 0, 2))
    return account


def test_creating_takes_minutes_and_ends_in_service() -> None:
    account = Account()
    account.model()
    account.config("first", variant())
    account.call("create_endpoint", EndpointName="Digits", EndpointConfigName="first")

    described = account.describe("Digits")
    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("Creating", "first")
    assert described["PendingDeploymentSummary"]["EndpointConfigName"] == "first"
    account.wait(3)
    assert account.status("Digits") == "Creating"
    account.wait(2)
    assert account.status("Digits") == "InService"
    assert "PendingDeploymentSummary" not in account.describe("Digits")
    assert [detail["EndpointStatus"] for detail in account.told(STATE)] == ["CREATING", "IN_SERVICE"]


def test_event_arns_hold_the_name_in_lower_case_and_details_hold_it_as_given() -> None:
    account = Account()
    account.endpoint(name="Digits")
    event = next(event for event in account.events if event.kind == STATE)

    assert event.resources == [f"{ARN}digits"] == [event.detail["EndpointArn"]]
    assert event.detail["EndpointName"] == "Digits"
    assert event.detail["CreationTime"] == 1767603600000
    assert event.detail["ProductionVariants"] == [{"DesiredWeight": 1.0, "DesiredInstanceCount": 1.0}]


def test_a_container_that_crashes_again_and_again_fails_creation_after_about_24_minutes() -> None:
    account = Account()
    account.model("crash")
    account.endpoint(variant(model="crash"))
    assert account.status() == "Creating"
    assert account.refused("delete_endpoint", EndpointName="digits") == IN_PROGRESS
    account.wait(20)

    described = account.describe()
    assert described["EndpointStatus"] == "Failed"
    assert described["FailureReason"] == (
        "The primary container for production variant AllTraffic did not pass the ping health check. "
        "Please check CloudWatch logs for this endpoint."
    )
    assert account.shares() == {}


def test_delete_is_the_only_operation_on_a_failed_endpoint() -> None:
    account = Account()
    account.model("crash")
    account.endpoint(variant(model="crash"))
    account.wait(20)

    assert "Failed" in account.refused("update_endpoint", EndpointName="digits", EndpointConfigName="first")
    account.call("delete_endpoint", EndpointName="digits")
    account.wait(1)
    assert account.refused("describe_endpoint", EndpointName="digits") == f'Could not find endpoint "{ARN}digits".'


def test_an_endpoint_cannot_be_created_twice() -> None:
    account = Account()
    account.endpoint()

    assert account.refused("create_endpoint", EndpointName="digits", EndpointConfigName="first") == (
        f'Cannot create already existing endpoint "{ARN}digits".'
    )


def test_while_a_change_is_under_way_every_other_is_refused() -> None:
    account = pair()
    account.weigh(candidate=5)
    change = {"VariantName": "candidate", "DesiredWeight": 9.0}

    assert account.status() == "Updating"
    for operation, request in (
        ("update_endpoint", {"EndpointConfigName": "first"}),
        ("update_endpoint_weights_and_capacities", {"DesiredWeightsAndCapacities": [change]}),
        ("delete_endpoint", {}),
    ):
        assert account.refused(operation, EndpointName="digits", **request) == IN_PROGRESS


def test_new_weights_are_desired_at_once_and_current_after_about_a_minute() -> None:
    account = pair()
    account.weigh(stable=95, candidate=5)
    stable, candidate = account.describe()["ProductionVariants"]

    assert (stable["CurrentWeight"], stable["DesiredWeight"]) == (100, 95)
    assert (candidate["CurrentWeight"], candidate["DesiredWeight"]) == (0, 5)
    assert account.shares() == {("first", "stable"): 1.0, ("first", "candidate"): 0.0}
    account.wait(1)
    assert account.status() == "InService"
    assert account.shares() == {("first", "stable"): 0.95, ("first", "candidate"): 0.05}


def test_a_weight_change_does_not_change_the_configuration_nor_show_a_pending_one() -> None:
    account = pair()
    account.weigh(candidate=5)
    during = account.describe()
    account.wait(1)

    assert "PendingDeploymentSummary" not in during
    assert account.describe()["EndpointConfigName"] == "first"
    assert [detail["EndpointStatus"] for detail in account.told(STATE)][2:] == ["UPDATING", "IN_SERVICE"]


def test_a_capacity_change_says_so_in_the_variant_status_without_a_pending_deployment() -> None:
    account = pair()
    change = {"VariantName": "stable", "DesiredInstanceCount": 6}
    account.call("update_endpoint_weights_and_capacities", EndpointName="digits", DesiredWeightsAndCapacities=[change])
    (detail,) = account.told("SageMaker Endpoint Deployment State Change")

    assert "PendingDeploymentSummary" not in detail
    assert detail["ProductionVariants"][0]["VariantStatus"][0]["StatusMessage"] == (
        "Scaling out desired instance count to 6."
    )
    account.wait(3)
    assert account.describe()["ProductionVariants"][0]["CurrentInstanceCount"] == 6
    assert "VariantStatus" not in account.describe()["ProductionVariants"][0]


def test_the_capacity_of_one_variant_per_call_or_of_several_as_the_option_says() -> None:
    changes = [{"VariantName": name, "DesiredInstanceCount": 3} for name in ("stable", "candidate")]
    request = {"EndpointName": "digits", "DesiredWeightsAndCapacities": changes}

    assert "one variant" in pair().refused("update_endpoint_weights_and_capacities", **request)
    pair(Options(capacities_per_call="several")).call("update_endpoint_weights_and_capacities", **request)


def test_a_real_time_variant_keeps_at_least_one_instance_and_must_exist() -> None:
    account = pair()
    operation = "update_endpoint_weights_and_capacities"

    for change, words in (
        ({"VariantName": "stable", "DesiredInstanceCount": 0}, "at least 1"),
        ({"VariantName": "other", "DesiredWeight": 1.0}, 'Could not find variant "other"'),
    ):
        assert words in account.refused(operation, EndpointName="digits", DesiredWeightsAndCapacities=[change])


@pytest.mark.parametrize(("option", "share"), [("nobody", 0.0), ("everybody", 0.5)])
def test_when_all_weights_are_zero_nobody_or_everybody_gets_requests_as_the_option_says(
    option: str, share: float
) -> None:
    account = Account(Options(all_zero_weights=option))  # type: ignore[arg-type]
    account.model()
    account.endpoint(variant("a", weight=0), variant("b", weight=0))

    assert set(account.shares().values()) == {share}


def test_a_failed_weight_change_rolls_back_to_in_service_with_the_old_weights() -> None:
    account = pair()
    account.sagemaker.endpoints.fail_next("digits", "weights", "service")
    account.weigh(stable=0, candidate=100)
    account.wait(1.5)
    assert account.status() == "RollingBack"
    account.wait(1)

    described = account.describe()
    assert (described["EndpointStatus"], described["FailureReason"]) == (
        "InService",
        "Request to service failed. If failure persists after retry, contact customer support.",
    )
    assert [summary["DesiredWeight"] for summary in described["ProductionVariants"]] == [100, 0]


def test_during_maintenance_an_endpoint_serves_and_cannot_be_changed() -> None:
    account = pair()
    account.sagemaker.endpoints.maintain("digits", 600)

    assert account.status() == "SystemUpdating"
    assert account.shares()[("first", "stable")] == 1.0
    assert account.refused("delete_endpoint", EndpointName="digits") == IN_PROGRESS
    account.wait(10)
    assert account.status() == "InService"


def test_autoscaling_changes_live_capacity_with_or_without_showing_as_updating() -> None:
    quiet = pair()
    quiet.sagemaker.endpoints.autoscale("digits", "stable", 7)
    assert quiet.status() == "InService"
    assert quiet.describe()["ProductionVariants"][0]["CurrentInstanceCount"] == 7

    shown = Account(Options(autoscaling_status="Updating"))
    shown.endpoint()
    shown.sagemaker.endpoints.autoscale("digits", "AllTraffic", 7)
    assert shown.status() == "Updating"


def test_deleting_an_endpoint_stops_its_answers_and_forgets_its_scalable_targets() -> None:
    account = pair()
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/digits/variant/stable",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    account.autoscaling.register_scalable_target(target | {"MinCapacity": 1, "MaxCapacity": 4}, PERSON)
    account.call("delete_endpoint", EndpointName="digits")

    assert account.status() == "Deleting"
    assert account.shares() == {}
    assert not account.autoscaling.describe_scalable_targets({"ServiceNamespace": "sagemaker"}, PERSON)[
        "ScalableTargets"
    ]
    with pytest.raises(AwsError, match="No scalable target"):
        account.autoscaling.deregister_scalable_target(target, PERSON)
