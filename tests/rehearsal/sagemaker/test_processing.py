from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from rehearsal.account.gateway import NotSimulated
from rehearsal.aws import AwsError, Caller
from rehearsal.sagemaker import Options
from tests.rehearsal.sagemaker.account import START
from tests.rehearsal.sagemaker.jobs import BUCKET, INPUT, MAY, SETUP, TRUST, Jobs, given, taken

COPY = (
    SETUP
    + """
for path in sorted((inputs / "data").rglob("*")):
    if path.is_file():
        (output / path.name).write_text(path.read_text() + "!")
message.write_text("Completed: all well")
"""
)
FAIL = (
    SETUP
    + """
(output / "half").write_text("half")
message.write_text("it broke")
sys.exit(3)
"""
)


def refused(jobs: Jobs, program: str = COPY, **changes: Any) -> AwsError:
    with pytest.raises(AwsError) as refusal:
        jobs.start(program, **changes)
    return refusal.value


def test_a_job_takes_minutes_really_runs_and_leaves_its_files_and_its_message() -> None:
    jobs = Jobs()
    jobs.start(COPY)
    seen = []
    for _ in range(5):
        seen.append((jobs.described()["ProcessingJobStatus"], len(jobs.listed())))
        jobs.wait(1)
    assert seen == [("InProgress", 0)] * 4 + [("Completed", 1)]
    assert jobs.text("results/one.txt") == "1!"
    about = jobs.described()
    assert about["ExitMessage"] == "Completed: all well" and "FailureReason" not in about
    times = [about[name] - START for name in ("CreationTime", "ProcessingStartTime", "ProcessingEndTime")]
    assert times == [timedelta(), timedelta(minutes=3), timedelta(minutes=4)]


def test_a_program_that_fails_fails_its_job() -> None:
    jobs = Jobs()
    about = jobs.ran(FAIL)
    assert (about["ProcessingJobStatus"], about["ExitMessage"]) == ("Failed", "it broke")
    assert about["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert jobs.listed() == []


def test_what_a_failed_program_wrote_may_be_uploaded_all_the_same() -> None:
    jobs = Jobs(Options(failed_outputs="uploaded"))
    jobs.ran(FAIL)
    assert jobs.listed() == ["results/half"]


@pytest.mark.parametrize("program", ["raise ValueError('no')", "import sys; sys.exit('no')", "1/0", "def ("])
def test_however_a_program_ends_the_rehearsal_goes_on(program: str) -> None:
    jobs = Jobs()
    assert jobs.ran(program)["ProcessingJobStatus"] == "Failed"
    assert "no" in jobs.log() or "Error" in jobs.log()


def test_a_job_tells_its_state_in_camel_case_and_without_its_message() -> None:
    jobs = Jobs()
    jobs.ran(COPY)
    began, ended = jobs.told()
    assert [each["ProcessingJobStatus"] for each in (began, ended)] == ["InProgress", "Completed"]
    assert ended["ProcessingJobArn"] == jobs.described()["ProcessingJobArn"] and "ExitMessage" not in ended
    assert ended["ProcessingEndTime"] - ended["ProcessingStartTime"] == 60_000
    other = Jobs(Options(exit_message_in_event="present"))
    other.ran(COPY)
    assert other.told()[-1]["ExitMessage"] == "Completed: all well"


def test_a_name_is_used_once_for_ever() -> None:
    jobs = Jobs()
    jobs.ran(COPY)
    assert refused(jobs).code == "ResourceInUse"


def test_the_message_is_cut_to_a_kilobyte() -> None:
    about = Jobs().ran(SETUP + "message.write_text('x' * 5000)")
    assert len(about["ExitMessage"]) == 1024


def test_a_job_lays_out_objects_below_their_local_path() -> None:
    jobs = Jobs()
    jobs.put("capture/09/a.jsonl", "a")
    jobs.put("capture/09/deep/b.jsonl", "b")
    jobs.put("capture/10/c.jsonl", "c")
    listed = SETUP + "print(sorted(str(p.relative_to(inputs)) for p in inputs.rglob('*.jsonl')))"
    jobs.ran(listed, ProcessingInputs=[given("code", "programs/abc/"), given("capture", "capture/09")])
    assert jobs.log().strip() == "['capture/a.jsonl', 'capture/deep/b.jsonl']"


def test_a_manifest_names_the_objects() -> None:
    jobs = Jobs()
    for name in ("a", "b", "c"):
        jobs.put(f"capture/{name}.jsonl", name)
    jobs.put("manifest", json.dumps([{"prefix": f"s3://{BUCKET}/capture/"}, "a.jsonl", "c.jsonl"]))
    listed = SETUP + "print(sorted(p.name for p in (inputs / 'data').iterdir()))"
    manifest = given("data", "manifest", S3DataType="ManifestFile")
    jobs.ran(listed, ProcessingInputs=[given("code", "programs/abc/"), manifest])
    assert jobs.log().strip() == "['a.jsonl', 'c.jsonl']"


def test_several_instances_share_the_objects_and_know_each_other() -> None:
    jobs = Jobs()
    for number in range(7):
        jobs.put(f"input/{number}", str(number))
    program = (
        SETUP
        + """
config = json.loads((ML / "config/resourceconfig.json").read_text())
data = sorted(p.name for p in (inputs / "data").iterdir())
(output / config["current_host"]).write_text(json.dumps([config["hosts"], data, len(list((inputs / "all").iterdir()))]))
"""
    )
    shard = given("data", "input/", S3DataDistributionType="ShardedByS3Key")
    request = jobs.request(instances=3) | {
        "ProcessingInputs": [given("code", "programs/abc/"), shard, given("all", "input/")]
    }
    request.pop("ProcessingJobName")
    jobs.ran(program, **request)
    parts = [json.loads(jobs.text(key)) for key in jobs.listed()]
    hosts = ["algo-1", "algo-2", "algo-3"]
    assert jobs.listed() == [f"results/{host}" for host in hosts] and all(part[0] == hosts for part in parts)
    assert sorted(name for part in parts for name in part[1]) == [*map(str, range(7)), "one.txt"]
    assert {len(part[1]) for part in parts} == {2, 3} and {part[2] for part in parts} == {8}


def test_inline_code_can_run_a_program_that_was_put_as_json() -> None:
    jobs = Jobs()
    line = f"import json; exec(json.load(open('{INPUT}/code/monitor.py')))"
    specification = {"ImageUri": "image", "ContainerEntrypoint": ["python3", "-c", line]}
    jobs.ran(json.dumps(COPY), AppSpecification=specification)
    assert jobs.text("results/one.txt") == "1!"


def test_arguments_and_environment_reach_the_program() -> None:
    jobs = Jobs()
    code = ["python3", f"{INPUT}/code/monitor.py"]
    jobs.ran(
        "import os, sys; print(sys.argv[1:], os.environ['GREETING'], os.environ.get('HOME'))",
        AppSpecification={"ImageUri": "image", "ContainerEntrypoint": code, "ContainerArguments": ["--all"]},
        Environment={"GREETING": "hello"},
    )
    assert jobs.log().strip() == "['--all'] hello None"


@pytest.mark.parametrize("end", ["Stopped", "Failed"])
def test_a_job_ends_when_it_has_run_as_long_as_it_may(end: Any) -> None:
    jobs = Jobs(Options(runtime_exceeded=end, processing_run_seconds=600))
    about = jobs.ran(COPY, StoppingCondition={"MaxRuntimeInSeconds": 120})
    assert (about["ProcessingJobStatus"], jobs.listed()) == (end, [])
    assert about["ProcessingEndTime"] - about["ProcessingStartTime"] == timedelta(seconds=120)


@pytest.mark.parametrize("minutes", [1, 3.5])
def test_a_job_can_be_stopped_and_uploads_nothing(minutes: float) -> None:
    jobs = Jobs()
    jobs.start(COPY)
    jobs.wait(minutes)
    jobs.ask("sagemaker", "StopProcessingJob", ProcessingJobName="job")
    assert jobs.described()["ProcessingJobStatus"] == "Stopping"
    jobs.wait(10)
    assert (jobs.described()["ProcessingJobStatus"], jobs.listed()) == ("Stopped", [])
    with pytest.raises(AwsError, match="in status Stopped"):
        jobs.ask("sagemaker", "StopProcessingJob", ProcessingJobName="job")


def test_jobs_are_listed_newest_first_and_in_pages() -> None:
    jobs = Jobs()
    for number in range(3):
        jobs.start(COPY, name=f"job-{number}")
        jobs.wait(3)
    first = jobs.ask("sagemaker", "ListProcessingJobs", MaxResults=2)
    rest = jobs.ask("sagemaker", "ListProcessingJobs", MaxResults=2, NextToken=first["NextToken"])
    listed = [each["ProcessingJobName"] for page in (first, rest) for each in page["ProcessingJobSummaries"]]
    assert listed == ["job-2", "job-1", "job-0"] and "NextToken" not in rest
    running = jobs.ask("sagemaker", "ListProcessingJobs", StatusEquals="InProgress")["ProcessingJobSummaries"]
    assert [each["ProcessingJobName"] for each in running] == ["job-2"]
    assert jobs.ask("sagemaker", "ListProcessingJobs", NameContains="-1")["ProcessingJobSummaries"]


def test_a_job_that_is_not_there_is_not_found() -> None:
    with pytest.raises(AwsError) as refusal:
        Jobs().described("nobody")
    assert refusal.value.code == "ResourceNotFound"


@pytest.mark.parametrize(
    ("without", "reason", "status"),
    [
        (0, "ListObjectsV2 failed", "Failed"),
        (1, "GetObject failed", "Failed"),
        (2, "PutObject failed", "Failed"),
        (3, "ecr:GetAuthorizationToken", "Failed"),
        (4, "logs:CreateLogGroup", "Failed"),
    ],
)
def test_a_job_does_what_its_role_may_and_no_more(without: int, reason: str, status: str) -> None:
    jobs = Jobs()
    role = jobs.iam.put_role("less", {"Statement": TRUST}).arn
    jobs.iam.put_policy(role, "s3", {"Statement": [each for index, each in enumerate(MAY) if index != without]})
    about = jobs.ran(COPY, RoleArn=role)
    assert about["ProcessingJobStatus"] == status and reason in about["FailureReason"]
    assert jobs.listed() == []


def test_a_role_that_does_not_trust_sagemaker_is_refused() -> None:
    jobs = Jobs()
    other = {**TRUST, "Principal": {"Service": "lambda.amazonaws.com"}}
    assert (
        "Could not assume role" in refused(jobs, RoleArn=jobs.iam.put_role("other", {"Statement": other}).arn).message
    )


def test_whoever_creates_a_job_must_be_allowed_to_pass_its_role() -> None:
    jobs = Jobs()
    maker = Caller(jobs.iam.put_role("maker", {"Statement": TRUST}).arn)
    may = {"Effect": "Allow", "Action": "sagemaker:CreateProcessingJob", "Resource": "*"}
    jobs.iam.put_policy(maker.principal, "create", {"Statement": may})
    assert "iam:PassRole" in refused(jobs, caller=maker).message
    condition = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": jobs.role, "Condition": condition}
    jobs.iam.put_policy(maker.principal, "pass", {"Statement": passing})
    jobs.start(COPY, caller=maker)


@pytest.mark.parametrize("choice", ["fails", "refused"])
def test_an_input_without_objects_fails_the_job_or_is_refused(choice: Any) -> None:
    jobs = Jobs(Options(missing_input=choice))
    empty = [given("code", "programs/abc/"), given("labels", "labels/")]
    if choice == "refused":
        assert "No S3 objects found under S3 URL" in refused(jobs, ProcessingInputs=empty).message
    else:
        about = jobs.ran(COPY, ProcessingInputs=empty)
        assert about["FailureReason"].startswith(
            'ClientError: No S3 objects found under S3 URL "s3://monitoring/labels/"'
        )
        assert about["ProcessingJobStatus"] == "Failed"


def test_instances_are_limited_and_come_free_again() -> None:
    jobs = Jobs(Options(processing_instances=2))
    for name in ("one", "two"):
        jobs.start(COPY, name=name)
    told = refused(jobs, name="three")
    assert told.code == "ResourceLimitExceeded"
    assert "'ml.m5.large for processing job usage' is 2 Instances, with current utilization of 2" in told.message
    jobs.wait(10)
    jobs.start(COPY, name="three")


@pytest.mark.parametrize(
    "changes",
    [
        {"ProcessingInputs": [given("code", "programs/"), given("code", "input/")]},
        {"ProcessingInputs": [given("code", "programs/", LocalPath="/tmp/code")]},
        {"ProcessingOutputConfig": {"Outputs": [taken("results"), taken("other")]}},
    ],
)
def test_local_paths_are_different_and_below_opt_ml_processing(changes: dict[str, Any]) -> None:
    assert refused(Jobs(), **changes).code == "ValidationException"


@pytest.mark.parametrize("entry", [None, ["/bin/sh", "-c", "true"], ["python3"]])
def test_what_cannot_be_run_here_is_said_loudly(entry: list[str] | None) -> None:
    jobs = Jobs()
    specification: dict[str, Any] = {"ImageUri": "image"} | ({"ContainerEntrypoint": entry} if entry else {})
    with pytest.raises(NotSimulated):
        jobs.ran(COPY, AppSpecification=specification)
