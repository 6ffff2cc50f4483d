"""The model with which most ways of moving traffic begin."""

from __future__ import annotations

from interlock.delivery.release import Release
from interlock.model.observation import Version
from interlock.model.plan import Step
from interlock.model.request import Request


def create_model(release: Release) -> Step:
    """The model of the version, pinned to the image digest and artifact that were approved (an Approved package can
    still change); or a container that loads it, and others, when a request names them. In its network (botocore
    CreateModel: VpcConfig, EnableNetworkIsolation)."""
    version, hosting = release.version, release.stage.hosting
    pins = hosting.pins_artifact
    container, note = hosting.shared_container(version), f"Model of version {version.number}, pinned to its image"
    if container:
        note = f"Container for the models under {container['ModelDataUrl']}"
    else:
        container, note = _container(version, pins), f"{note}{' and artifact' if pins else ''}"
    request = {"ModelName": release.model, "PrimaryContainer": container, "ExecutionRoleArn": release.role}
    return Step("CreateModel", note, request | release.network)


def _container(version: Version, pins: bool) -> Request:
    """Only a ModelDataSource takes an ETag, and not every kind of hosting takes one (``pins``; botocore
    ContainerDefinition)."""
    artifact = {"S3Uri": version.model_data, "S3DataType": "S3Object", "CompressionType": "Gzip", "ETag": version.etag}
    data: Request = {"ModelDataSource": {"S3DataSource": artifact}}
    environment = {"Environment": version.environment} if version.environment else {}
    located = data if version.etag and pins else {"ModelDataUrl": version.model_data}
    return {"Image": version.image, **located, **environment}
