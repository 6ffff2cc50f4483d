"""What the whole template promises: nothing is lost unseen, nothing lies unencrypted, nothing is kept for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.contract.documents import ROOT, deployed, functions, of_type, references, template, written

PHYSICAL_NAMES = frozenset(
    "AlarmName FunctionName LogGroupName QueueName RoleName StateMachineName TableName TopicName".split()
)

FUNCTION_BUILD = {"BuildMethod": "makefile", "ContextPath": "functions"}
"""Metadata of every function: functions/Makefile builds it."""


def _targets() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every target of every rule, and every schedule's."""
    for name, rule in of_type("AWS::Events::Rule").items():
        for target in rule["Properties"]["Targets"]:
            yield name, target
    for name, schedule in of_type("AWS::Scheduler::Schedule").items():
        yield name, schedule["Properties"]["Target"]


def test_every_target_retries_and_has_a_dead_letter_queue() -> None:
    """EventBridge drops an event that it could not deliver (docs: eventbridge/latest/userguide/eb-rule-dlq)."""
    for name, target in _targets():
        assert target.get("RetryPolicy"), name
        assert references(target["DeadLetterConfig"]) & set(of_type("AWS::SQS::Queue")), name


def test_every_queue_has_an_alarm_that_tells_somebody() -> None:
    alarms = [alarm["Properties"] for alarm in of_type("AWS::CloudWatch::Alarm").values()]
    watched = {
        queue
        for alarm in alarms
        if alarm.get("MetricName") == "ApproximateNumberOfMessagesVisible" and alarm.get("AlarmActions")
        for queue in references(alarm["Dimensions"])
    }
    assert set(of_type("AWS::SQS::Queue")) - watched == set()


def test_every_dead_letter_queue_takes_messages_from_eventbridge() -> None:
    """Without a queue policy dead letters are dropped in silence (docs: eb-rule-dlq)."""
    allowed = {
        queue
        for policy in of_type("AWS::SQS::QueuePolicy").values()
        if "events.amazonaws.com" in str(policy["Properties"]["PolicyDocument"])
        for queue in references(policy["Properties"]["Queues"])
    }
    rules = {
        queue
        for name, target in _targets()
        if name in of_type("AWS::Events::Rule")
        for queue in references(target["DeadLetterConfig"])
    }
    assert rules - allowed == set()


def test_table_queues_topics_and_logs_are_encrypted_with_the_customer_managed_key() -> None:
    keys = set(of_type("AWS::KMS::Key"))
    where = {
        "AWS::DynamoDB::Table": "SSESpecification",
        "AWS::SQS::Queue": "KmsMasterKeyId",
        "AWS::SNS::Topic": "KmsMasterKeyId",
        "AWS::Logs::LogGroup": "KmsKeyId",
    }
    for kind, field in where.items():
        assert of_type(kind), kind
        for name, resource in of_type(kind).items():
            assert references(resource["Properties"].get(field)) & keys, name


def test_every_log_group_forgets() -> None:
    assert [
        name for name, group in of_type("AWS::Logs::LogGroup").items() if "RetentionInDays" not in group["Properties"]
    ] == []


def test_what_has_no_history_of_its_own_logs_to_a_group_of_the_template() -> None:
    """Functions, and Express machines: a Standard execution keeps its history for 90 days by itself."""
    groups = set(of_type("AWS::Logs::LogGroup"))
    for name, function in of_type("AWS::Lambda::Function").items():
        assert references(function["Properties"]["LoggingConfig"]) & groups, name
    for name, machine in of_type("AWS::StepFunctions::StateMachine").items():
        if machine["Properties"]["StateMachineType"] == "EXPRESS":
            assert references(machine["Properties"]["LoggingConfiguration"]) & groups, name


def test_a_function_is_the_folder_of_its_name() -> None:
    for logical_id, path in functions().items():
        folder = re.sub(r"(?<!^)(?=[A-Z])", "_", logical_id.removesuffix("Function")).lower()
        assert path == ROOT / "functions" / folder / "app.py", logical_id
        assert path.exists(), logical_id
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert folders == {path.parent.name for path in functions().values()}


def test_functions_run_where_their_layers_are_built_for() -> None:
    settings = template()["Globals"]["Function"]
    recipe = (ROOT / "layers/dependencies/Makefile").read_text()
    runtime = re.search(r"^RUNTIME := (.*)$", recipe, re.M)
    platform = re.search(r"^PLATFORM := (.*)$", recipe, re.M)
    assert runtime and settings["Runtime"] == f"python{runtime[1]}"
    assert platform and platform[1].startswith("aarch64") and settings["Architectures"] == ["arm64"]
    for name, layer in written("AWS::Serverless::LayerVersion").items():
        assert layer["Properties"]["CompatibleRuntimes"] == [settings["Runtime"]], name
        assert layer["Properties"]["CompatibleArchitectures"] == ["arm64"], name


def test_building_needs_no_python_of_the_deployed_version() -> None:
    """A makefile builds everything; SAM's own builder would want the deployed runtime on the machine that builds."""
    for name in written("AWS::Serverless::Function"):
        assert written("AWS::Serverless::Function")[name].get("Metadata") == FUNCTION_BUILD, name
    for name, layer in written("AWS::Serverless::LayerVersion").items():
        assert layer["Metadata"]["BuildMethod"] == "makefile", name


def test_no_name_is_fixed_that_would_keep_a_second_stack_out() -> None:
    """A physical name in the template must carry the stack's name, so that two stacks live side by side."""
    fixed = [
        f"{name}.{key}"
        for name, resource in deployed().items()
        for key, value in resource.get("Properties", {}).items()
        if key in PHYSICAL_NAMES and not _carries_the_stack(value)
    ]
    assert fixed == []


def _carries_the_stack(name: Any) -> bool:
    found = references(name)
    return "AWS::StackName" in found or bool(found & set(deployed()))
