"""Clean-up deletes what Interlock made and nothing needs, and nothing else, whatever happens while it looks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from interlock.execution.cleanup import GRACE, KINDS
from rehearsal.account.gateway import Fault
from rehearsal.sagemaker.tags import as_tags
from rehearsal.states import Execution
from rehearsal.world import IMAGE, MODEL_ROLE, World
from tests.rehearsal.stage.quiet import hold, quiet_account

OURS = {"interlock:stack": "interlock", "interlock:group": "digits", "interlock:version": "6"}
ALARM: dict[str, Any] = {
    "Namespace": "Interlock",
    "MetricName": "Veto",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 0.0,
    "TreatMissingData": "ignore",
}


NAME = "interlock-digits-v6-1"
ALL = {"alarm", "config", "model"}


@pytest.fixture
def account() -> World:
    """Release digits-v6-1 left an alarm, a config and a model behind, longer ago than what is young."""
    account = quiet_account()
    make(account, "digits-v6-1")
    grow_old(account)
    return account


def make(account: World, release: str, stack: str = "interlock") -> None:
    """What a release makes: a model and a config of the same name, and an alarm."""
    name = f"interlock-{release}"
    tags = as_tags({**OURS, "interlock:stack": stack, "interlock:release": release})
    container = {"Image": IMAGE, "ModelDataUrl": account._upload("plain", release, 6)}
    account.ask(
        "sagemaker",
        "CreateModel",
        ModelName=name,
        PrimaryContainer=container,
        ExecutionRoleArn=MODEL_ROLE,
        Tags=tags,
    )
    make_config(account, release, name, tags)
    account.ask("cloudwatch", "PutMetricAlarm", AlarmName=f"{name}-veto", Tags=tags, **ALARM)


def make_config(account: World, release: str, model: str = NAME, tags: Any = ()) -> None:
    variant = {"VariantName": "A", "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    account.ask(
        "sagemaker",
        "CreateEndpointConfig",
        EndpointConfigName=f"interlock-{release}",
        ProductionVariants=[variant],
        Tags=list(tags or as_tags({**OURS, "interlock:release": release})),
    )


def grow_old(account: World) -> None:
    """Everything that is there was made a week earlier. To wait so long costs seconds."""
    hosting, week = account.sagemaker.hosting, GRACE.total_seconds() + 1
    for made in (hosting._models, hosting._configs):
        made.update({name: replace(each, created=each.created - week) for name, each in made.items()})
    for alarm in account.gateway._services["cloudwatch"]._alarms.values():
        alarm.configured -= week


def clean(account: World, **given: Any) -> list[Execution]:
    """One pass, and every execution of it."""
    before = len(account.states.executions)
    account.ask("stepfunctions", "StartExecution", stateMachineArn=account.machine("clean"), input=json.dumps(given))
    account.clock.run(until=account.clock.now + 300)
    return [each for each in account.states.executions[before:] if each.machine.name == "interlock-clean"]


def left(account: World) -> set[str]:
    """The kinds of which something named interlock-… is there."""
    found = {
        "model": account.sagemaker.hosting.list_models({}, None)["Models"],  # type: ignore[arg-type]
        "config": account.sagemaker.hosting.list_endpoint_configs({}, None)["EndpointConfigs"],  # type: ignore[arg-type]
        "alarm": account.ask("cloudwatch", "DescribeAlarms", AlarmNamePrefix="interlock-digits")["MetricAlarms"],
    }
    return {kind for kind, things in found.items() if "interlock-" in str(things)}


def deleted(account: World) -> list[str]:
    return [
        call.operation
        for call in account.gateway.journal
        if call.operation in [each.action for each in KINDS.values()] and ":role/" in call.caller.principal
    ]


def told(account: World) -> list[str]:
    return sorted(call.request["Subject"] for call in account.gateway.journal if call.operation == "Publish")


def use(account: World, endpoint: str = "somebodys") -> None:
    """Somebody makes an endpoint of the config that the release left."""
    account.ask("sagemaker", "CreateEndpoint", EndpointName=endpoint, EndpointConfigName="interlock-digits-v6-1")


def in_the_midst(account: World, operation: str, happens: Callable[[], object], call: int = 1) -> None:
    """Something `happens` just after a call of an operation was answered."""

    def change(answer: dict[str, Any]) -> dict[str, Any]:
        happens()
        return answer

    account.gateway.inject([Fault("sagemaker", operation, call=call, change=change)])


def test_what_nothing_needs_is_deleted_and_told(account: World) -> None:
    """A model on the day after its config, which names it."""
    clean(account)
    assert left(account) == {"model"}
    clean(account)
    assert left(account) == set()
    assert told(account) == [
        "[Interlock] clean-up deleted 1 of kind alarm",
        "[Interlock] clean-up deleted 1 of kind endpoint config",
        "[Interlock] clean-up deleted 1 of kind model",
    ]


def test_a_dry_run_tells_what_would_be_deleted_and_what_is_kept_and_why(account: World) -> None:
    use(account)
    make(account, "digits-v7-1")
    clean(account, dry_run=True)
    assert deleted(account) == []
    found = {
        said["kind"]: said
        for each in account.ledger()
        if each["pk"] == "CLEANUP" and (said := json.loads(each["document"]))
    }
    young = "It was made less than 7 days ago."
    assert found["alarms"]["deleted"] == [{"name": f"{NAME}-veto", "made_for": "release digits-v6-1 of digits v6"}]
    assert found["configs"]["kept"] == [
        {"name": NAME, "because": "Endpoint somebodys uses it."},
        {"name": "interlock-digits-v7-1", "because": young},
    ]
    assert found["models"]["kept"][0] == {"name": NAME, "because": "Endpoint somebodys uses it."}
    assert "[Interlock] clean-up would delete 0 of kind model" in told(account)


@pytest.mark.parametrize(
    "item",
    [
        {"live": {"M": {"config": {"S": NAME}}}},
        {"live": {"M": {"config": {"S": "other"}}}, "previous": {"M": {"config": {"S": NAME}}}},
        {"holder": {"S": "arn"}, "facts": {"S": json.dumps({"stable_config": NAME})}},
        {"holder": {"S": "arn"}, "facts": {"S": f"damaged {NAME}"}},
    ],
    ids=["live", "before", "under way", "damaged"],
)
def test_what_the_ledger_names_is_kept(account: World, item: dict[str, Any]) -> None:
    key = {"pk": {"S": "CONTROL"}, "sk": {"S": "digits"}}
    account.ask("dynamodb", "PutItem", TableName=account.stack.outputs["Ledger"], Item={**key, **item})
    clean(account)
    clean(account)
    assert {"config", "model"} <= left(account)


def test_what_another_stack_made_is_neither_touched_nor_told(account: World) -> None:
    make(account, "digits-v1-1", stack="other")
    grow_old(account)
    clean(account)
    clean(account)
    assert left(account) == ALL
    assert "digits-v1-1" not in str([call for call in account.gateway.journal if call.operation == "Publish"])


def test_an_endpoint_that_begins_to_use_a_config_while_its_users_are_read_keeps_it(account: World) -> None:
    """SageMaker would delete it all the same."""
    in_the_midst(account, "ListEndpoints", lambda: use(account), call=2)  # the first is about alarms
    clean(account)
    assert "config" in left(account)


def test_a_release_that_begins_while_users_are_read_keeps_what_it_may_go_back_to(account: World) -> None:
    facts = json.dumps({"stable_config": NAME})
    in_the_midst(account, "ListEndpoints", lambda: hold(account, holder="arn", facts=facts), call=2)
    clean(account)
    assert "config" in left(account)


@pytest.mark.parametrize("operation", ["ListEndpoints", "ListEndpointConfigs", "DescribeEndpoint"])
def test_where_users_cannot_be_read_nothing_is_deleted(account: World, operation: str) -> None:
    """An alarm tells of an execution that failed."""
    use(account, "unseen")
    account.gateway.inject([Fault("sagemaker", operation, "ThrottlingException", "Rate exceeded")])
    clean(account)
    assert {"config", "model"} <= left(account)


def test_an_endpoint_that_is_gone_when_it_is_described_keeps_nothing(account: World) -> None:
    use(account)
    account.clock.run(until=account.clock.now + 900)
    gone = Fault("sagemaker", "DescribeEndpoint", "ValidationException", 'Could not find endpoint "somebodys".')
    account.gateway.inject([gone])
    clean(account)
    assert "config" not in left(account)


def test_a_config_that_an_endpoint_is_being_updated_to_is_kept(account: World) -> None:
    account.make_endpoint("shop", "plain", "A", {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1})
    account.clock.run(until=account.clock.now + 900)
    account.ask("sagemaker", "UpdateEndpoint", EndpointName="shop", EndpointConfigName=NAME)
    clean(account)
    assert "config" in left(account)


def test_a_model_of_an_instance_pool_is_kept(account: World) -> None:
    """An instance pool may have a model of its own (botocore InstancePool ModelNameOverride)."""
    account.make_endpoint("shop", "plain", "A", {"InstanceType": "ml.m5.large", "InitialInstanceCount": 1})
    pools = [{"InstanceType": "ml.m5.large", "ModelNameOverride": NAME, "Priority": 1}]
    variant = {"VariantName": "A", "ModelName": "shop", "InitialInstanceCount": 1, "InstancePools": pools}
    account.ask("sagemaker", "CreateEndpointConfig", EndpointConfigName="pools", ProductionVariants=[variant])
    clean(account)
    clean(account)
    assert left(account) == {"model"}


def test_a_model_that_an_inference_component_uses_is_kept(account: World) -> None:
    host = {"VariantName": "A", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    config = {"EndpointConfigName": "host", "ProductionVariants": [host], "ExecutionRoleArn": MODEL_ROLE}
    account.ask("sagemaker", "CreateEndpointConfig", **config)
    account.ask("sagemaker", "CreateEndpoint", EndpointName="host", EndpointConfigName="host")
    account.clock.run(until=account.clock.now + 900)
    component = {
        "InferenceComponentName": "somebodys",
        "EndpointName": "host",
        "VariantName": "A",
        "Specification": {
            "ModelName": NAME,
            "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024},
        },
        "RuntimeConfig": {"CopyCount": 1},
    }
    account.ask("sagemaker", "CreateInferenceComponent", **component)
    clean(account)
    clean(account)
    assert left(account) == {"model"}


def test_a_model_that_a_transform_job_uses_is_kept(account: World) -> None:
    clean(account)
    account.ask(
        "sagemaker",
        "CreateTransformJob",
        TransformJobName="nightly",
        ModelName=NAME,
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/none"}}},
        TransformOutput={"S3OutputPath": "s3://models/answers"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )
    clean(account)
    assert left(account) == {"model"}


def test_each_page_of_things_is_an_execution_of_its_own(account: World) -> None:
    """A hundred at a time."""
    for number in range(101):
        make_config(account, f"digits-v{number + 100}-1")
    grow_old(account)
    ran = [json.loads(each.input) for each in clean(account)]
    assert [each["kind"] for each in ran if "after" in each] == ["configs"]
    assert "config" not in left(account)
