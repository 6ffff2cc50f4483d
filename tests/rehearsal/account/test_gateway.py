from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from rehearsal.account.gateway import BadSimulation, Fault, Gateway, NotSimulated, UnusableParameters
from rehearsal.account.iam import Iam
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from tests.rehearsal.account.conftest import ACCOUNT, PERSON, REGION, Account

NOBODY = {
    "Statement": {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
}


class Endpoints:
    """A simulator of two operations, which answers whatever it is told to."""

    def __init__(self, answer: dict[str, Any] | None = None) -> None:
        self.answer = answer or {"EndpointArn": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"}
        self.asked: list[dict[str, Any]] = []

    def create_endpoint(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        self.asked.append(request)
        return self.answer

    def delete_endpoint(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        return {}


@pytest.fixture
def endpoints(account: Account) -> Endpoints:
    simulator = Endpoints()
    account.gateway.register("sagemaker", simulator)
    return simulator


GOOD = {"EndpointName": "churn", "EndpointConfigName": "churn-v1"}


def create(account: Account, caller: Caller = PERSON, **changes: Any) -> dict[str, Any]:
    return account.gateway.call(caller, "sagemaker", "CreateEndpoint", {**GOOD, **changes})


def test_a_call_reaches_the_simulator_and_the_journal(account: Account, endpoints: Endpoints) -> None:
    answer = create(account)
    [call] = account.gateway.journal
    assert endpoints.asked == [GOOD]
    assert (call.at, call.caller, call.error, call.response) == (account.clock.now, PERSON, "", answer)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"EndpointNme": "x"}, 'Unknown parameter in input: "EndpointNme"'),
        ({"EndpointName": 5}, "Invalid type for parameter EndpointName, value: 5, type: int, valid types: str"),
        ({"Tags": [{"Key": "a", "Value": "b", "Vlue": "c"}]}, 'Unknown parameter in Tags[0]: "Vlue"'),
    ],
)
def test_what_no_sdk_would_send_is_not_an_answer_of_the_service(
    account: Account, endpoints: Endpoints, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(UnusableParameters) as refused:
        create(account, **changes)
    assert words in refused.value.message
    assert endpoints.asked == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"EndpointName": "churn_production"},
            "1 validation error detected: Value 'churn_production' at 'endpointName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        ),
        ({"EndpointName": "a" * 64}, "Member must have length less than or equal to 63"),
        ({"DeploymentConfig": {"BlueGreenUpdatePolicy": {}}}, "Value null at 'deploymentConfig.blueGreenUpdatePolicy."),
        (
            {
                "DeploymentConfig": {
                    "BlueGreenUpdatePolicy": {
                        "TrafficRoutingConfiguration": {"Type": "SLOWLY", "WaitIntervalInSeconds": 4000}
                    }
                }
            },
            "Member must satisfy enum value set: [ALL_AT_ONCE, CANARY, LINEAR]",
        ),
    ],
)
def test_what_the_service_refuses_is_refused_in_its_words(
    account: Account, endpoints: Endpoints, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(AwsError) as refused:
        create(account, **changes)
    assert refused.value.code == "ValidationException"
    assert words in refused.value.message
    assert account.gateway.journal[-1].error.startswith("ValidationException: ")


def test_a_missing_member_is_named(account: Account, endpoints: Endpoints) -> None:
    with pytest.raises(AwsError, match="Value null at 'endpointConfigName' failed to satisfy constraint"):
        account.ask("sagemaker", "CreateEndpoint", EndpointName="churn")


def test_a_role_does_what_its_policies_say_and_nothing_else(account: Account, endpoints: Endpoints) -> None:
    role = account.iam.put_role("deliver", NOBODY)
    caller = Caller(role.arn, "arn:aws:states:eu-west-1:123456789012:execution:deliver:churn-v1-1", "Create")
    with pytest.raises(AwsError) as refused:
        create(account, caller)
    assert (refused.value.code, refused.value.status) == ("AccessDeniedException", 400)
    assert (
        "assumed-role/deliver/churn-v1-1 is not authorized to perform: sagemaker:CreateEndpoint"
        in refused.value.message
    )
    endpoint, config = (
        f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/churn*" for kind in ("endpoint", "endpoint-config")
    )
    grant = {"Effect": "Allow", "Action": "sagemaker:CreateEndpoint", "Resource": [endpoint, config]}
    account.iam.put_policy(role.arn, "act", {"Statement": grant})
    create(account, caller)
    with pytest.raises(AwsError, match="not authorized to perform: sagemaker:AddTags"):
        create(account, caller, Tags=[{"Key": "release", "Value": "r1"}])


def test_a_statement_that_asks_for_a_tag_refuses_what_has_none_and_what_does_not_exist(
    account: Account, endpoints: Endpoints
) -> None:
    role = account.iam.put_role("deliver", NOBODY)
    ours = {"StringEquals": {"aws:ResourceTag/interlock:stack": "interlock"}}
    grant = {"Effect": "Allow", "Action": "sagemaker:DeleteEndpoint", "Resource": "*", "Condition": ours}
    account.iam.put_policy(role.arn, "act", {"Statement": grant})
    tags = {f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/ours": {"interlock:stack": "interlock"}}
    account.gateway.tags_of = lambda arn: tags.get(arn, {})

    account.gateway.call(Caller(role.arn), "sagemaker", "DeleteEndpoint", {"EndpointName": "Ours"})
    for name in ("theirs", "gone"):
        with pytest.raises(AwsError, match="is not authorized to perform: sagemaker:DeleteEndpoint on resource"):
            account.gateway.call(Caller(role.arn), "sagemaker", "DeleteEndpoint", {"EndpointName": name})


def test_an_encrypted_table_needs_the_key_as_well(account: Account) -> None:
    stack = account.deploy()
    role = stack.arn("WelcomeRole")
    put = {"TableName": stack.ref("Ledger"), "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}}}
    account.gateway.call(Caller(role), "dynamodb", "PutItem", put)
    [(owner, statement)] = [(r, s) for r, s in account.iam.statements() if s.sid == "ReadLedgerKey"]
    account.iam.remove(owner, statement)
    with pytest.raises(AwsError, match="not authorized to perform: kms:Decrypt") as refused:
        account.gateway.call(Caller(role), "dynamodb", "PutItem", put)
    assert refused.value.code == "AccessDeniedException"


def test_a_task_token_is_checked_on_the_machine_whose_execution_gave_it_away(account: Account) -> None:
    answered: list[dict[str, Any]] = []

    class Tokens:
        def send_task_success(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
            answered.append(request)
            return {}

    account.gateway.register("stepfunctions", Tokens())
    topic = account.ask("sns", "CreateTopic", Name="notices")["TopicArn"]
    giver, answerer = own_caller(account, "deliver"), own_caller(account, "intake")
    publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}
    account.iam.put_policy(giver.principal, "tell", {"Statement": publish})
    account.gateway.call(giver, "sns", "Publish", {"TopicArn": topic, "Message": "token-1"})
    send = ("stepfunctions", "SendTaskSuccess", {"taskToken": "token-1", "output": "{}"})
    with pytest.raises(AwsError, match=r"SendTaskSuccess on resource: arn:.*:stateMachine:deliver because"):
        account.gateway.call(answerer, *send)
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:deliver"
    grant = {"Effect": "Allow", "Action": "states:SendTaskSuccess", "Resource": machine}
    account.iam.put_policy(answerer.principal, "wake", {"Statement": grant})
    account.gateway.call(answerer, *send)
    assert len(answered) == 1


def own_caller(account: Account, machine: str) -> Caller:
    role = account.iam.put_role(machine, NOBODY)
    return Caller(role.arn, f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{machine}:1")


def test_a_service_publishes_only_where_the_topic_lets_it(account: Account) -> None:
    topic = account.ask("sns", "CreateTopic", Name="notices")["TopicArn"]
    alarm = {"aws:SourceArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:errors"}
    publish = ("sns", "Publish", {"TopicArn": topic, "Message": "m"})
    with pytest.raises(AwsError, match="no resource-based policy allows the sns:Publish action"):
        account.gateway.call(Caller("cloudwatch.amazonaws.com"), *publish, alarm)
    condition = {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*"}}
    statement = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "sns:Publish"}
    document = {"Statement": {**statement, "Resource": topic, "Condition": condition}}
    account.iam.put_resource_policy(topic, document)
    account.gateway.call(Caller("cloudwatch.amazonaws.com"), *publish, alarm)


def test_a_fault_hits_the_call_it_is_meant_for(account: Account, endpoints: Endpoints) -> None:
    account.gateway.inject([Fault("sagemaker", "CreateEndpoint", "ThrottlingException", "Rate exceeded", call=2)])
    create(account)
    with pytest.raises(AwsError, match="Rate exceeded"):
        create(account)
    create(account)
    assert [call.error for call in account.gateway.journal] == ["", "ThrottlingException: Rate exceeded", ""]


def test_a_fault_hits_so_many_of_the_requests_that_it_is_about(account: Account, endpoints: Endpoints) -> None:
    fault = Fault("sagemaker", "CreateEndpoint", "ThrottlingException", "Rate exceeded", request='"other"', first=1)
    account.gateway.inject([fault])
    create(account)
    with pytest.raises(AwsError, match="Rate exceeded"):
        create(account, EndpointName="other")
    create(account, EndpointName="other")


def test_a_fault_hits_from_one_time_to_another(account: Account, endpoints: Endpoints) -> None:
    begin = account.clock.now
    fault = Fault("sagemaker", "CreateEndpoint", "ThrottlingException", "Rate", since=begin + 10, until=begin + 20)
    account.gateway.inject([fault])
    for _ in range(3):
        with suppress(AwsError):
            create(account)
        account.let_pass(10)
    assert [bool(call.error) for call in account.gateway.journal] == [False, True, False]


def test_a_fault_without_a_number_hits_every_call(account: Account, endpoints: Endpoints) -> None:
    account.gateway.inject([Fault("sagemaker", "CreateEndpoint", "InternalFailure", "try again", status=500)])
    for _ in range(3):
        with pytest.raises(AwsError) as refused:
            create(account)
        assert refused.value.status == 500
    assert endpoints.asked == []


@pytest.mark.parametrize(
    ("service", "operation"),
    [("sagemaker", "DescribeEndpoint"), ("sagemaker", "MakeCoffee"), ("nosuchservice", "Do"), ("kms", "Encrypt")],
)
def test_what_is_not_simulated_says_so_instead_of_guessing(
    account: Account, endpoints: Endpoints, service: str, operation: str
) -> None:
    with pytest.raises(NotSimulated, match=f"{service} {operation} is not simulated"):
        account.gateway.call(PERSON, service, operation, {})


def test_a_role_cannot_call_what_the_authorization_table_does_not_have(account: Account) -> None:
    role = account.iam.put_role("deliver", NOBODY)
    with pytest.raises(NotSimulated, match="no row in the authorization table for sns CreateTopic"):
        account.gateway.call(Caller(role.arn), "sns", "CreateTopic", {"Name": "t"})


def test_a_simulator_that_answers_what_the_service_cannot_is_found_out(account: Account) -> None:
    account.gateway.register("sagemaker", Endpoints({"EndpointArn": "arn", "Endpoint": "churn"}))
    with pytest.raises(BadSimulation, match='Unknown parameter in input: "Endpoint"'):
        create(account)


def test_watchers_hear_every_call_as_it_happens(endpoints: Endpoints, account: Account) -> None:
    heard: list[str] = []
    account.gateway.watchers.append(lambda call: heard.append(call.operation))
    create(account)
    assert heard == ["CreateEndpoint"]


def test_a_gateway_of_its_own_has_a_place_in_every_arn(account: Account) -> None:
    elsewhere = Gateway(account.clock, "us-west-2", "999999999999", Iam("999999999999"))
    assert elsewhere.place.arn("sns", "t") == "arn:aws:sns:us-west-2:999999999999:t"
    assert isinstance(elsewhere.clock, Clock)
