"""Golden events have the shape of AWS's own examples: sagemaker/latest/dg/automating-sagemaker-with-eventbridge,
AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge, step-functions/latest/dg/eventbridge-integration."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.intake.routing import ROUTES, route_event

Detail = dict[str, Any]

PACKAGE = "SageMaker Model Package State Change"
ENDPOINT = "SageMaker Endpoint State Change"
DEPLOYMENT = "SageMaker Endpoint Deployment State Change"
ALARM = "CloudWatch Alarm State Change"
EXECUTION = "Step Functions Execution Status Change"

APPROVED: Detail = {
    "ModelPackageGroupName": "versionedmp-p-idy6c3e1fiqj",
    "ModelPackageVersion": 2,
    "ModelPackageArn": "arn:aws:sagemaker:us-east-2:111122223333:model-package/versionedmp-p-idy6c3e1fiqj/2",
    "CreationTime": "2021-02-24T17:00:14Z",
    "ModelPackageStatus": "Completed",
    "ModelApprovalStatus": "Approved",
    "ModelLifeCycle": {"Stage": "Development", "StageStatus": "Approved"},
    "UpdatedModelPackageFields": ["ModelApprovalStatus", "ApprovalDescription"],
}
RAISED: Detail = {
    "alarmName": "ServerCpuTooHigh",
    "configuration": {"description": "Goes into alarm when server CPU utilization is too high!", "metrics": []},
    "previousState": {"timestamp": "2019-10-01T13:56:40.987+0000", "value": "OK"},
    "state": {
        "reason": "Threshold Crossed: 1 out of the last 1 datapoints was greater than the threshold (50.0).",
        "timestamp": "2019-10-02T17:04:40.989+0000",
        "value": "ALARM",
    },
}
SETTLED: Detail = {
    "EndpointName": "MyEndpoint",
    "EndpointArn": "arn:aws:sagemaker:us-west-2:111122223333:endpoint/myendpoint",
    "EndpointConfigName": "MyEndpointConfig",
    "ProductionVariants": [{"DesiredWeight": 1.0, "DesiredInstanceCount": 1.0}],
    "EndpointStatus": "IN_SERVICE",
    "CreationTime": 1592411992203.0,
    "Tags": {},
}


def event(source: str, detail_type: str, detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "844e2571-85d4-695f-b930-0153b71dcb42",
        "detail-type": detail_type,
        "source": source,
        "account": "111122223333",
        "time": "1583831889050",
        "region": "us-east-2",
        "resources": [],
        "detail": detail,
    }


def package(**fields: Any) -> dict[str, Any]:
    return route_event(event("aws.sagemaker", PACKAGE, APPROVED | fields))


def endpoint(detail_type: str = ENDPOINT, **fields: Any) -> dict[str, Any]:
    return route_event(event("aws.sagemaker", detail_type, SETTLED | fields))


def alarm(**state: Any) -> dict[str, Any]:
    return route_event(event("aws.cloudwatch", ALARM, RAISED | {"state": RAISED["state"] | state}))


def asked(request: Any) -> dict[str, Any]:
    return route_event(event("interlock.operate", "Operator Request", request))


def test_an_approval_starts_a_release_named_by_what_was_approved() -> None:
    command = package()
    assert command["kind"] == "StartRelease"
    assert (command["group"], command["version"]) == ("versionedmp-p-idy6c3e1fiqj", 2)
    assert (command["name"], command["decision"]) == ("versionedmp-p-idy6c3e1fiqj-v2", "Approved")


def test_an_approval_told_without_the_changed_fields_starts_a_release() -> None:
    older = {name: value for name, value in APPROVED.items() if name != "UpdatedModelPackageFields"}
    command = route_event(event("aws.sagemaker", PACKAGE, older | {"ModelPackageName": "versionedmp-p-idy6c3e1fiqj/2"}))
    assert command["kind"] == "StartRelease"


@pytest.mark.parametrize("fields", [["ModelLifeCycle"], ["CustomerMetadataProperties", "sourceUri"], []])
def test_metadata_written_to_an_approved_version_starts_nothing(fields: list[str]) -> None:
    command = package(UpdatedModelPackageFields=fields)
    assert (command["kind"], command["reason"]) == ("Ignore", "EventIrrelevant")
    assert (", ".join(fields) or "nothing") in command["sentence"]


@pytest.mark.parametrize("status", ["Rejected", "PendingManualApproval"])
def test_any_other_decision_is_recorded(status: str) -> None:
    command = package(ModelApprovalStatus=status)
    assert (command["kind"], command["reason"]) == ("RecordDecision", "VersionRejected")
    assert (command["decision"], command["version"]) == (status, 2)


@pytest.mark.parametrize("detail_type", [ENDPOINT, DEPLOYMENT])
@pytest.mark.parametrize(
    "status", ["IN_SERVICE", "InService", "FAILED", "OUT_OF_SERVICE", "UPDATE_ROLLBACK_FAILED", "DELETED"]
)
def test_an_endpoint_that_has_settled_wakes_who_waits(detail_type: str, status: str) -> None:
    command = endpoint(detail_type, EndpointStatus=status)
    assert (command["kind"], command["endpoint"]) == ("WakeEndpoint", "MyEndpoint")


@pytest.mark.parametrize("status", ["UPDATING", "Creating", "SYSTEM_UPDATING", "ROLLING_BACK", "DELETING", "NOVEL"])
def test_an_endpoint_that_still_changes_wakes_nobody(status: str) -> None:
    assert endpoint(EndpointStatus=status)["kind"] == "Ignore"


def test_the_endpoint_is_named_as_in_the_detail_not_as_in_the_lower_cased_arn() -> None:
    assert endpoint()["endpoint"] == "MyEndpoint"


def test_an_alarm_aborts_whoever_watches_it() -> None:
    command = alarm()
    assert (command["kind"], command["reason"]) == ("AbortWatchers", "AlarmRaised")
    assert (command["alarm"], command["at"]) == ("ServerCpuTooHigh", "2019-10-02T17:04:40.989Z")
    assert "17:04:40 UTC" in command["sentence"]
    assert "utilization is too high" in command["sentence"]


def test_an_alarm_without_a_description_is_told_by_its_reason() -> None:
    detail = {name: value for name, value in RAISED.items() if name != "configuration"}
    assert "Threshold Crossed" in route_event(event("aws.cloudwatch", ALARM, detail))["sentence"]


@pytest.mark.parametrize("value", ["OK", "INSUFFICIENT_DATA"])
def test_an_alarm_that_is_not_raised_aborts_nobody(value: str) -> None:
    assert alarm(value=value)["kind"] == "Ignore"


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2019-10-02T17:04:40.989+0000", "2019-10-02T17:04:40.989Z"),
        ("2019-10-02T19:04:40.989+0200", "2019-10-02T17:04:40.989Z"),
        ("2019-10-02T17:04:40Z", "2019-10-02T17:04:40.000Z"),
        ("2019-10-02T17:04:40", "2019-10-02T17:04:40.000Z"),
    ],
)
def test_the_time_of_an_alarm_is_told_as_the_ledger_tells_time(written: str, at: str) -> None:
    assert alarm(timestamp=written)["at"] == at


def test_a_time_without_offset_does_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert alarm(timestamp="2019-10-02T17:04:40")["at"] == "2019-10-02T17:04:40.000Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("timestamp", ["yesterday", "1583831889050", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_is_none_is_refused(timestamp: str) -> None:
    command = alarm(timestamp=timestamp)
    assert (command["kind"], command["reason"]) == ("Refuse", "EventMalformed")
    assert "state.timestamp" in command["sentence"]
    assert timestamp in command["sentence"]


def execution(name: str) -> dict[str, Any]:
    arn = f"arn:aws:states:us-east-1:012345678912:execution:deliver:{name}"
    detail = {"executionArn": arn, "stateMachineArn": "arn:deliver", "name": name, "status": "ABORTED"}
    return route_event(event("aws.states", EXECUTION, detail))


def test_an_execution_that_ended_badly_wakes_the_steward_once() -> None:
    command = execution("churn-v7-1")
    assert (command["kind"], command["name"]) == ("Reconcile", "after-churn-v7-1")


def test_the_stewards_are_told_apart_even_after_the_longest_names() -> None:
    names = {execution("x" * 78 + end)["name"] for end in ("-1", "-2")}
    assert len(names) == 2
    assert all(len(name) <= 80 for name in names)


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("Create", "CheckPolicy"), ("Update", "CheckPolicy"), ("Delete", "Ignore"), ("LabelParameterVersion", "Ignore")],
)
def test_a_policy_that_was_written_is_checked(operation: str, kind: str) -> None:
    detail = {"name": "/interlock/prod/policies/churn", "operation": operation, "type": "String"}
    command = route_event(event("aws.ssm", "Parameter Store Change", detail))
    assert command["kind"] == kind
    assert command.get("group", "churn") == "churn"


def test_a_version_the_steward_found_starts_like_an_approved_one() -> None:
    found = route_event(event("interlock.steward", "Approved Version Found", {"group": "churn", "version": 7}))
    assert (found["kind"], found["name"], found["decision"]) == ("StartRelease", "churn-v7", "Approved")


@pytest.mark.parametrize("action", ["promote", "pause", "resume"])
def test_a_person_steers_a_release_by_its_endpoint(action: str) -> None:
    command = asked({"action": action, "endpoint": "churn"})
    assert (command["kind"], command["endpoint"]) == (action.capitalize(), "churn")
    assert command["reason"] == "Accepted"


def test_an_abort_gives_the_person_as_the_reason_and_the_persons_words() -> None:
    command = asked({"action": "abort", "endpoint": "churn", "because": "wrong data"})
    assert (command["kind"], command["reason"]) == ("Abort", "AbortedByPerson")
    assert command["sentence"] == "A person asked to abort because: wrong data."
    assert "because" not in command


@pytest.mark.parametrize(
    ("action", "kind"), [("release", "Release"), ("dry_run", "DryRun"), ("lift_quarantine", "LiftQuarantine")]
)
def test_a_person_names_a_version(action: str, kind: str) -> None:
    command = asked({"action": action, "group": "churn", "version": 7})
    assert (command["kind"], command["group"], command["version"]) == (kind, "churn", 7)
    assert command["name"] == ("churn-v7-dry-run" if action == "dry_run" else "churn-v7")


@pytest.mark.parametrize("request_", [{"action": "premote", "endpoint": "churn"}, {"action": ["abort"]}, {}])
def test_a_request_with_a_mistake_is_refused(request_: dict[str, Any]) -> None:
    command = asked(request_)
    assert (command["kind"], command["reason"]) == ("Refuse", "InputInvalid")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("ModelPackageGroupName", None),
        ("ModelPackageVersion", 2**31),
        ("ModelPackageGroupName", ""),
        ("ModelPackageVersion", "two"),
        ("ModelPackageVersion", 0),
        ("ModelApprovalStatus", 7),
        ("UpdatedModelPackageFields", "ModelApprovalStatus"),
    ],
)
def test_a_malformed_event_is_refused_by_its_field(field: str, value: Any) -> None:
    command = package(**{field: value})
    assert (command["kind"], command["reason"]) == ("Refuse", "EventMalformed")
    assert field in command["sentence"]
    assert PACKAGE in command["sentence"]


def test_a_package_without_group_is_nobodys_business() -> None:
    detail = {name: value for name, value in APPROVED.items() if name != "ModelPackageGroupName"}
    assert route_event(event("aws.sagemaker", PACKAGE, detail))["kind"] == "Ignore"


def test_an_event_of_an_unknown_type_is_refused_with_the_known_ones() -> None:
    command = route_event(event("aws.sagemaker", "SageMaker Model Card State Change", {}))
    assert (command["kind"], command["reason"]) == ("Refuse", "EventUnknown")
    assert PACKAGE in command["sentence"]
    assert "SageMaker Model Card State Change" in command["sentence"]


def test_a_known_type_from_an_unknown_source_is_refused() -> None:
    assert route_event(event("somebody.else", PACKAGE, APPROVED))["reason"] == "EventUnknown"


@pytest.mark.parametrize("wrong", [None, 7, "approve", [], {}, {"source": "aws.sagemaker"}, {"detail": []}])
def test_what_is_no_event_is_refused_with_what_is_missing(wrong: Any) -> None:
    command = route_event(wrong)
    assert (command["kind"], command["reason"]) == ("Refuse", "EventMalformed")
    assert command["sentence"].startswith("Not an EventBridge event: ")


json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)
KINDS = frozenset(
    "StartRelease RecordDecision WakeEndpoint AbortWatchers CheckPolicy Reconcile Ignore Refuse"
    " Promote Pause Resume Abort Release DryRun LiftQuarantine".split()
)


def answered(command: dict[str, Any]) -> bool:
    return command["kind"] in KINDS and bool(command["reason"]) and bool(command["sentence"])


@given(json_values)
def test_whatever_json_comes_it_is_answered(value: Any) -> None:
    command = route_event(value)
    assert answered(command)
    json.dumps(command)


@given(
    some.sampled_from(sorted(ROUTES)),
    some.dictionaries(
        some.sampled_from(
            "ModelPackageGroupName ModelPackageVersion ModelApprovalStatus UpdatedModelPackageFields EndpointName"
            " EndpointStatus alarmName state configuration executionArn stateMachineArn name status operation group"
            " version action endpoint because".split()
        ),
        json_values | some.sampled_from(["Approved", "churn", "abort", "release", "IN_SERVICE", "Update", 7]),
    ),
)
def test_whatever_detail_a_known_event_carries_it_is_answered(route: tuple[str, str], detail: Detail) -> None:
    assert answered(route_event(event(*route, detail)))


@given(some.text(), some.sampled_from(["ALARM", "OK"]))
def test_whatever_time_an_alarm_tells_it_is_answered(timestamp: str, value: str) -> None:
    assert answered(alarm(timestamp=timestamp, value=value))
