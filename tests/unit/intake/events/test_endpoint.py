from __future__ import annotations

from typing import Any

import pytest

from tests.unit.intake.incoming import Detail, becomes, routed

ENDPOINT = "SageMaker Endpoint State Change"
DEPLOYMENT = "SageMaker Endpoint Deployment State Change"
SETTLED: Detail = {
    "EndpointName": "MyEndpoint",
    "EndpointArn": "arn:aws:sagemaker:us-west-2:111122223333:endpoint/myendpoint",
    "EndpointConfigName": "MyEndpointConfig",
    "ProductionVariants": [{"DesiredWeight": 1.0, "DesiredInstanceCount": 1.0}],
    "EndpointStatus": "IN_SERVICE",
    "CreationTime": 1592411992203.0,
    "Tags": {},
}


def endpoint(detail_type: str = ENDPOINT, **fields: Any) -> Detail:
    return routed("aws.sagemaker", detail_type, SETTLED | fields)


@pytest.mark.parametrize("detail_type", [ENDPOINT, DEPLOYMENT])
@pytest.mark.parametrize(
    "status", ["IN_SERVICE", "InService", "FAILED", "OUT_OF_SERVICE", "UPDATE_ROLLBACK_FAILED", "DELETED"]
)
def test_an_endpoint_that_has_settled_wakes_the_release_that_waits(detail_type: str, status: str) -> None:
    command = endpoint(detail_type, EndpointStatus=status)
    assert (command["kind"], command["endpoint"]) == ("WakeEndpoint", "MyEndpoint")


def test_an_event_as_it_was_captured_wakes_too() -> None:
    """It has no EndpointConfigName, and a FailureReason that is null."""
    captured = {name: each for name, each in SETTLED.items() if name != "EndpointConfigName"}
    command = routed("aws.sagemaker", ENDPOINT, captured | {"FailureReason": None, "EndpointConfigName": None})
    assert command["kind"] == "WakeEndpoint"


@pytest.mark.parametrize("status", ["UPDATING", "Creating", "SYSTEM_UPDATING", "ROLLING_BACK", "DELETING", "NOVEL"])
def test_an_endpoint_that_still_changes_wakes_nothing(status: str) -> None:
    assert endpoint(EndpointStatus=status)["kind"] == "Ignore"


def test_the_endpoint_is_named_as_in_the_detail_not_as_in_the_lower_cased_arn() -> None:
    assert endpoint()["endpoint"] == "MyEndpoint"


def test_an_endpoint_that_interlock_does_not_hold_is_ignored() -> None:
    said = "Endpoint MyEndpoint has settled as IN_SERVICE. There is nothing it could apply to."
    assert becomes(endpoint(), "NothingToDo") == ("Ignore", "NothingToDo", said)
