"""What a team trains with, other than a pipeline: asked for twice it starts once, and its end can be read."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.playing import rehearse
from rehearsal.report.result import Result
from rehearsal.scenario.model import Scenario
from rehearsal.world import World
from tests.rehearsal.stage.quiet import call, quiet_account

ROOT = Path(__file__).parents[3]
ROLE = "arn:aws:iam::123456789012:role/training"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:team"
NAME = "interlock-Churn-20260105-0a1b2c3d"
BUSY = {"code": "ThrottlingException", "message": "Rate exceeded"}
JOB: dict[str, Any] = {
    "TrainingJobName": NAME,
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://models-123456789012/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
    "Tags": [{"Key": "interlock:stack", "Value": "interlock"}],
}


@pytest.fixture
def account() -> World:
    """An account in which training jobs and one machine of a team may be started, and nothing happens."""
    return quiet_account(TrainingRoleArn=ROLE, RetrainingStateMachineArn=MACHINE)


def make_machine(account: World, output: str) -> None:
    states = {"End": {"Type": "Succeed", "Output": output}}
    definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "End", "States": states})
    account.ask("stepfunctions", "CreateStateMachine", name="team", definition=definition, roleArn="team")


def test_a_training_job_that_is_asked_for_twice_is_started_once(account: World) -> None:
    """The answer of the first attempt may be lost."""
    asked = {"action": "CreateTrainingJob", "request": JOB}
    first = call(account, "act", asked)
    described = account.ask("sagemaker", "DescribeTrainingJob", TrainingJobName=NAME)

    assert call(account, "act", asked) == first == {"arn": described["TrainingJobArn"]}


def test_an_execution_that_is_asked_for_twice_is_started_once(account: World) -> None:
    states = {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}}
    definition = json.dumps({"QueryLanguage": "JSONata", "StartAt": "Wait", "States": states})
    account.ask("stepfunctions", "CreateStateMachine", name="team", definition=definition, roleArn="team")
    asked = {"action": "StartExecution", "request": {"stateMachineArn": MACHINE, "name": "one", "input": "{}"}}

    first = call(account, "act", asked)
    assert call(account, "act", asked) == first == {"arn": f"{MACHINE.replace('stateMachine', 'execution')}:one"}


@pytest.mark.parametrize("size", [10, 200_000])
def test_the_end_of_an_execution_is_read_however_much_it_carries(account: World, size: int) -> None:
    """Its input and output together may be larger than a state can carry."""
    make_machine(account, "{% $states.input %}")
    started = {"stateMachineArn": MACHINE, "name": "one", "input": json.dumps("x" * size)}
    account.ask("stepfunctions", "StartExecution", **started)
    arn = f"{MACHINE.replace('stateMachine', 'execution')}:one"
    account.clock.run(until=account.clock.now + 10)

    assert call(account, "observe", {"execution": arn})["executed"]["found"]["Status"] == "SUCCEEDED"


def test_an_execution_that_is_not_there_is_told_as_an_error(account: World) -> None:
    arn = f"{MACHINE.replace('stateMachine', 'execution')}:none"
    assert "DoesNotExist" in call(account, "observe", {"execution": arn})["executed"]["error"]


def test_the_versions_of_a_group_since_a_moment_are_listed(account: World) -> None:
    account.register("churn", "plain", "PendingManualApproval")
    account.clock.run(until=account.clock.now + 60)
    since = account.clock.iso()
    account.clock.run(until=account.clock.now + 60)
    account.register("churn", "plain", "PendingManualApproval")
    found = call(account, "observe", {"execution": "", "registered": {"group": "churn", "since": since}})

    assert [each["ModelPackageVersion"] for each in found["registered"]["found"]["ModelPackageSummaryList"]] == [2]


def retrained_by_job(*faults: dict[str, Any]) -> Result:
    """What became of the scenario until a person would approve, when calls go wrong."""
    scenario = yaml.safe_load((ROOT / "scenarios/retrain-by-job.yaml").read_text(encoding="utf-8"))
    acts = [act for act in scenario["timeline"] if act["at"] != "2h"]
    changed = {"lasts": "100m", "timeline": acts, "faults": faults, "expect": [{"running": 0}]}
    return rehearse(Scenario.model_validate(scenario | changed), ROOT / "scenarios").result


def test_a_version_that_cannot_be_registered_is_told_to_a_person_with_the_reason() -> None:
    refusal = {"code": "ValidationException", "message": "The image is gone"}
    result = retrained_by_job(
        {"service": "sagemaker", "operation": "CreateModelPackage", "call": 2, "error": refusal},
    )
    (told,) = [notice for notice in result.notices if "needs a person" in notice.subject]

    assert "which Interlock cannot register: CreateModelPackage: AWS refused. The image is gone." in told.body
    assert "/output/model.tar.gz" in told.body
    assert all(each.held for each in result.findings)


def test_a_registration_that_is_throttled_is_tried_again() -> None:
    result = retrained_by_job(
        {"service": "sagemaker", "operation": "CreateModelPackage", "call": 2, "error": BUSY},
    )
    created = [call for call in result.calls if call.operation == "CreateModelPackage"]

    assert [bool(call.error) for call in created] == [False, True, False]
    assert len([notice for notice in result.notices if "waits for your approval" in notice.subject]) == 1


def test_a_job_whose_end_cannot_be_read_is_looked_at_again_after_a_pause() -> None:
    """Its event has come already, so no other ends the wait."""
    result = retrained_by_job(
        {"service": "sagemaker", "operation": "DescribeTrainingJob", "call": 1, "error": BUSY},
    )
    looks = [call.at for call in result.calls if call.operation == "DescribeTrainingJob"]

    assert [round(later - before) // 60 for before, later in pairwise(looks)] == [15]
    assert len([notice for notice in result.notices if "waits for your approval" in notice.subject]) == 1
