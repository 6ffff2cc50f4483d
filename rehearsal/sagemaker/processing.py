"""Processing jobs: their instances take minutes to come, and then the program of the job really runs.

The program is run at the moment its container starts, on the objects that are in S3 then; what it wrote reaches S3
when the job ends, `processing_run_seconds` and what it slept later (S3UploadMode EndOfJob).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from rehearsal.account.gateway import NotSimulated
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker import clarify, jobfiles, programs, refusals
from rehearsal.sagemaker.keys import Keys
from rehearsal.sagemaker.names import Emit, Names
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.sdk import Call, boto3
from rehearsal.sagemaker.storage import Storage

REASON_BYTES = 1024  # botocore DescribeProcessingJobResponse.FailureReason
LONGEST = 86_400.0  # botocore ProcessingStoppingCondition: without one, a day
STOPPING_SECONDS = 30.0
FAILED = "AlgorithmError: See job logs for more information"


@dataclass
class Job:
    """One job. Times are virtual epoch seconds; `log` is what its programs printed; `slept` what they waited."""

    name: str
    arn: str
    request: Mapping[str, Any]
    created: float
    modified: float
    status: str = "InProgress"
    started: float | None = None
    ended: float | None = None
    exit_message: str = ""
    failure: str = ""
    schedule: str = ""
    log: str = ""
    slept: float = 0.0
    results: dict[tuple[str, str], bytes] = field(default_factory=dict)

    @property
    def cluster(self) -> Mapping[str, Any]:
        return dict(self.request["ProcessingResources"]["ClusterConfig"])

    @property
    def instances(self) -> int:
        return int(self.cluster.get("InstanceCount", 1))

    @property
    def instance_type(self) -> str:
        return str(self.cluster.get("InstanceType", ""))


class Processing:
    """The operations of processing jobs; `jobs` by name. `call` is how a program's boto3 calls AWS."""

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        names: Names,
        options: Options,
        storage: Storage,
        call: Call | None,
        assumable: Callable[[str], bool],
        keys: Keys,
    ) -> None:
        self._clock, self._emit, self._names, self._options = clock, emit, names, options
        self._storage, self._call, self._assumable, self._keys = storage, call, assumable, keys
        self.jobs: dict[str, Job] = {}

    def create_processing_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """A name can be used once, whatever became of its job (botocore: "must be unique within an AWS Region in the
        AWS account"). Errors: ResourceInUse, ResourceLimitExceeded, ValidationException."""
        name = request["ProcessingJobName"]
        arn = self._names.arn("processing-job", name)
        if name.lower() in {each.lower() for each in self.jobs}:
            raise refusals.in_use("processing job", arn)
        _check(request)
        if not self._assumable(request["RoleArn"]):
            raise refusals.cannot_assume(request["RoleArn"])
        job = Job(name, arn, dict(request), self._clock.now, self._clock.now)
        if volume_key := job.cluster.get("VolumeKmsKeyId"):
            self._keys.grant(caller, volume_key)  # or the job's role may; here only the caller is asked
        self._check_limit(job)
        if self._options.missing_input == "refused":
            self._check_inputs(request)
        self.jobs[name] = job
        self._say(job)
        self._clock.after(self._options.processing_start_seconds, partial(self._start, job))
        return {"ProcessingJobArn": arn}

    def describe_processing_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        job = self._find(request["ProcessingJobName"])
        given = {key: value for key, value in job.request.items() if key != "Tags"}
        if job.schedule:
            given["MonitoringScheduleArn"] = job.schedule
        return {**given, **self._summary(job), **self._moment("ProcessingStartTime", job.started)}

    def list_processing_jobs(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Newest first, and by CreationTime, unless the request says otherwise (botocore ListProcessingJobs)."""
        by = {"Name": lambda job: job.name, "Status": lambda job: job.status}
        found = sorted(
            (job for job in self.jobs.values() if _wanted(job, request)),
            key=by.get(request.get("SortBy", ""), lambda job: job.created),
            reverse=request.get("SortOrder", "Descending") == "Descending",
        )
        first, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", 10))
        page = {"ProcessingJobSummaries": [self._summary(job) for job in found[first : first + size]]}
        return page | ({"NextToken": str(first + size)} if len(found) > first + size else {})

    def stop_processing_job(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Stopping, and Stopped soon after; what the program had written is not uploaded."""
        job = self._find(request["ProcessingJobName"])
        if job.status != "InProgress":
            raise refusals.invalid(f"The request was rejected because the processing job is in status {job.status}.")
        job.results.clear()
        self._become(job, "Stopping")
        self._clock.after(STOPPING_SECONDS, partial(self._end, job, "Stopped"))
        return {}

    def record(self, job: Job) -> None:
        """A job that has ended, of a monitoring schedule: it is there as if it had run, and its end is told."""
        self.jobs[job.name] = job
        self._say(job)

    def _start(self, job: Job) -> None:
        if job.status != "InProgress":
            return
        job.started = job.modified = self._clock.now
        try:
            self._storage.begin(job.request["RoleArn"], job.request["AppSpecification"]["ImageUri"], job.name)
            if vpc := job.request.get("NetworkConfig", {}).get("VpcConfig"):
                self._storage.enter(job.request["RoleArn"], vpc)
            codes = self._run(job)
        except AwsError as refused:
            self._fail(job, f"ClientError: {refused.message}")
            return
        except (jobfiles.NoInput, clarify.ClarifyFailed) as missing:
            self._fail(job, str(missing))
            return
        lasts = self._options.processing_run_seconds + job.slept
        longest = float(job.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", LONGEST))
        if lasts > longest:
            self._clock.after(longest, partial(self._overrun, job, longest))
        elif any(codes):
            self._clock.after(lasts, partial(self._fail, job, FAILED))
        else:
            self._clock.after(lasts, partial(self._complete, job))

    def _run(self, job: Job) -> list[int]:
        """The exit code of each host's program. A file that two hosts write is that of the later one, as in S3."""
        specification = job.request["AppSpecification"]
        if clarify.is_clarify(specification["ImageUri"]):
            return self._analyse(job)
        if "ContainerEntrypoint" not in specification:
            raise NotSimulated(f"{job.name}: the own entry point of image {specification['ImageUri']}")
        command = [*specification["ContainerEntrypoint"], *specification.get("ContainerArguments", ())]
        hosts = [f"algo-{number + 1}" for number in range(job.instances)]
        role, codes = job.request["RoleArn"], []
        modules = {"boto3": boto3(self._call, role)} if self._call else {}
        for host in hosts:
            with tempfile.TemporaryDirectory(prefix="rehearsal-job-") as folder:
                root = Path(folder)
                jobfiles.lay_out(root, job.request, self._storage, hosts, host, job.arn)
                environment = {**job.request.get("Environment", {}), "PROCESSING_JOB_NAME": job.name}
                try:
                    ended = programs.run(command, root, environment, self._clock.now, modules)
                except programs.NotPython as other:
                    raise NotSimulated(f"{job.name}: {other}") from other
                job.results |= jobfiles.collect(root, job.request)
                job.exit_message = job.exit_message or jobfiles.message(root)
            job.log += ended.log
            job.slept = max(job.slept, ended.slept)
            codes.append(ended.exit_code)
        return codes

    def _analyse(self, job: Job) -> list[int]:
        """The container of Clarify, which has a program of its own."""
        with tempfile.TemporaryDirectory(prefix="rehearsal-job-") as folder:
            jobfiles.lay_out(Path(folder), job.request, self._storage, ["algo-1"], "algo-1", job.arn)
            clarify.run(Path(folder), job.request)
            job.results |= jobfiles.collect(Path(folder), job.request)
        return [0]

    def _complete(self, job: Job) -> None:
        if job.status == "InProgress" and self._upload(job):
            self._end(job, "Completed")

    def _fail(self, job: Job, reason: str) -> None:
        if job.status == "InProgress":
            job.failure = reason[:REASON_BYTES]
            if self._options.failed_outputs == "lost" or self._upload(job):
                self._end(job, "Failed")

    def _overrun(self, job: Job, longest: float) -> None:
        if job.status != "InProgress":
            return
        if self._options.runtime_exceeded == "Failed":
            job.failure = f"ClientError: The job ran longer than its MaxRuntimeInSeconds of {longest:.0f}."
        self._end(job, self._options.runtime_exceeded)

    def _upload(self, job: Job) -> bool:
        """Whether the job's role may write what there is to write; the job has failed if not."""
        encrypted_with = job.request.get("ProcessingOutputConfig", {}).get("KmsKeyId", "")
        for (bucket, key), body in job.results.items():
            try:
                self._storage.write(job.request["RoleArn"], bucket, key, body, encrypted_with)
            except AwsError as refused:
                reason = f"ClientError: Failed to upload data. PutObject failed for s3://{bucket}/{key}: "
                job.failure = (job.failure or reason + refused.message)[:REASON_BYTES]
                self._end(job, "Failed")
                return False
        return True

    def _end(self, job: Job, status: str) -> None:
        job.ended = self._clock.now
        self._become(job, status)

    def _become(self, job: Job, status: str) -> None:
        job.status, job.modified = status, self._clock.now
        self._say(job)

    def _find(self, name: str) -> Job:
        if name not in self.jobs:
            raise refusals.not_found("processing job", self._names.arn("processing-job", name))
        return self.jobs[name]

    def _check_limit(self, job: Job) -> None:
        running = [each for each in self.jobs.values() if each.status in ("InProgress", "Stopping")]
        used = sum(each.instances for each in running if each.instance_type == job.instance_type)
        limit = self._options.processing_instances
        if used + job.instances > limit:
            raise refusals.beyond_limit("processing job", job.instance_type, limit, used, job.instances)

    def _check_inputs(self, request: Mapping[str, Any]) -> None:
        for each in jobfiles.inputs(request):
            bucket, _, prefix = each["S3Uri"].removeprefix("s3://").partition("/")
            try:
                there = self._storage.keys(request["RoleArn"], bucket, prefix)
            except AwsError:  # AWS says the same of what it may not see
                there = []
            if not there:
                raise refusals.invalid(jobfiles.nothing_under(each["S3Uri"], request["RoleArn"]).partition(": ")[2])

    def _summary(self, job: Job) -> dict[str, Any]:
        summary: dict[str, Any] = {
            "ProcessingJobName": job.name,
            "ProcessingJobArn": job.arn,
            "ProcessingJobStatus": job.status,
            "CreationTime": self._clock.datetime(job.created),
            "LastModifiedTime": self._clock.datetime(job.modified),
        }
        ended = job.ended is not None
        summary |= {"ExitMessage": job.exit_message} if job.exit_message and ended else {}
        summary |= {"FailureReason": job.failure} if job.failure and ended else {}
        return summary | self._moment("ProcessingEndTime", job.ended)

    def _moment(self, name: str, at: float | None) -> dict[str, Any]:
        return {} if at is None else {name: self._clock.datetime(at)}

    def _say(self, job: Job) -> None:
        """Processing Job State Change (docs: automating-sagemaker-with-eventbridge): times in epoch milliseconds."""
        detail = {key: value for key, value in job.request.items() if key not in ("Tags", "NetworkConfig")}
        detail |= {"ProcessingJobArn": job.arn, "ProcessingJobStatus": job.status}
        times = {
            "CreationTime": job.created,
            "LastModifiedTime": job.modified,
            "ProcessingStartTime": job.started,
            "ProcessingEndTime": job.ended,
        }
        detail |= {name: int(at * 1000) for name, at in times.items() if at is not None}
        if job.failure and job.ended is not None:
            detail["FailureReason"] = job.failure
        if job.exit_message and job.ended is not None and self._options.exit_message_in_event == "present":
            detail["ExitMessage"] = job.exit_message
        self._emit("aws.sagemaker", "SageMaker Processing Job State Change", detail, [job.arn])


def _check(request: Mapping[str, Any]) -> None:
    """Messages in our words; AWS refuses two inputs in one place (aws/sagemaker-python-sdk #4939)."""
    places = [each.get("LocalPath", "") for each in (*jobfiles.inputs(request), *jobfiles.outputs(request))]
    for place in places:
        if not place.startswith(jobfiles.PROCESSING + "/"):
            raise refusals.invalid(f"LocalPath {place!r} must begin with {jobfiles.PROCESSING}/.")
    if len(set(places)) < len(places):
        raise refusals.invalid("The local paths of inputs and outputs must be unique.")
    if any(each.get("S3InputMode", "File") != "File" for each in jobfiles.inputs(request)):
        raise NotSimulated("S3InputMode Pipe")


def _wanted(job: Job, request: Mapping[str, Any]) -> bool:
    after, before = request.get("CreationTimeAfter"), request.get("CreationTimeBefore")
    later, earlier = request.get("LastModifiedTimeAfter"), request.get("LastModifiedTimeBefore")
    return (
        request.get("NameContains", "") in job.name
        and job.status == request.get("StatusEquals", job.status)
        and (after is None or job.created > after.timestamp())
        and (before is None or job.created < before.timestamp())
        and (later is None or job.modified > later.timestamp())
        and (earlier is None or job.modified < earlier.timestamp())
    )
