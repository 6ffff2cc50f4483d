"""The request that registers what a training job made, which registers nothing by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from interlock.model.request import Request

OF_THE_OLD_ARTIFACT = frozenset({"ModelDataUrl", "ModelDataSource", "ModelDataETag"})
"""What says of a container which artifact it loads (botocore ModelPackageContainerDefinition)."""

LONGEST_TOKEN = 36
"""botocore ClientToken."""


class NotRegistrable(ValueError):
    """Interlock cannot register what a job made; the message says why."""


def artifact_of(job: Mapping[str, Any]) -> str:
    """The S3 URI of what a training job made, "" if it says none (botocore DescribeTrainingJob)."""
    return str((job.get("ModelArtifacts") or {}).get("S3ModelArtifacts") or "")


def registration(group: str, name: str, job: Mapping[str, Any], champion: Mapping[str, Any] | None) -> Request:
    """CreateModelPackage for what ``job`` (DescribeTrainingJob) made in the retraining ``name``. It is served as the
    live version ``champion`` (DescribeModelPackage) is, by the same image with the same settings. The token is that of
    the name, so a second attempt registers nothing more. Raises NotRegistrable."""
    artifact = artifact_of(job)
    if not artifact:
        raise NotRegistrable("the job names no artifact")
    specification = (champion or {}).get("InferenceSpecification") or {}
    containers = specification.get("Containers") or []
    if not containers:
        raise NotRegistrable("there is no live version that says how to serve it")
    if len(containers) > 1:
        raise NotRegistrable("the live version has several containers, and nothing says which of them it is for")
    kept = {key: value for key, value in containers[0].items() if key not in OF_THE_OLD_ARTIFACT}
    trained = job.get("TrainingJobName", "a training job")
    return {
        "ModelPackageGroupName": group,
        "ModelPackageDescription": f"Trained by {trained}, registered by Interlock.",
        "InferenceSpecification": {**specification, "Containers": [{**kept, "ModelDataUrl": artifact}]},
        "ModelApprovalStatus": "PendingManualApproval",
        "MetadataProperties": {"GeneratedBy": str(job.get("TrainingJobArn") or name)},
        "ClientToken": hashlib.sha256(f"{group} {name}".encode()).hexdigest()[:LONGEST_TOKEN],
    }
