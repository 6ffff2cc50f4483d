"""Pipelines against botocore's operations: what is refused, how executions end, what is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.account.gateway import NotSimulated
from rehearsal.aws import AwsError
from rehearsal.sagemaker.pipelines.references import Unresolved, Values, parts
from tests.rehearsal.sagemaker.account import ROLE
from tests.rehearsal.sagemaker.example_pipeline import NAME, TOKEN, ExampleAccount
from tests.rehearsal.sagemaker.jobs_account import JobsAccount


def condition(name: str = "Enough", kind: str = "GreaterThanOrEqualTo", **more: Any) -> dict[str, Any]:
    compared = {"Type": kind, "LeftValue": {"Get": "Parameters.Share"}, "RightValue": 0.5}
    return {
        "Name": name,
        "Type": "Condition",
        "Arguments": {"Conditions": [compared], "IfSteps": [], "ElseSteps": []} | more,
    }


def definition(*steps: dict[str, Any], parameters: Any = None) -> str:
    declared = [{"Name": "Share", "Type": "Float", "DefaultValue": 0.5}] if parameters is None else parameters
    return json.dumps({"Version": "2020-12-01", "Parameters": declared, "Steps": list(steps)})


def create(account: JobsAccount, text: str, name: str = "p") -> str:
    request = {"PipelineName": name, "PipelineDefinition": text, "RoleArn": ROLE, "ClientRequestToken": TOKEN}
    return str(account.call("create_pipeline", **request)["PipelineArn"])


def start(account: JobsAccount, **parameters: str) -> Any:
    given = [{"Name": name, "Value": value} for name, value in parameters.items()]
    request = {"PipelineName": "p", "ClientRequestToken": f"{len(account.events):032d}", "PipelineParameters": given}
    return account.call("start_pipeline_execution", **request)["PipelineExecutionArn"]


def status(account: JobsAccount, arn: str) -> str:
    return str(account.call("describe_pipeline_execution", PipelineExecutionArn=arn)["PipelineExecutionStatus"])


def test_a_pipeline_is_described_as_it_was_created_and_updated() -> None:
    account = JobsAccount()
    arn = create(account, definition(condition()))
    account.wait(1)
    changed = definition(condition("Other"))
    account.call("update_pipeline", PipelineName="p", PipelineDefinition=changed, PipelineDescription="words")
    described = account.call("describe_pipeline", PipelineName=arn)

    assert described["PipelineDefinition"] == changed and described["PipelineDescription"] == "words"
    assert described["LastModifiedTime"] > described["CreationTime"] and described["RoleArn"] == ROLE
    with pytest.raises(AwsError, match="must be unique"):
        create(account, changed)


def test_what_does_not_exist_is_resource_not_found() -> None:
    account = JobsAccount()
    missing = f"{create(account, definition(condition()))}/execution/abc"
    for operation, request in (
        ("describe_pipeline", {"PipelineName": "other"}),
        ("describe_pipeline_execution", {"PipelineExecutionArn": missing}),
        ("list_pipeline_execution_steps", {"PipelineExecutionArn": missing}),
        ("stop_pipeline_execution", {"PipelineExecutionArn": missing, "ClientRequestToken": TOKEN}),
    ):
        with pytest.raises(AwsError) as refused:
            account.call(operation, **request)
        assert refused.value.code == "ResourceNotFound"


@pytest.mark.parametrize(
    ("step", "named"),
    [
        ({"Name": "T", "Type": "Tuning", "Arguments": {}}, "type Tuning"),
        ({"Name": "L", "Type": "Lambda", "Arguments": {}}, "type Lambda"),
        (condition(kind="In"), "condition of type In"),
        (condition(IfSteps=[{"Name": "Q", "Type": "QualityCheck", "Arguments": {}}]), "type QualityCheck"),
        ({"Name": "P", "Type": "Processing", "Arguments": {"X": {"Std:Select": []}}}, "function Std:Select"),
    ],
)
def test_what_is_not_simulated_is_refused_by_its_name_at_creation(step: dict[str, Any], named: str) -> None:
    with pytest.raises(NotSimulated, match=named):
        create(JobsAccount(), definition(step))


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "{}",
        definition({"Name": "P", "Type": "Processing", "Arguments": {"X": {"Get": "Parameters.Nope"}}}),
        definition({"Name": "P", "Type": "Processing", "Arguments": {"X": {"Get": "Steps.Nope.Arn"}}}),
        definition({"Name": "P", "Type": "Processing", "Arguments": {"X": {"Get": "Execution.Nope"}}}),
        definition({**condition(), "DependsOn": ["Nope"]}),
    ],
)
def test_a_broken_definition_is_refused_at_creation(text: str) -> None:
    with pytest.raises(AwsError, match="Unable to parse pipeline definition"):
        create(JobsAccount(), text)


def test_parameters_are_checked_in_awss_words() -> None:
    account = JobsAccount()
    declared = [{"Name": "Share", "Type": "Float"}, {"Name": "Word", "Type": "String", "DefaultValue": "w"}]
    create(account, definition(condition(), parameters=declared))
    for given, words in (
        ({"Share": "1", "Other": "x"}, "Unknown parameter 'Other'"),
        ({}, "Parameter 'Share' is undefined."),
        ({"Share": "much"}, "Unexpected type for parameter 'Share'"),
        ({"Share": "1", "Word": ""}, "too short"),
    ):
        with pytest.raises(AwsError) as refused:
            start(account, **given)
        assert refused.value.code == "ValidationException" and words in refused.value.message
    assert account.call("list_pipeline_executions", PipelineName="p")["PipelineExecutionSummaries"] == []


@pytest.mark.parametrize(
    ("kind", "outcomes"),
    [
        ("GreaterThanOrEqualTo", ["False", "True", "True"]),
        ("GreaterThan", ["False", "False", "True"]),
        ("LessThanOrEqualTo", ["True", "True", "False"]),
        ("LessThan", ["True", "False", "False"]),
        ("Equals", ["False", "True", "False"]),
    ],
)
def test_a_condition_takes_the_branch_that_its_comparison_says(kind: str, outcomes: list[str]) -> None:
    account = JobsAccount()
    create(account, definition(condition(kind=kind, IfSteps=[condition("Then")], ElseSteps=[condition("Otherwise")])))
    for share, outcome in zip(("0.4", "0.5", "0.6"), outcomes, strict=True):
        arn = start(account, Share=share)
        account.wait(1)
        listed = account.call("list_pipeline_execution_steps", PipelineExecutionArn=arn)["PipelineExecutionSteps"]
        taken, decided = [step["StepName"] for step in listed]
        assert (decided, taken) == ("Enough", "Then" if outcome == "True" else "Otherwise")
        assert listed[1]["Metadata"]["Condition"]["Outcome"] == outcome
        assert status(account, arn) == "Succeeded"


def test_executions_are_listed_newest_first_and_by_page() -> None:
    account = JobsAccount()
    create(account, definition(condition()))
    arns = []
    for _ in range(3):
        arns.append(start(account))
        account.wait(1)
    query = {"PipelineName": "p", "MaxResults": 2}
    first = account.call("list_pipeline_executions", **query)
    rest = account.call("list_pipeline_executions", **query, NextToken=first["NextToken"])
    listed = first["PipelineExecutionSummaries"] + rest["PipelineExecutionSummaries"]
    assert [each["PipelineExecutionArn"] for each in listed] == arns[::-1] and "NextToken" not in rest


def test_a_person_stops_an_execution_and_its_job(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    arn = account.start()
    account.wait(6)
    account.call("stop_pipeline_execution", PipelineExecutionArn=arn, ClientRequestToken=TOKEN)
    assert account.execution(arn)["PipelineExecutionStatus"] == "Stopping"
    account.wait(60)

    steps = account.steps(arn)
    assert account.execution(arn)["PipelineExecutionStatus"] == "Stopped"
    assert list(steps) == ["Prepare", "Train"] and steps["Train"]["StepStatus"] == "Stopped"
    assert account.packages() == []
    with pytest.raises(AwsError, match="has ended"):
        account.call("stop_pipeline_execution", PipelineExecutionArn=arn, ClientRequestToken=TOKEN)


@pytest.mark.parametrize(
    ("mishap", "end", "registered"), [("fails", "Failed", 0), ("is tolerated", "CompletedWithFailures", 0)]
)
def test_a_mishap_ends_the_next_execution_and_no_other(tmp_path: Path, mishap: str, end: str, registered: int) -> None:
    account = ExampleAccount(tmp_path)
    assert account.sagemaker.pipelines is not None
    account.sagemaker.pipelines.disturb(NAME, "BiasBaseline", mishap)
    ended = account.run()
    steps = account.steps(ended["PipelineExecutionArn"])

    assert ended["PipelineExecutionStatus"] == end and len(account.packages()) == registered
    assert "InternalServerError" in steps["BiasBaseline"]["FailureReason"]
    assert steps["DataQualityBaseline"]["StepStatus"] == "Succeeded"
    assert account.run()["PipelineExecutionStatus"] == "Succeeded"


def test_a_call_that_is_refused_fails_its_step_in_awss_words(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    ended = account.run(ModelPackageGroup="nobody-made-it")
    failed = account.steps(ended["PipelineExecutionArn"])["Churn-RegisterModel"]

    assert ended["PipelineExecutionStatus"] == "Failed"
    assert failed["FailureReason"].startswith(
        "ClientError: Failed to invoke sagemaker:CreateModelPackage. Error Details: "
    )


def test_the_same_seed_gives_the_same_events(tmp_path: Path) -> None:
    histories = []
    for _ in range(2):
        account = ExampleAccount(tmp_path)
        account.run()
        histories.append(json.dumps([(each.at, each.kind, each.detail) for each in account.events], default=str))
        histories.append(json.dumps(sorted((key, body.hex()) for (_, key), body in account.objects.items())))
    assert histories[:2] == histories[2:]


VALUES = Values(
    {"Word": "w", "Number": 3, "Flag": True},
    {"PipelineName": "p"},
    lambda step: {"Outputs": [{"OutputName": "a", "Uri": "s3://a"}, {"OutputName": "b", "Uri": "s3://b"}], "Arn": step},
    lambda step, name: {"metrics": {"accuracy": {"value": 0.5}}, "list": [1, {"x": 2}]},
)


def json_get(path: str) -> dict[str, Any]:
    return {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.E.PropertyFiles.F"}, "Path": path}}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"Get": "Parameters.Number"}, 3),
        ({"Get": "Execution.PipelineName"}, "p"),
        ({"Get": "Steps.S.Arn"}, "S"),
        ({"Get": "Steps.S.Outputs['b'].Uri"}, "s3://b"),
        ({"Get": "Steps.S.Outputs[0].Uri"}, "s3://a"),
        (
            {"Std:Join": {"On": "/", "Values": [{"Get": "Parameters.Word"}, {"Get": "Parameters.Number"}, True]}},
            "w/3/true",
        ),
        ([{"deep": {"Get": "Parameters.Word"}}], [{"deep": "w"}]),
        (json_get("metrics.accuracy.value"), 0.5),
        (json_get("$.list[1].x"), 2),
        (json_get("metrics['accuracy']['value']"), 0.5),
    ],
)
def test_an_expression_has_the_value_of_what_it_names(expression: Any, value: Any) -> None:
    assert VALUES.resolve(expression) == value


@pytest.mark.parametrize(
    "expression", [{"Get": "Steps.S.Nope"}, {"Get": "Steps.S.Outputs[7].Uri"}, json_get("metrics.f1")]
)
def test_an_expression_without_a_value_is_unresolved(expression: Any) -> None:
    with pytest.raises(Unresolved, match="Unable to resolve"):
        VALUES.resolve(expression)


def test_a_path_is_split_at_dots_and_brackets() -> None:
    assert parts("Steps.Pre-pare.Outputs['a.b'].S3Uri") == ["Steps", "Pre-pare", "Outputs", "a.b", "S3Uri"]
