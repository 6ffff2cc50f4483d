"""The model registry: package groups, versions, approval, and the event that every write sends.

Semantics: botocore CreateModelPackage, UpdateModelPackage, ListModelPackages; docs: model-registry,
automating-sagemaker-with- eventbridge (Model package state change). A write of metadata to an Approved version sends
"Approved" again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.aws import Caller
from rehearsal.clock import Clock
from rehearsal.sagemaker import refusals
from rehearsal.sagemaker.keys import Keys
from rehearsal.sagemaker.names import Emit, Names
from rehearsal.sagemaker.options import Options

# Written as given by CreateModelPackage and, where it takes them, by UpdateModelPackage; described as written.
_AS_GIVEN = (
    *("ModelPackageDescription", "InferenceSpecification", "AdditionalInferenceSpecifications", "MetadataProperties"),
    *("ModelMetrics", "CustomerMetadataProperties", "DriftCheckBaselines", "Domain", "Task", "SamplePayloadUrl"),
    *(
        "SecurityConfig",
        "SkipModelValidation",
        "SourceUri",
        "ModelCard",
        "ModelLifeCycle",
        "ModelApprovalStatus",
        "ApprovalDescription",
    ),
)
# As UpdatedModelPackageFields spells them (docs: automating-sagemaker-with-eventbridge; sourceUri in lower case there).
_LISTED = {
    "ModelApprovalStatus": "ModelApprovalStatus",
    "ModelLifeCycle": "ModelLifeCycle",
    "ApprovalDescription": "ApprovalDescription",
    "SourceUri": "sourceUri",
    "CustomerMetadataProperties": "CustomerMetadataProperties",
    "CustomerMetadataPropertiesToRemove": "CustomerMetadataProperties",
    "InferenceSpecification": "InferenceSpecification",
}

_IN_ECR = re.compile(r"\d{12}\.dkr\.ecr\.")
_IN_EVENTS = (
    *("InferenceSpecification", "ModelApprovalStatus", "MetadataProperties", "ModelMetrics", "ModelLifeCycle"),
    *("CustomerMetadataProperties", "ApprovalDescription"),
)


@dataclass
class Package:
    """One version of a group. Times are virtual epoch seconds."""

    group: str
    version: int
    arn: str
    created: float
    modified: float
    written: dict[str, Any] = field(default_factory=dict)

    @property
    def approval(self) -> str:
        return str(self.written["ModelApprovalStatus"])

    @property
    def containers(self) -> list[dict[str, Any]]:
        """Those of the inference specification."""
        return [dict(each) for each in self.written.get("InferenceSpecification", {}).get("Containers", [])]

    @property
    def artifacts(self) -> set[str]:
        """The URLs of their artifacts."""
        return {each["ModelDataUrl"] for each in self.containers if "ModelDataUrl" in each}


class Registry:
    """Model package groups and their versions. `registered(arn)` hears of each new version; `etag(url)` is that of an
    object now."""

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        names: Names,
        options: Options,
        registered: Callable[[str], None],
        keys: Keys,
        etag: Callable[[str], str],
    ) -> None:
        self._clock, self._emit, self._names, self._options = clock, emit, names, options
        self._registered, self._keys, self._etag = registered, keys, etag
        self._groups: dict[str, list[Package]] = {}
        self._tokens: dict[str, str] = {}  # of requests that brought a version

    def find(self, name: str) -> Package:
        """A version by its ARN, or by "group/version". Raises AwsError when it does not exist."""
        group, _, version = name.rpartition(":model-package/")[2].rpartition("/")
        exact = self._options.package_arns == "as written"
        versions = next((held for key, held in self._groups.items() if _same(key, group, exact)), [])
        found = next((package for package in versions if str(package.version) == version), None)
        if found is None:
            arn = name if name.startswith("arn:") else self.arn(name)
            raise refusals.invalid(f"ModelPackage {arn} does not exist.")
        return found

    def arn(self, name: str) -> str:
        """The ARN of a version, by "group/version"."""
        return self._names.arn("model-package", name, as_written=self._options.package_arns == "as written")

    def version_with(self, artifact: str) -> int:
        """The newest version of which a container has this artifact (its URL). KeyError without one."""
        versions = (each for held in self._groups.values() for each in reversed(held))
        found = next((each.version for each in versions if artifact in each.artifacts), None)
        if found is None:
            raise KeyError(artifact)
        return found

    def create_model_package_group(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        name = request["ModelPackageGroupName"]
        arn = self._names.arn("model-package-group", name)
        if name in self._groups:
            raise refusals.invalid(f"Model Package Group already exists: {arn}")
        self._groups[name] = []
        return {"ModelPackageGroupArn": arn}

    def create_model_package(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The next version of a group. Without validation it is Completed at once; approval is manual unless given.
        A ClientToken that was used answers the version that it brought (botocore: idempotencyToken)."""
        token = str(request.get("ClientToken", ""))
        if token in self._tokens:
            return {"ModelPackageArn": self._tokens[token]}
        group = request.get("ModelPackageGroupName", "").rpartition("/")[2]
        if not group:
            raise refusals.invalid("Only versioned model packages are simulated: ModelPackageGroupName is missing.")
        versions = self._group(group)
        version = versions[-1].version + 1 if versions else 1
        now = self._clock.now
        package = Package(group, version, self.arn(f"{group}/{version}"), now, now)
        self._write(package, request)
        package.written.setdefault("ModelApprovalStatus", "PendingManualApproval")
        versions.append(package)
        if token:
            self._tokens[token] = package.arn
        self._registered(package.arn)
        self._announce(package, [])
        return {"ModelPackageArn": package.arn}

    def update_model_package(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Only what is given changes; CustomerMetadataProperties are merged, and removed by name."""
        package = self.find(request["ModelPackageArn"])
        properties = package.written.get("CustomerMetadataProperties", {}) | request.get(
            "CustomerMetadataProperties", {}
        )
        for name in request.get("CustomerMetadataPropertiesToRemove", ()):
            properties.pop(name, None)
        self._write(package, request)
        if properties or "CustomerMetadataProperties" in package.written:
            package.written["CustomerMetadataProperties"] = properties
        package.modified = self._clock.now
        self._announce(package, sorted({_LISTED[key] for key in request if key in _LISTED}))
        return {"ModelPackageArn": package.arn}

    def delete_model_package(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """No event: the documentation names only changes of status (automating-sagemaker-with-eventbridge)."""
        package = self.find(request["ModelPackageName"])
        self._groups[package.group].remove(package)
        return {}

    def describe_model_package(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """With MetadataOnly the model card is told in part, and nothing is decrypted on the caller's behalf (botocore
        DescribeModelPackage, IncludedData)."""
        package = self.find(request["ModelPackageName"])
        written = dict(package.written)
        if request.get("IncludedData") == "MetadataOnly":
            if "ModelCard" in written:
                written["ModelCard"] = {**written["ModelCard"], "ModelCardContent": _unencrypted(written["ModelCard"])}
        elif key := written.get("SecurityConfig", {}).get("KmsKeyId"):
            self._keys.decrypt(caller, key)
        return written | {
            "ModelPackageName": package.group,
            "ModelPackageGroupName": package.group,
            "ModelPackageVersion": package.version,
            "ModelPackageArn": package.arn,
            "CreationTime": self._clock.datetime(package.created),
            "LastModifiedTime": self._clock.datetime(package.modified),
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": False,
        }

    def list_model_packages(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """By group and approval, newest first unless SortOrder says Ascending (botocore does not say the default)."""
        group = request.get("ModelPackageGroupName", "").rpartition("/")[2]
        groups = [self._group(group)] if group else list(self._groups.values())
        found = [
            package
            for versions in groups
            for package in versions
            if package.approval == request.get("ModelApprovalStatus", package.approval)
            and package.created >= _epoch(request.get("CreationTimeAfter"), package.created)
            and package.created <= _epoch(request.get("CreationTimeBefore"), package.created)
        ]
        found.sort(
            key=lambda package: (package.created, package.version), reverse=request.get("SortOrder") != "Ascending"
        )
        first, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", 100))
        page = {"ModelPackageSummaryList": [self._summary(package) for package in found[first : first + size]]}
        return page | ({"NextToken": str(first + size)} if len(found) > first + size else {})

    def _group(self, name: str) -> list[Package]:
        if name not in self._groups:
            arn = self._names.arn("model-package-group", name)
            raise refusals.invalid(f"ModelPackageGroup {arn} does not exist.")
        return self._groups[name]

    def _write(self, package: Package, request: dict[str, Any]) -> None:
        """What is given; and of each container what its image and artifact were at that moment."""
        package.written |= {key: request[key] for key in _AS_GIVEN if key in request}
        if "InferenceSpecification" in request:
            given = request["InferenceSpecification"]
            resolved = [self._resolved(each) for each in given.get("Containers", ())]
            package.written["InferenceSpecification"] = given | {"Containers": resolved}

    def _resolved(self, container: dict[str, Any]) -> dict[str, Any]:
        """The digest of an image in ECR (docs: automating-sagemaker-with-eventbridge, Model package state change, whose
        sample has an image by its tag, and its ImageDigest), and the artifact's ETag (option package_etag)."""
        found: dict[str, Any] = {}
        image = container.get("Image", "")
        if _IN_ECR.match(image) and "@" not in image:
            found["ImageDigest"] = digest_of(image)
        if self._options.package_etag == "recorded" and (etag := self._etag(container.get("ModelDataUrl", ""))):
            found["ModelDataETag"] = etag
        return found | container

    def _summary(self, package: Package) -> dict[str, Any]:
        return {
            "ModelPackageGroupName": package.group,
            "ModelPackageVersion": package.version,
            "ModelPackageArn": package.arn,
            "CreationTime": self._clock.datetime(package.created),
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": package.approval,
        }

    def _announce(self, package: Package, changed: list[str]) -> None:
        """The event never carries the previous approval status."""
        detail: dict[str, Any] = {
            "ModelPackageGroupName": package.group,
            "ModelPackageVersion": package.version,
            "ModelPackageArn": package.arn,
            "CreationTime": self._clock.iso(package.created),
            "LastModifiedTime": self._clock.iso(package.modified),
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
            "CertifyForMarketplace": False,
        }
        detail |= {key: package.written[key] for key in _IN_EVENTS if key in package.written}
        if self._options.package_events == "without containers":
            detail.pop("InferenceSpecification", None)
        if changed and self._options.changed_fields == "listed":
            detail["UpdatedModelPackageFields"] = changed
        self._emit("aws.sagemaker", "SageMaker Model Package State Change", detail, [package.arn])


def _same(group: str, asked: str, exact: bool) -> bool:
    return group == asked or (not exact and group.lower() == asked.lower())


def _epoch(moment: Any, otherwise: float) -> float:
    return float(moment.timestamp()) if moment is not None else otherwise


def _unencrypted(card: dict[str, Any]) -> str:
    """What of a card's content is told without its key (botocore DescribeModelPackageOutput.ModelCard)."""
    rating = json.loads(card["ModelCardContent"]).get("intended_uses", {}).get("risk_rating")
    return json.dumps({"intended_uses": {"risk_rating": rating}} if rating else {})


def digest_of(image: str) -> str:
    """The digest of the image that has this tag in ECR."""
    return f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"
