"""The model with which most ways of moving traffic begin."""

from __future__ import annotations

from interlock.delivery.release import Release
from interlock.model.plan import Step
from interlock.model.request import Request
from interlock.model.version import PackagedContainer


def create_model(release: Release) -> Step:
    """The model of the version, each container pinned to the image digest and artifact that were approved (an Approved
    package can still change); or a container that loads it, and others, when a request names them. In its network
    (botocore CreateModel: VpcConfig, EnableNetworkIsolation)."""
    version, hosting = release.version, release.stage.hosting
    shared = hosting.shared_container(version)
    pinned = f"Model of version {version.number}, pinned to its image{' and artifact' if hosting.pins_artifact else ''}"
    note = f"Container for the models under {shared['ModelDataUrl']}" if shared else pinned
    runs: Request = {"PrimaryContainer": shared or _container(version.container, hosting.pins_artifact)}
    if len(version.containers) > 1:
        mode = hosting.mode_beside(release.endpoint)
        note = f"Model of version {version.number}, each of its {len(version.containers)} containers pinned ({mode})"
        runs = {
            "Containers": [_container(each, hosting.pins_artifact) for each in version.containers],
            "InferenceExecutionConfig": {"Mode": mode},
        }
    request = {"ModelName": release.model, **runs, "ExecutionRoleArn": release.role}
    return Step("CreateModel", note, request | release.network)


def _container(packaged: PackagedContainer, pins: bool) -> Request:
    """Only a ModelDataSource takes an ETag, and not every kind of hosting takes one (``pins``; botocore
    ContainerDefinition)."""
    artifact = {"S3Uri": packaged.model_data, "S3DataType": "S3Object", "CompressionType": "Gzip"}
    data: Request = {"ModelDataSource": {"S3DataSource": {**artifact, "ETag": packaged.etag}}}
    located = data if packaged.etag and pins else {"ModelDataUrl": packaged.model_data}
    more = {"Environment": packaged.environment, "ContainerHostname": packaged.hostname}
    return {"Image": packaged.image, **located, **{name: value for name, value in more.items() if value}}
