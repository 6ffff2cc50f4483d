"""A model package version, and what its containers are pinned to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Answer = dict[str, Any]


@dataclass(frozen=True)
class PackagedContainer:
    """A container of a version (botocore ModelPackageContainerDefinition). ``image`` carries the digest where the
    registry knows it; ``etag`` is that of the artifact when it was registered, empty where the registry does not know
    it; ``product`` the AWS Marketplace product that it is of, empty for one of the account's own; ``hostname`` by which
    requests and metrics name it, empty if it has none."""

    image: str = ""
    model_data: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    etag: str = ""
    product: str = ""
    hostname: str = ""


@dataclass(frozen=True)
class Version:
    """A model package version, with its ``containers`` in the order in which requests pass through them. ``life_cycle``
    is what its ModelLifeCycle says, as ``Stage/StageStatus``, empty if nothing."""

    arn: str
    number: int
    approval: str
    status: str
    containers: tuple[PackagedContainer, ...]
    life_cycle: str = ""

    @property
    def container(self) -> PackagedContainer:
        """The first of its containers, on hosting that takes one; an empty one if it has none."""
        return self.containers[0] if self.containers else PackagedContainer()

    @property
    def product(self) -> str:
        """The AWS Marketplace product that one of its containers is of; empty if all are of the account's own."""
        return next((each.product for each in self.containers if each.product), "")


def read_version(described: Answer) -> Version:
    """The version in a DescribeModelPackage answer."""
    containers = described.get("InferenceSpecification", {}).get("Containers", [])
    return Version(
        arn=described["ModelPackageArn"],
        number=described.get("ModelPackageVersion", 0),
        approval=described.get("ModelApprovalStatus", ""),
        status=described.get("ModelPackageStatus", ""),
        containers=tuple(_container(each) for each in containers),
        life_cycle=read_life_cycle(described.get("ModelLifeCycle")),
    )


def _container(described: Answer) -> PackagedContainer:
    """A digest replaces the image's tag, so that the image cannot change."""
    image, digest = described.get("Image", ""), described.get("ImageDigest", "")
    return PackagedContainer(
        image=f"{_without_tag(image)}@{digest}" if digest and "@" not in image else image,
        model_data=described.get("ModelDataUrl", ""),
        environment=described.get("Environment", {}),
        etag=unquoted(described.get("ModelDataETag", "")),
        product=described.get("ProductId", ""),
        hostname=described.get("ContainerHostname", ""),
    )


def read_life_cycle(described: Answer | None) -> str:
    """A ModelLifeCycle as ``Stage/StageStatus``, both of which botocore requires; empty if there is none."""
    return f"{described['Stage']}/{described['StageStatus']}" if described else ""


def unquoted(etag: str) -> str:
    """An ETag without the quotation marks that S3 answers around it, and its events do not have."""
    return etag.strip('"')


def _without_tag(image: str) -> str:
    """``image`` without ``:tag``; a colon before the last slash is a registry's port."""
    head, slash, tail = image.rpartition("/")
    return f"{head}{slash}{tail.partition(':')[0]}"
