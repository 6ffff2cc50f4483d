"""A policy that requires what its own parts cannot have is refused when it is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.model.protection import keyless
from interlock.policy.document import Policy, read_policy
from interlock.policy.errors import PolicyError

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
NETWORK = {"subnets": ["subnet-0aaaaaaa"], "security_groups": ["sg-0ccccccc"]}
HOSTING = {"instance_type": "ml.m5.large", "data_capture": {"sampling": 20}}
TEMPLATE: dict[str, Any] = {
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://models/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
    "RoleArn": "arn:aws:iam::111122223333:role/training",
    "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
}


def _read(protection: dict[str, Any], hosting: dict[str, Any] | None = None, **sections: Any) -> Policy:
    stage = {"endpoint": "churn", "hosting": hosting or HOSTING, "strategy": {"kind": "all_at_once"}}
    written = {"model_package_group": "churn", "stages": [stage], "protection": protection, **sections}
    return read_policy(json.dumps(written), "churn")


def _refused(protection: dict[str, Any], **sections: Any) -> str:
    with pytest.raises(PolicyError) as refusal:
        _read(protection, **sections)
    return str(refusal.value)


def test_a_vpc_has_subnets_and_security_groups() -> None:
    assert "write both, or neither" in _refused({"subnets": ["subnet-0aaaaaaa"]})
    assert "write both, or neither" in _refused({"security_groups": ["sg-0ccccccc"]})


def test_ids_that_are_none_are_refused_in_words() -> None:
    assert "write the id of a subnet" in _refused({"subnets": ["10.0.0.0/24"], "security_groups": ["sg-0ccccccc"]})
    assert "write the id of a security group" in _refused({"subnets": ["subnet-0aaaaaaa"], "security_groups": ["web"]})


def test_a_volume_key_needs_volumes_that_it_encrypts() -> None:
    assert "local storage" in _refused({"volume_key": KEY}, hosting={"instance_type": "ml.g4dn.xlarge"})
    monitoring = {"instance_type": "ml.m5d.large", "monitors": [{"name": "a", "kind": "data_quality", "every": "1h"}]}
    assert "ml.m5d.large" in _refused({"volume_key": KEY}, monitoring=monitoring)


@pytest.mark.parametrize(
    "local", ["ml.m5d.large", "ml.g4dn.xlarge", "ml.g5.xlarge", "ml.p4de.24xlarge", "ml.trn1.2xlarge"]
)
def test_instances_with_local_storage_are_known(local: str) -> None:
    assert keyless(local)


@pytest.mark.parametrize("other", ["ml.m5.large", "ml.c7g.xlarge", "ml.p3.2xlarge", "ml.t2.medium", "ml.inf1.xlarge"])
def test_other_instances_have_volumes_with_a_key(other: str) -> None:
    assert not keyless(other)


def test_a_monitor_that_calls_the_model_cannot_be_isolated() -> None:
    asks = {"name": "why", "kind": "attribution", "every": "1d", "method": "shapley", "columns": ["a"]}
    monitoring = {"monitors": [{key: asks[key] for key in ("name", "kind", "every")}]}
    assert "why needs the network" in _refused({"network_isolation": True}, monitoring=monitoring)


def test_a_training_job_says_itself_what_is_required() -> None:
    required = NETWORK | {"network_isolation": True, "volume_key": KEY, "output_key": KEY}
    lacks = _refused(required | {"encrypt_between_containers": True}, retraining={"training_job": TEMPLATE})
    for place in (
        "VpcConfig.Subnets: ['subnet-0aaaaaaa']",
        "VpcConfig.SecurityGroupIds: ['sg-0ccccccc']",
        "EnableNetworkIsolation: True",
        "EnableInterContainerTrafficEncryption: True",
        f"ResourceConfig.VolumeKmsKeyId: {KEY}",
        f"OutputDataConfig.KmsKeyId: {KEY}",
    ):
        assert place in lacks


def test_a_training_job_that_has_all_of_it_is_taken() -> None:
    template = TEMPLATE | {
        "VpcConfig": {"Subnets": ["subnet-0bbbbbbb", "subnet-0aaaaaaa"], "SecurityGroupIds": ["sg-0ccccccc"]},
        "OutputDataConfig": TEMPLATE["OutputDataConfig"] | {"KmsKeyId": KEY},
    }
    required = NETWORK | {"subnets": ["subnet-0aaaaaaa", "subnet-0bbbbbbb"], "output_key": KEY}
    assert _read(required, retraining={"training_job": template}).protection.output_key == KEY
