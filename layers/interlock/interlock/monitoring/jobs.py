"""The processing job of a run: its request, exactly as CreateProcessingJob takes it, and the files that it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from interlock.model.names import GROUP_TAG, STACK_TAG, VERSION_TAG, as_tags, job_name
from interlock.model.protection import Protection
from interlock.model.request import Request
from interlock.model.results_path import RunFolder, bucket_and_key
from interlock.monitoring.baselines import Baseline, baseline_folder, baseline_window
from interlock.monitoring.due import Due, labels_of
from interlock.monitoring.kinds.monitor import DAY
from interlock.monitoring.past_runs import run_key
from interlock.monitoring.section import Monitoring
from interlock.monitoring.steps import FIRST, PARTS
from interlock.monitoring.windows import months

INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"

START = f"import json; exec(json.load(open('{INPUT}/config/program.json'))['text'])"
"""What the job runs. A state machine can put JSON into S3 but no plain text: a text gets quotes around it and its line
ends escaped (recorded on AWS: localstack/localstack, test_aws_sdk_task_service.snapshot.json,
test_s3_put_object[str]). So the program lies there as JSON."""

MOST_INPUTS = 10
"""Inputs of a job (botocore ProcessingInputs)."""

VOLUME = 30
"""GB of the volume of an instance."""

PLACEHOLDER = "placeholder.json"
"""An input without any object fails the job ("No S3 objects found under S3 URL"), so there is always one, which the
program passes over."""

MADE = {
    "merge": (("summaries", "summarise", "", "summaries"),),
    "analyse": (
        ("analysis_config", "prepare", "config/analysis_config.json", "config"),
        ("dataset", "prepare", "dataset/", "data"),
    ),
    "judge": (("summaries", "prepare", "", "summaries"), ("analysis", "analyse", "", "analysis")),
}
"""What a job reads of the jobs before it, by its task: the name of the input, the task that wrote it, its place in the
folder of that job, and the folder in the container. Those of Clarify's container are fixed (docs:
sagemaker/latest/dg/clarify-processing-job-configure-parameters)."""


@dataclass(frozen=True)
class Place:
    """Where jobs run, and for which version. ``account``: bucket, role, image, region, stack; ``capture``: the S3 URI
    that SageMaker captures to; ``variants``: those that it captures."""

    group: str
    endpoint: str
    version: str
    account: Mapping[str, str]
    capture: str
    variants: tuple[str, ...]
    protection: Protection = field(default_factory=Protection)

    def uri(self, key: str) -> str:
        return f"s3://{self.account['bucket']}/{key}"


@dataclass(frozen=True)
class Job:
    """A job that is not created yet. ``window`` and ``key`` are for the ledger."""

    due: Due
    name: str
    window: str
    key: str
    inputs: tuple[Request, ...]
    objects: tuple[Request, ...]
    output: str
    config: Request


def monitor_job(due: Due, place: Place, monitoring: Monitoring, baseline: Baseline, now: datetime) -> Job:
    """The job of a window that has the task of ``due``."""
    window = due.window.key
    parts = [place.group, place.endpoint, due.monitor.name, due.window.start.strftime("%Y%m%d%H"), str(due.attempt)]
    name = job_name(*parts, *([] if due.task in FIRST else [due.task]))
    config = _config(due, place, monitoring) | {"window": due.window.as_dict()}
    captured, found = _captured(due, place, monitoring) if due.task in FIRST else ((), ())
    truth, awaited = _labels(due, place, now) if due.task in FIRST else ((), ())
    made, kept = _made(due, place)
    files, names = _baseline_inputs(baseline) if due.task != "analyse" else ([], {})
    summaries = place.uri(f"runs/{name}/summaries")
    folder = RunFolder(place.endpoint, due.monitor.name, window, due.attempt)
    return Job(
        due,
        name,
        window,
        run_key(due.monitor.name, window, due.attempt, due.task),
        (*captured, *truth, *made, *files),
        (*found, *awaited, *kept),
        summaries if due.task in PARTS else place.uri(f"results/{folder.run}"),
        config | {"baseline_files": names},
    )


def baseline_job(due: Due, place: Place, monitoring: Monitoring, training_data: str) -> Job:
    """The job that makes the baseline of the live version from the training data."""
    kind = due.monitor.kind
    window = baseline_window(place.version, kind)
    return Job(
        due,
        job_name(place.group, place.endpoint, window, str(due.attempt)),
        window,
        run_key(kind, window, due.attempt),
        (_input("training", training_data, "training"),),
        (),
        baseline_folder(place.account["bucket"], place.group, place.version, kind).rstrip("/"),
        _config(due, place, monitoring) | {"baseline_files": {}},
    )


def request_of(job: Job, place: Place, monitoring: Monitoring) -> Request:
    """CreateProcessingJob for ``job`` (botocore CreateProcessingJobRequest).

    A job that calls no model has no network: SageMaker carries what it reads and writes. Clarify's container takes
    neither an entry point nor isolation, and its output has a name (docs: MADE).
    """
    account, monitor, clarify = place.account, job.due.monitor, job.due.task == "analyse"
    ours = {"ImageUri": account["image"], "ContainerEntrypoint": ["python3", "-c", START]}
    config = [] if clarify else [_input("config", place.uri(f"runs/{job.name}/files/"), "config")]
    environment = {"AWS_DEFAULT_REGION": account["region"]} if monitor.calls_models and account.get("region") else {}
    count = monitoring.instances if job.due.task == "summarise" else 1
    cluster = {"InstanceCount": count, "InstanceType": monitoring.instance_type, "VolumeSizeInGB": VOLUME}
    outputs = [
        {
            "OutputName": "analysis_result" if clarify else "results",
            "S3Output": {"S3Uri": job.output, "LocalPath": OUTPUT, "S3UploadMode": "EndOfJob"},
        }
    ]
    owner = {STACK_TAG: account["stack"], GROUP_TAG: place.group, VERSION_TAG: place.version}
    tags = owner | {"interlock:endpoint": place.endpoint, "interlock:monitor": monitor.name}
    return {
        "ProcessingJobName": job.name,
        "ProcessingInputs": [*config, *job.inputs],
        "ProcessingOutputConfig": {"Outputs": outputs, **place.protection.output},
        "ProcessingResources": {"ClusterConfig": cluster | place.protection.volume},
        "StoppingCondition": {"MaxRuntimeInSeconds": _longest(job)},
        "AppSpecification": {"ImageUri": monitor.container} if clarify else ours,
        **({"Environment": environment} if environment else {}),
        "NetworkConfig": place.protection.of_job(isolated=not (monitor.calls_models or clarify)),
        "RoleArn": account["role"],
        "Tags": as_tags(tags),
    }


def objects_of(job: Job, place: Place) -> list[Request]:
    """The objects that must be in the bucket before the job starts, beside the program: requests of PutObject."""
    config = {"Key": f"runs/{job.name}/files/config.json", "Body": job.config}
    return [{"Bucket": place.account["bucket"], **written} for written in (config, *job.objects)]


def program_of(job: Job, place: Place) -> Request:
    """Where the program lies, beside the config of the job: so one can see later what ran."""
    return {"Bucket": place.account["bucket"], "Key": f"runs/{job.name}/files/program.json"}


def _longest(job: Job) -> int:
    """Seconds that the job may take: an hour, or four for a day's window, and what the calls of a model take."""
    calls = getattr(job.due.monitor, "model_calls", 0) // max(1, getattr(job.due.monitor, "per_second", 1))
    return int((4 * 3600 if job.due.monitor.every == DAY else 3600) + 2 * calls)


def _config(due: Due, place: Place, monitoring: Monitoring) -> Request:
    """config.json, as the program reads it, without what the task decides."""
    settings = due.monitor.settings()
    if labels_of(due.monitor):
        settings["labels"] = settings["labels"] | {"last_chance": due.last_chance}
    return {
        "kind": due.monitor.kind,
        "task": due.task,
        "monitor": due.monitor.name,
        "endpoint": place.endpoint,
        "version": int(place.version) if place.version.isdecimal() else None,
        "columns": list(monitoring.columns) or None,
        "min_records": due.monitor.min_records,
        "settings": settings,
    }


def _made(due: Due, place: Place) -> tuple[list[Request], list[Request]]:
    """What the jobs before wrote, as far as they ran; and a placeholder in each folder that the program reads, so that
    it can say that nothing was written there."""
    inputs, objects = [], []
    for name, task, within, folder in MADE.get(due.task, ()):
        if task in due.made:
            key = f"runs/{due.made[task]}/summaries/{within}"
            inputs.append(_input(name, place.uri(key), folder))
            objects += [] if within else [{"Key": f"{key}{PLACEHOLDER}", "Body": {}}]
    return inputs, objects


def _captured(due: Due, place: Place, monitoring: Monitoring) -> tuple[tuple[Request, ...], tuple[Request, ...]]:
    """The capture of the window, and a placeholder in each folder that is Interlock's to write to."""
    bucket, prefix = bucket_and_key(place.capture)
    inputs: list[Request] = []
    objects: list[Request] = []
    for variant in place.variants:
        key = "/".join(part for part in (prefix.strip("/"), place.endpoint, variant, due.window.folder) if part)
        sharded = "ShardedByS3Key" if due.task == "summarise" and monitoring.instances > 1 else "FullyReplicated"
        inputs.append(_input(f"capture-{len(inputs)}", f"s3://{bucket}/{key}", f"capture/{variant}", sharded))
        if bucket == place.account["bucket"]:
            objects.append({"Key": f"{key}{PLACEHOLDER}", "Body": {}})
    return tuple(inputs), tuple(objects)


def _labels(due: Due, place: Place, now: datetime) -> tuple[tuple[Request, ...], tuple[Request, ...]]:
    """The labels that arrived since the window began, month by month: they lie under the day on which they came."""
    if labels_of(due.monitor) is None:
        return (), ()
    keys = [f"labels/{place.group}/{month}" for month in months(due.window.start, now)]
    inputs = [_input(f"labels-{index}", place.uri(key), f"labels/{index}") for index, key in enumerate(keys)]
    objects = [{"Key": f"{key}{PLACEHOLDER}", "Body": {}} for key in keys]
    return tuple(inputs), tuple(objects)


def _baseline_inputs(baseline: Baseline) -> tuple[list[Request], dict[str, str]]:
    """The inputs of the baseline, and for each file the path below ``baseline/`` at which the program finds it."""
    if baseline.folder:
        return [_input("baseline", baseline.folder, "baseline")], {}
    inputs, names = [], {}
    for name, uri in baseline.files.items():
        folder, file = name.removesuffix(".json"), uri.rpartition("/")[2]
        source = uri.removesuffix(file) if baseline.whole_folder else uri
        inputs.append(_input(f"baseline-{folder}", source, f"baseline/{folder}"))
        names[name] = f"{folder}/{file}"
    return inputs, names


def _input(name: str, uri: str, folder: str, distribution: str = "FullyReplicated") -> Request:
    """One input of a job (botocore ProcessingInput)."""
    source: dict[str, Any] = {
        "S3Uri": uri,
        "LocalPath": f"{INPUT}/{folder}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": distribution,
    }
    return {"InputName": name, "S3Input": source}
