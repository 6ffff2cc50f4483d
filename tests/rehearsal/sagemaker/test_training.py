"""Training jobs against botocore CreateTrainingJob and DescribeTrainingJob; the script really runs."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.models.packing import pack
from rehearsal.sagemaker import Options
from tests.rehearsal.sagemaker.account import ROLE
from tests.rehearsal.sagemaker.jobs_account import JobsAccount

CHANGED = "SageMaker Training Job State Change"
SCRIPT = """
import argparse, json, os, warnings
from pathlib import Path
import beside
parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int)
parser.add_argument("--word")
args = parser.parse_args()
kept = Path(os.environ["ML_ROOT"], "checkpoints", "done.txt")
begins = int(kept.read_text()) if kept.exists() else 0
for step in range(begins, args.steps):
    kept.write_text(str(step + 1))
data = Path(os.environ["SM_CHANNEL_TRAIN"], "data.csv").read_text()
told = {"word": args.word, "began at": begins, "data": data, "beside": beside.VALUE}
Path(os.environ["SM_MODEL_DIR"], "told.json").write_text(json.dumps(told))
"""


def submit(account: JobsAccount, script: str = SCRIPT) -> None:
    files = {"train.py": script.encode(), "beside.py": b"VALUE = 7"}
    account.objects["models", "code/sourcedir.tar.gz"] = pack(files)
    account.objects["models", "data/data.csv"] = b"a,b\n1,2\n"


def start(account: JobsAccount, name: str = "job", **more: Any) -> None:
    account.call(
        "create_training_job",
        TrainingJobName=name,
        AlgorithmSpecification={"TrainingInputMode": "File", "TrainingImage": "image"},
        RoleArn=ROLE,
        HyperParameters={
            "sagemaker_submit_directory": '"s3://models/code/sourcedir.tar.gz"',
            "sagemaker_program": '"train.py"',
            "steps": "3",
            "word": '"two words"',
        },
        InputDataConfig=[
            {
                "ChannelName": "train",
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://models/data"}},
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://models/out"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        **{"StoppingCondition": {"MaxRuntimeInSeconds": 3600}, **more},
    )


def described(account: JobsAccount, name: str = "job") -> Any:
    return account.call("describe_training_job", TrainingJobName=name)


def told(account: JobsAccount, key: str = "out/job/output/model.tar.gz") -> str:
    with tarfile.open(fileobj=io.BytesIO(account.objects["models", key]), mode="r:gz") as archive:
        found = archive.extractfile("told.json")
        assert found is not None
        return found.read().decode()


SPOT: dict[str, Any] = {
    "EnableManagedSpotTraining": True,
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
    "CheckpointConfig": {"S3Uri": "s3://models/checkpoints", "LocalPath": "/opt/ml/checkpoints"},
}


def test_the_script_runs_with_its_channels_and_hyperparameters_and_its_model_is_packed() -> None:
    account = JobsAccount()
    submit(account)
    start(account)
    assert described(account)["TrainingJobStatus"] == "InProgress"
    account.wait(30)

    assert told(account) == '{"word": "two words", "began at": 0, "data": "a,b\\n1,2\\n", "beside": 7}'
    assert described(account)["ModelArtifacts"]["S3ModelArtifacts"] == "s3://models/out/job/output/model.tar.gz"
    statuses = [(detail["TrainingJobStatus"], detail["SecondaryStatus"]) for detail in account.told(CHANGED)]
    assert statuses == [
        ("InProgress", "Starting"),
        ("InProgress", "Training"),
        ("InProgress", "Uploading"),
        ("Completed", "Completed"),
    ]


@pytest.mark.parametrize(
    ("script", "reason"),
    [("raise ValueError('no label')", "ValueError: no label"), ("import sys; sys.exit(3)", "ExitCode 3")],
)
def test_a_script_that_fails_fails_its_job_and_leaves_no_model(script: str, reason: str) -> None:
    account = JobsAccount()
    submit(account, script)
    start(account)
    account.wait(30)

    assert described(account)["TrainingJobStatus"] == "Failed"
    assert reason in described(account)["FailureReason"]
    assert not any(key.startswith("out/") for _, key in account.objects)


def test_an_input_that_is_not_there_fails_the_job() -> None:
    account = JobsAccount()
    submit(account)
    del account.objects["models", "data/data.csv"]
    start(account)
    account.wait(30)

    assert "No S3 objects found" in described(account)["FailureReason"]


def test_an_interrupted_spot_instance_goes_on_from_the_first_checkpoint() -> None:
    account = JobsAccount(Options(spot_interruptions=1))
    submit(account)
    start(account, **SPOT)
    account.wait(40)

    assert '"began at": 1' in told(account)
    assert "Interrupted" in [turn["Status"] for turn in described(account)["SecondaryStatusTransitions"]]
    assert account.objects["models", "checkpoints/done.txt"] == b"3"
    assert described(account)["BillableTimeInSeconds"] < described(account)["TrainingTimeInSeconds"]


def test_on_demand_training_is_never_interrupted() -> None:
    account = JobsAccount(Options(spot_interruptions=1))
    submit(account)
    start(account)
    account.wait(30)

    assert '"began at": 0' in told(account)


def test_the_longest_wait_goes_with_spot_and_with_nothing_else() -> None:
    account = JobsAccount()
    submit(account)
    with pytest.raises(AwsError, match="only supported when EnableManagedSpotTraining is set to true"):
        start(account, **SPOT | {"EnableManagedSpotTraining": False})
    with pytest.raises(AwsError, match="It must be present"):
        start(account, **SPOT | {"StoppingCondition": {"MaxRuntimeInSeconds": 3600}})


def test_a_stopped_job_leaves_no_model() -> None:
    account = JobsAccount()
    submit(account)
    start(account)
    account.wait(3)
    account.call("stop_training_job", TrainingJobName="job")
    assert described(account)["TrainingJobStatus"] == "Stopping"
    account.wait(30)

    assert described(account)["TrainingJobStatus"] == "Stopped"
    assert ("models", "out/job/output/model.tar.gz") not in account.objects
    assert "rejected" in account.refused("stop_training_job", TrainingJobName="job")


def test_a_name_is_used_once_and_an_unknown_one_is_not_found() -> None:
    account = JobsAccount()
    submit(account)
    start(account)
    with pytest.raises(AwsError) as refused:
        start(account)
    assert refused.value.code == "ResourceInUse"
    assert account.refused("describe_training_job", TrainingJobName="other") == "Requested resource not found."


def test_what_a_script_changes_in_its_process_does_not_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import sys

    account = JobsAccount()
    submit(account, "import os, sys, beside\nos.environ['LEFT'] = 'x'\nsys.path.append('left')")
    start(account)
    account.wait(30)

    assert "LEFT" not in os.environ and "left" not in sys.path and "beside" not in sys.modules
    assert Path.cwd().exists()
