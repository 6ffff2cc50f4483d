"""What the jobs of SageMaker use of the account: S3 above all, as the role of the job, whose policies are checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from rehearsal.account.gateway import Gateway
from rehearsal.account.iam import Iam
from rehearsal.aws import Caller
from rehearsal.services.s3 import S3


class Storage(Protocol):
    """Reads, lists and writes as a role. Raises AwsError for what the role may not do, and for what is not there."""

    def keys(self, role: str, bucket: str, prefix: str) -> list[str]: ...

    def read(self, role: str, bucket: str, key: str) -> bytes: ...

    def write(self, role: str, bucket: str, key: str, body: bytes, kms_key: str = "") -> None: ...

    def begin(self, role: str, image: str, job: str) -> None: ...

    def enter(self, role: str, vpc: Mapping[str, Any]) -> None: ...


class RoleStorage:
    """The account's S3. A role that the rehearsal does not know is the team's own, made elsewhere: it may everything.

    What is done here is not in the journal of calls, which a refusal is.
    """

    def __init__(self, gateway: Gateway, iam: Iam, s3: S3) -> None:
        self._gateway, self._iam, self._s3 = gateway, iam, s3

    def keys(self, role: str, bucket: str, prefix: str) -> list[str]:
        """The keys under a prefix, in order."""
        self._check(role, "ListObjectsV2", {"Bucket": bucket, "Prefix": prefix})
        return self._s3.keys(bucket, prefix)

    def read(self, role: str, bucket: str, key: str) -> bytes:
        """An object."""
        request = {"Bucket": bucket, "Key": key}
        self._check(role, "GetObject", request)
        return bytes(self._s3.get_object(request, Caller(role))["Body"])

    def write(self, role: str, bucket: str, key: str, body: bytes, kms_key: str = "") -> None:
        """Put an object, encrypted with a key if one is named, else as the bucket says."""
        if kms_key:
            self._iam.encrypt(f"arn:aws:s3:::{bucket}/{key}", self._iam.key_aliases.get(kms_key, kms_key))
        self._check(role, "PutObject", {"Bucket": bucket, "Key": key})
        self._s3.write(bucket, key, body)

    def begin(self, role: str, image: str, job: str) -> None:
        """What a processing job does before its program runs, and what writes its log: the role must allow each (docs:
        sagemaker/latest/dg/sagemaker-roles, "CreateProcessingJob API: Execution Role Permissions")."""
        registry, _, path = image.partition(".dkr.ecr.")
        pulled = {"registryId": registry, "repositoryName": path.partition("/")[2].rpartition(":")[0]}
        group = "/aws/sagemaker/ProcessingJobs"
        for operation in ("GetAuthorizationToken", "BatchCheckLayerAvailability", "BatchGetImage"):
            self._check(role, operation, pulled, "ecr")
        self._check(role, "GetDownloadUrlForLayer", pulled, "ecr")
        self._check(role, "CreateLogGroup", {"logGroupName": group}, "logs")
        for operation in ("CreateLogStream", "PutLogEvents"):
            self._check(role, operation, {"logGroupName": group, "logStreamName": f"{job}/algo-1"}, "logs")

    def enter(self, role: str, vpc: Mapping[str, Any]) -> None:
        """What a job needs to get into a VPC and out of it again (the same page, "specify a private VPC")."""
        for operation in _SEEN:
            self._check(role, operation, {}, "ec2")
        for subnet in vpc["Subnets"]:
            self._check(role, "CreateNetworkInterface", {"SubnetId": subnet, "Groups": vpc["SecurityGroupIds"]}, "ec2")
        for operation in ("CreateNetworkInterfacePermission", *_REMOVED):
            self._check(role, operation, {}, "ec2")

    def _check(self, role: str, operation: str, request: dict[str, Any], service: str = "s3") -> None:
        if role in self._iam.roles:
            self._gateway.authorise(Caller(role), service, operation, dict(request))


_SEEN = (
    "DescribeDhcpOptions",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeVpcs",
)
_REMOVED = ("DeleteNetworkInterfacePermission", "DeleteNetworkInterface")
