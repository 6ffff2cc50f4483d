"""The files of a processing job: from S3 into the container's folders, and back.

After the SageMaker Developer Guide, "Configure Processing input", "Configure Processing output" and "How Amazon
SageMaker Processing configures input and output for your processing container", and botocore's ProcessingS3Input.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rehearsal.aws import AwsError
from rehearsal.sagemaker.programs import ML
from rehearsal.sagemaker.storage import Storage

MESSAGE_BYTES = 1024  # botocore DescribeProcessingJobResponse.ExitMessage: up to one KB
PROCESSING = f"{ML}/processing"

Request = Mapping[str, Any]


class NoInput(Exception):
    """An input that cannot be had: the reason why the job fails."""


def inputs(request: Request) -> list[Mapping[str, Any]]:
    """The S3 inputs of a job."""
    return [each["S3Input"] for each in request.get("ProcessingInputs", ()) if "S3Input" in each]


def outputs(request: Request) -> list[Mapping[str, Any]]:
    """The S3 outputs of a job."""
    listed = request.get("ProcessingOutputConfig", {}).get("Outputs", ())
    return [each["S3Output"] for each in listed if "S3Output" in each]


def lay_out(root: Path, request: Request, storage: Storage, hosts: Sequence[str], host: str, arn: str) -> None:
    """What one host finds under /opt/ml when its container starts. Raises NoInput."""
    for each in inputs(request):
        objects = list(_objects(each, request["RoleArn"], storage))
        if each.get("S3DataDistributionType") == "ShardedByS3Key":
            # "replicate a subset of data on each ML compute instance … 1/n of the number of objects" (botocore); which
            # keys go where is not said.
            objects = objects[hosts.index(host) :: len(hosts)]
        folder = inside(root, each["LocalPath"])
        folder.mkdir(parents=True, exist_ok=True)
        for name, bucket, key in objects:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_asked(storage, request["RoleArn"], bucket, key))
    for each in outputs(request):
        inside(root, each["LocalPath"]).mkdir(parents=True, exist_ok=True)
    (root / "output").mkdir(exist_ok=True)
    (root / "config").mkdir(exist_ok=True)
    (root / "config/resourceconfig.json").write_text(json.dumps({"current_host": host, "hosts": list(hosts)}))
    about = {"ProcessingJobArn": arn, **{name: value for name, value in request.items() if name != "Tags"}}
    (root / "config/processingjobconfig.json").write_text(json.dumps(about, default=str))


def collect(root: Path, request: Request) -> dict[tuple[str, str], bytes]:
    """What the outputs' folders hold, by the bucket and key that it will have."""
    found = {}
    for each in outputs(request):
        bucket, prefix = _url(each["S3Uri"])
        folder = inside(root, each["LocalPath"])
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                key = "/".join(part for part in (prefix.rstrip("/"), path.relative_to(folder).as_posix()) if part)
                found[bucket, key] = path.read_bytes()
    return found


def message(root: Path) -> str:
    """What the program left in /opt/ml/output/message, as much of it as becomes the ExitMessage."""
    path = root / "output/message"
    return path.read_bytes()[:MESSAGE_BYTES].decode(errors="ignore") if path.is_file() else ""


def inside(root: Path, local: str) -> Path:
    """A path of the container as a path here."""
    return root / local.removeprefix(ML).strip("/")


def _objects(wanted: Mapping[str, Any], role: str, storage: Storage) -> Iterator[tuple[str, str, str]]:
    """Name below LocalPath, bucket and key of each object of an input."""
    bucket, prefix = _url(wanted["S3Uri"])
    if wanted["S3DataType"] == "ManifestFile":
        yield from _of_manifest(json.loads(_asked(storage, role, bucket, prefix)), wanted["S3Uri"])
        return
    try:
        keys = storage.keys(role, bucket, prefix)
    except AwsError as refused:
        raise NoInput(
            f"ClientError: Failed to download data. ListObjectsV2 failed for {wanted['S3Uri']}: {refused.message}"
        ) from refused
    if not keys:
        raise NoInput(nothing_under(wanted["S3Uri"], role))
    for key in keys:
        rest = key[len(prefix) :]
        named = rest.lstrip("/") if rest.startswith("/") or prefix.endswith("/") or not prefix else ""
        yield named or key[prefix.rfind("/") + 1 :], bucket, key


def _of_manifest(listed: Any, url: str) -> Iterator[tuple[str, str, str]]:
    """`[{"prefix": "s3://bucket/folder/"}, "one", "two/three"]` (botocore ProcessingS3Input.S3DataType)."""
    if not isinstance(listed, list) or not listed or not isinstance(listed[0], dict) or "prefix" not in listed[0]:
        raise NoInput(f"ClientError: Manifest file {url} has no prefix.")
    bucket, prefix = _url(listed[0]["prefix"])
    for name in listed[1:]:
        yield name, bucket, prefix + name


def nothing_under(url: str, role: str) -> str:
    """Quoted in aws/amazon-sagemaker-examples #2267 and #2489, of training jobs."""
    bucket, _ = _url(url)
    return (
        f'ClientError: No S3 objects found under S3 URL "{url}" given in input data source. Please ensure that the '
        f'bucket exists in the selected region, that objects exist under that S3 prefix, and that the role "{role}" '
        f'has "s3:ListBucket" permissions on bucket "{bucket}".'
    )


def _asked(storage: Storage, role: str, bucket: str, key: str) -> bytes:
    try:
        return storage.read(role, bucket, key)
    except AwsError as refused:
        raise NoInput(
            f"ClientError: Failed to download data. GetObject failed for s3://{bucket}/{key}: {refused.message}"
        ) from refused


def _url(url: str) -> tuple[str, str]:
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key
