"""What must protect the models and jobs of a group: network, isolation and keys."""

import re
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from interlock.model.fields import KMS_KEY, SECURITY_GROUP, SUBNET, Part
from interlock.model.request import Request

Key = Annotated[str, Field(pattern=KMS_KEY, max_length=2048)]


class Protection(Part):
    """What the policy requires. In what it leaves open, a release is as its stable is."""

    subnets: Annotated[tuple[Annotated[str, Field(pattern=SUBNET)], ...], Field(max_length=16)] = Field(
        (), description="Subnets of your VPC, for example subnet-0123456789abcdef0; together with security_groups."
    )
    security_groups: Annotated[tuple[Annotated[str, Field(pattern=SECURITY_GROUP)], ...], Field(max_length=5)] = Field(
        (), description="Security groups of your VPC, for example sg-0123456789abcdef0; together with subnets."
    )
    network_isolation: bool = Field(False, description="Whether containers must not reach any network.")
    volume_key: Key | None = Field(None, description="Key that encrypts the volumes of endpoints and jobs.")
    output_key: Key | None = Field(None, description="Key that encrypts captured traffic and what jobs write.")
    encrypt_between_containers: bool = Field(
        False, description="Whether the instances of a job must encrypt what they send each other."
    )

    @model_validator(mode="after")
    def _a_network_has_both(self) -> Self:
        if bool(self.subnets) != bool(self.security_groups):
            raise ValueError("a VPC is named by subnets and security_groups together; write both, or neither")
        return self

    @property
    def vpc(self) -> Request:
        """The VPC (botocore VpcConfig); empty if the policy requires none."""
        return {"Subnets": list(self.subnets), "SecurityGroupIds": list(self.security_groups)} if self.subnets else {}

    def network(self) -> Request:
        """The network of a model, as far as the policy requires one (botocore CreateModel)."""
        return _set(VpcConfig=self.vpc, EnableNetworkIsolation=self.network_isolation)

    def of_job(self, isolated: bool) -> Request:
        """The network of a job, which by itself is ``isolated`` or not (botocore NetworkConfig)."""
        encrypted = _set(EnableInterContainerTrafficEncryption=self.encrypt_between_containers)
        return {"EnableNetworkIsolation": isolated, **self.network(), **encrypted}

    @property
    def volume(self) -> Request:
        """The key of a job's volumes (botocore ProcessingClusterConfig)."""
        return _set(VolumeKmsKeyId=self.volume_key)

    @property
    def output(self) -> Request:
        """The key of what a job writes (botocore ProcessingOutputConfig)."""
        return _set(KmsKeyId=self.output_key)


def _set(**fields: Any) -> Request:
    """``fields`` without those that say nothing."""
    return {name: value for name, value in fields.items() if value}


def keyless(instance_type: str) -> bool:
    """Whether instances of this type have local storage, which no key of the customer encrypts (botocore
    CreateEndpointConfig.KmsKeyId, ProcessingClusterConfig.VolumeKmsKeyId; docs: AWSEC2/latest/UserGuide/
    instance-store-volumes)."""
    return _LOCAL_STORAGE.match(instance_type) is not None


_LOCAL_STORAGE = re.compile(r"ml\.(?:[a-z]+[0-9][a-z]*d[a-z]*|g5|g6e?|gr6|p5e?n?|trn[12]n?|i[34][a-z]*)\.")
