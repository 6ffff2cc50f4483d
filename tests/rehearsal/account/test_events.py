from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.aws import AwsError, Caller
from rehearsal.services.templates import fill, follow
from tests.rehearsal.account.conftest import ACCOUNT, REGION, Account

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:intake"
TRUST = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
APPROVED = {"ModelPackageGroupName": "churn", "ModelApprovalStatus": "Approved"}


class Machines:
    """Takes executions, or refuses the first few."""

    def __init__(self) -> None:
        self.started: list[tuple[float, Any]] = []
        self.refusals: list[AwsError] = []
        self.account: Account | None = None

    def start_execution(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        assert self.account is not None
        if self.refusals:
            raise self.refusals.pop(0)
        self.started.append((self.account.clock.now, json.loads(request["input"])))
        return {
            "executionArn": f"arn:aws:states:{REGION}:{ACCOUNT}:execution:intake:{request['name']}",
            "startDate": self.account.clock.datetime(),
        }


@pytest.fixture
def machines(account: Account) -> Machines:
    simulator = Machines()
    simulator.account = account
    account.gateway.register("stepfunctions", simulator)
    return simulator


def listen(account: Account, allowed: bool = True, **target: Any) -> str:
    """A rule for approvals that starts the machine, and a dead-letter queue, whose URL is returned."""
    role = account.iam.put_role("door", {"Statement": TRUST})
    if allowed:
        grant = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": MACHINE}
        account.iam.put_policy(role.arn, "start", {"Statement": grant})
    url = str(account.ask("sqs", "CreateQueue", QueueName="letters")["QueueUrl"])
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:letters"
    from_rules = {"ArnLike": {"aws:SourceArn": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/*"}}
    send = {**TRUST, "Action": "sqs:SendMessage", "Resource": queue, "Condition": from_rules}
    account.iam.put_resource_policy(queue, {"Statement": send})
    pattern = {"source": ["aws.sagemaker"], "detail": {"ModelApprovalStatus": ["Approved", {"prefix": "Auto"}]}}
    account.ask("events", "PutRule", Name="approvals", EventPattern=json.dumps(pattern))
    whole = {"Id": "1", "Arn": MACHINE, "RoleArn": role.arn, "DeadLetterConfig": {"Arn": queue}, **target}
    account.ask("events", "PutTargets", Rule="approvals", Targets=[whole])
    return url


def approve(account: Account, **changes: Any) -> None:
    detail = {**APPROVED, **changes}
    account.events.emit("aws.sagemaker", "SageMaker Model Package State Change", detail, ["arn:package"])


def letters(account: Account, url: str) -> list[dict[str, Any]]:
    return list(account.ask("sqs", "ReceiveMessage", QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", []))


def test_an_event_that_matches_starts_the_target_half_a_second_later(account: Account, machines: Machines) -> None:
    listen(account)
    approve(account)
    approve(account, ModelApprovalStatus="Rejected")
    account.let_pass(60)
    [(at, event)] = machines.started
    assert at == account.clock.now - 59.5
    assert (event["detail-type"], event["detail"]) == ("SageMaker Model Package State Change", APPROVED)
    assert (event["time"], event["account"], event["region"]) == ("2026-01-05T09:00:00Z", ACCOUNT, REGION)


@pytest.mark.parametrize(
    ("target", "received"),
    [
        ({"InputPath": "$.detail"}, APPROVED),
        ({"InputPath": "$.detail.ModelPackageGroupName"}, "churn"),
        ({"Input": '{"constant": 1}'}, {"constant": 1}),
        (
            {
                "InputTransformer": {
                    "InputPathsMap": {"group": "$.detail.ModelPackageGroupName", "all": "$.detail"},
                    "InputTemplate": '{"group": <group>, "why": "<group> by <aws.events.rule-name>", "all": <all>}',
                }
            },
            {"group": "churn", "why": "churn by approvals", "all": APPROVED},
        ),
    ],
)
def test_a_target_gets_what_it_asks_for(account: Account, machines: Machines, target: Any, received: Any) -> None:
    listen(account, **target)
    approve(account)
    account.let_pass(1)
    assert machines.started[0][1] == received


def test_a_throttled_target_is_tried_again_until_it_takes_the_event(account: Account, machines: Machines) -> None:
    url = listen(account)
    machines.refusals = [AwsError("stepfunctions", "ThrottlingException", "Rate exceeded")] * 3
    approve(account)
    account.let_pass(60)
    assert len(machines.started) == 1
    assert [attempt.error for attempt in account.events.courier.attempts] == [
        "ThrottlingException: Rate exceeded",
        "ThrottlingException: Rate exceeded",
        "ThrottlingException: Rate exceeded",
        "",
    ]
    assert letters(account, url) == []


@pytest.mark.parametrize(
    ("policy", "condition"),
    [
        ({"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}, "MaximumRetryAttempts"),
        ({"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds"),
    ],
)
def test_what_cannot_be_delivered_becomes_a_dead_letter_that_says_why(
    account: Account, machines: Machines, policy: dict[str, int], condition: str
) -> None:
    url = listen(account, RetryPolicy=policy)
    machines.refusals = [AwsError("stepfunctions", "ThrottlingException", "Rate exceeded")] * 200
    approve(account)
    account.let_pass(7200)
    [letter] = letters(account, url)
    labels = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    retries = labels.pop("RETRY_ATTEMPTS")
    assert labels == {
        "RULE_ARN": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/approvals",
        "TARGET_ARN": MACHINE,
        "ERROR_CODE": "THROTTLING",
        "ERROR_MESSAGE": "Rate exceeded",
        "EXHAUSTED_RETRY_CONDITION": condition,
    }
    assert int(retries) == len(account.events.courier.attempts) - 1
    assert condition != "MaximumRetryAttempts" or int(retries) == policy["MaximumRetryAttempts"]
    assert json.loads(letter["Body"])["detail"] == APPROVED


def test_a_missing_permission_is_not_retried(account: Account, machines: Machines) -> None:
    url = listen(account, allowed=False)
    approve(account)
    account.let_pass(1)
    [letter] = letters(account, url)
    labels = letter["MessageAttributes"]
    assert labels["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert labels["RETRY_ATTEMPTS"]["StringValue"] == "0"
    assert "not authorized to perform: states:StartExecution" in labels["ERROR_MESSAGE"]["StringValue"]


def test_a_role_that_events_may_not_assume_is_no_permission(account: Account, machines: Machines) -> None:
    other = {**TRUST, "Principal": {"Service": "states.amazonaws.com"}}
    role = account.iam.put_role("not-for-events", {"Statement": other})
    url = listen(account, RoleArn=role.arn)
    approve(account)
    account.let_pass(1)
    assert letters(account, url)[0]["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"


def test_a_target_that_does_not_exist_is_not_retried(account: Account, machines: Machines) -> None:
    url = listen(account)
    machines.refusals = [AwsError("stepfunctions", "StateMachineDoesNotExist", "State Machine Does Not Exist")]
    approve(account)
    account.let_pass(1)
    assert letters(account, url)[0]["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_RESOURCE"


def test_without_a_queue_policy_the_dead_letter_is_lost_too(account: Account, machines: Machines) -> None:
    url = listen(account, allowed=False)
    account.iam.put_resource_policy(f"arn:aws:sqs:{REGION}:{ACCOUNT}:letters", {"Statement": []})
    approve(account)
    account.let_pass(1)
    assert letters(account, url) == []
    [(parcel, failure)] = account.events.courier.lost
    assert (parcel.target_arn, failure.code) == (MACHINE, "NO_PERMISSIONS")


@pytest.mark.parametrize(("told", "arrived"), [(True, 1), (False, 0)])
def test_kms_may_not_know_for_whom_eventbridge_sends(
    account: Account, machines: Machines, told: bool, arrived: int
) -> None:
    """Then a key whose policy asks for it cannot be used, and the dead letter is lost."""
    url = listen(account, allowed=False)
    key, own = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1", {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    use = {**TRUST, "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*", "Condition": own}
    account.iam.put_resource_policy(key, {"Statement": use})
    account.iam.encrypt(f"arn:aws:sqs:{REGION}:{ACCOUNT}:letters", key)
    account.gateway.unknown_to_kms.update(() if told else ["events.amazonaws.com"])
    approve(account)
    account.let_pass(1)
    assert len(letters(account, url)) == arrived
    assert len(account.events.courier.lost) == 1 - arrived


def test_a_scenario_repeats_delays_and_loses_events(account: Account, machines: Machines) -> None:
    listen(account)
    copies = iter([[0.0, 0.0, 3600.0], [], [10.0]])
    account.events.disturb = lambda event: next(copies)
    for group in ("thrice", "lost", "late"):
        approve(account, ModelPackageGroupName=group)
    start = account.clock.now
    account.let_pass(7200)
    arrived = [(at - start, event["detail"]["ModelPackageGroupName"]) for at, event in machines.started]
    assert arrived == [(0.5, "thrice"), (0.5, "thrice"), (10.5, "late"), (3600.5, "thrice")]
    ids = [event["id"] for _, event in machines.started]
    assert len(set(ids)) == len(ids)  # repeated events carry ids of their own


def test_what_happens_while_a_rule_is_disabled_is_never_delivered(account: Account, machines: Machines) -> None:
    listen(account)
    account.ask("events", "DisableRule", Name="approvals")
    approve(account)
    account.let_pass(10)
    account.ask("events", "EnableRule", Name="approvals")
    account.let_pass(10)
    assert machines.started == []


def test_nobody_may_send_events_in_the_name_of_aws(account: Account) -> None:
    entries = [{"Source": source, "DetailType": "t", "Detail": "{}"} for source in ("aws.sagemaker", "shop")]
    answer = account.ask("events", "PutEvents", Entries=entries)
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert [event["source"] for event in account.events.published] == ["shop"]


def test_a_sixth_target_is_refused(account: Account) -> None:
    account.ask("events", "PutRule", Name="r", EventPattern='{"source": ["s"]}')
    targets = [{"Id": str(number), "Arn": MACHINE} for number in range(6)]
    with pytest.raises(AwsError) as refused:
        account.ask("events", "PutTargets", Rule="r", Targets=targets)
    assert refused.value.code == "LimitExceededException"


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ('{"a": <text>}', '{"a": "say \\"hi\\""}'),
        ('{"a": "<text>"}', '{"a": "say \\"hi\\""}'),
        ('{"a": <number>, "b": "<number>"}', '{"a": 5, "b": "5"}'),
        ('{"a": <list>, "b": "<list>"}', '{"a": [1, 2], "b": "[1,2]"}'),
        ('"plain <number>"', '"plain 5"'),
        ('{"a": "<unknown>"}', '{"a": "<unknown>"}'),
    ],
)
def test_templates_are_filled_as_json_outside_quotes_and_as_text_inside(template: str, filled: str) -> None:
    assert fill(template, {"text": 'say "hi"', "number": 5, "list": [1, 2]}) == filled


def test_a_template_that_does_not_give_json_is_an_error() -> None:
    with pytest.raises(ValueError, match="which is not JSON"):
        fill('{"a": <number>', {"number": 5})


def test_paths_lead_through_objects_and_lists() -> None:
    event = {"resources": ["arn:a"], "detail": {"model-name": {"x": 1}, "odd key": 2}}
    assert follow("$.resources[0]", event) == "arn:a"
    assert follow("$.detail.model-name.x", event) == 1
    assert follow("$.detail['odd key']", event) == 2
    with pytest.raises(ValueError, match="is not understood at"):
        follow("$..detail", event)
