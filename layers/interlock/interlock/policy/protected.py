"""Whether what a policy starts can be protected as the policy requires."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlock.hosting.registry import AnyHosting
from interlock.model.protection import Protection, keyless
from interlock.monitoring.section import Monitoring


def unencrypted(protection: Protection, instance_type: str) -> str | None:
    """Why volumes of ``instance_type`` cannot be encrypted with the key that is required; None if they can."""
    if not protection.volume_key or not keyless(instance_type):
        return None
    said = f"instances of type {instance_type} have local storage, which volume_key does not encrypt"
    return f"{said}; choose another type, or leave out volume_key"


def unprotected_model(protection: Protection, hosting: AnyHosting) -> str | None:
    """Why a model on this hosting cannot have what is required; None if it can."""
    if protection.network() and not hosting.in_networks:
        said = f"kind: {hosting.kind} {hosting.network_remark}"
        return f"{said}; leave out subnets, security_groups and network_isolation, or write kind: realtime"
    return unencrypted(protection, hosting.keyless_type)


def unprotected_monitors(protection: Protection, monitoring: Monitoring) -> str | None:
    """Why the jobs of the monitors cannot have what is required; None if they can. The container of Clarify takes no
    isolation (docs: sagemaker/latest/dg/clarify-processing-job-configure-parameters)."""
    open_ones = [each.name for each in monitoring.monitors if each.calls_models or each.container]
    if protection.network_isolation and open_ones:
        said = f"{open_ones[0]} needs the network, and protection.network_isolation forbids it"
        return f"{said}; leave the monitor out, or put its job into a VPC instead of isolating it"
    return unencrypted(protection, monitoring.instance_type) if monitoring.monitors else None


def unprotected_training(protection: Protection, template: Mapping[str, Any]) -> str | None:
    """What a template of CreateTrainingJob lacks of what is required; None if it has all."""
    lacking = [
        f"{place}: {value}"
        for place, value in _of_training(protection).items()
        if _comparable(_at(template, place)) != _comparable(value)
    ]
    return f"protection requires that training_job says {', '.join(lacking)}; write it there" if lacking else None


def _of_training(protection: Protection) -> dict[str, Any]:
    """The required values by their place in CreateTrainingJob (botocore)."""
    required = {
        "VpcConfig.Subnets": list(protection.subnets),
        "VpcConfig.SecurityGroupIds": list(protection.security_groups),
        "EnableNetworkIsolation": protection.network_isolation,
        "EnableInterContainerTrafficEncryption": protection.encrypt_between_containers,
        "ResourceConfig.VolumeKmsKeyId": protection.volume_key,
        "OutputDataConfig.KmsKeyId": protection.output_key,
    }
    return {place: value for place, value in required.items() if value}


def _at(template: Mapping[str, Any], place: str) -> Any:
    section, _, field = place.rpartition(".")
    within = template.get(section) if section else template
    return within.get(field) if isinstance(within, Mapping) else None


def _comparable(value: Any) -> Any:
    """The order of subnets and security groups means nothing."""
    return sorted(map(str, value)) if isinstance(value, list | tuple) else value
