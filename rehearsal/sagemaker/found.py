"""What a run of Model Monitor leaves: its file of violations, its processing job, and its entry in the list."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rehearsal.clock import Clock
from rehearsal.sagemaker.monitoring import Run
from rehearsal.sagemaker.names import Names
from rehearsal.sagemaker.processing import Job
from rehearsal.sagemaker.service import SageMaker
from rehearsal.services.s3 import S3

HOUR = 3_600.0
RUN_SECONDS = 300.0  # of a recorded run (aws/amazon-sagemaker-examples, introduction: about five minutes)
ANALYZER = "sagemaker-model-monitor-analyzer"
ROLE = "role/model-monitor"

# A job of Model Monitor's says in its message what it found (aws/amazon-sagemaker-examples, introduction, cell 28).
NOTHING = "Completed: Job completed successfully with no violations."
SOMETHING = "CompletedWithViolations: Job completed successfully with {} violations."


@dataclass(frozen=True)
class Found:
    """What the run of a schedule found: `type` is botocore's MonitoringType, `violations` as in the file."""

    endpoint: str
    schedule: str
    type: str
    violations: Sequence[Mapping[str, Any]]


def leave(sagemaker: SageMaker, clock: Clock, s3: S3, run: Found, bucket: str, prefix: str = "model-monitor") -> str:
    """A run for the hour that has begun ends now. Returns the URL of its file, which is there also when nothing was
    found (whether Model Monitor writes one then is not documented). That of bias and explainability has a version."""
    names, processing = sagemaker.names, sagemaker.processing
    assert processing is not None, "an account with S3"
    hour = clock.now // HOUR * HOUR
    folder = f"{prefix}/{run.endpoint}/{run.schedule}/{clock.datetime(hour):%Y/%m/%d/%H}"
    found: dict[str, Any] = {"violations": [dict(each) for each in run.violations]}
    if run.type in ("ModelBias", "ModelExplainability"):
        found = {"version": "1.0", **found}
    s3.write(bucket, f"{folder}/constraint_violations.json", json.dumps(found, indent=2).encode())
    name = f"model-monitoring-{clock.datetime(hour):%Y%m%d%H%M}-{clock.uuid().replace('-', '')[:24]}"
    status = "CompletedWithViolations" if run.violations else "Completed"
    job = Job(
        name=name,
        arn=names.arn("processing-job", name),
        request=_request(names, name, bucket, folder),
        created=clock.now - RUN_SECONDS,
        modified=clock.now,
        status="Completed",
        started=clock.now - RUN_SECONDS / 2,
        ended=clock.now,
        exit_message=SOMETHING.format(len(run.violations)) if run.violations else NOTHING,
        schedule=names.arn("monitoring-schedule", run.schedule),
    )
    processing.record(job)
    sagemaker.monitoring.runs.append(Run(run.schedule, run.endpoint, run.type, hour, clock.now, status, job.arn))
    return f"s3://{bucket}/{folder}/constraint_violations.json"


def _request(names: Names, name: str, bucket: str, folder: str) -> dict[str, Any]:
    where = {"S3Uri": f"s3://{bucket}/{folder}", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}
    return {
        "ProcessingJobName": name,
        "RoleArn": f"arn:aws:iam::{names.account}:{ROLE}",
        "AppSpecification": {"ImageUri": f"{names.account}.dkr.ecr.{names.region}.amazonaws.com/{ANALYZER}"},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20}
        },
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "monitoring_output", "S3Output": where}]},
    }
