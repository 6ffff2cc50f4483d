"""Network, isolation and keys of a release: at least those of stable, and those that the policy requires."""

from __future__ import annotations

from collections.abc import Callable

from interlock.delivery.observed import Observed
from interlock.delivery.release import captured
from interlock.model.protection import Protection, keyless
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.policy.document import Policy

Refusal = tuple[Reason, str]


def network(observed: Observed, protection: Protection) -> Request:
    """Network of the candidate's model: what the policy requires, else what stable's model has. They belong to the
    model, not to the endpoint config (docs: sagemaker/latest/dg/host-vpc; botocore CreateModel)."""
    return {**_network_of_stable(observed), **protection.network()}


def changes_network(observed: Observed, protection: Protection) -> bool:
    """Whether the candidate's network is another one than that of stable."""
    return _plain(_network_of_stable(observed)) != _plain(network(observed, protection))


def _network_of_stable(observed: Observed) -> Request:
    model = observed.found("model") or {}
    return {name: model[name] for name in ("VpcConfig", "EnableNetworkIsolation") if model.get(name)}


def _plain(request: Request) -> tuple[object, ...]:
    """``request`` without the order of its subnets and security groups, which means nothing."""
    vpc = request.get("VpcConfig", {})
    sorted_ids = (sorted(vpc.get(name, ())) for name in ("Subnets", "SecurityGroupIds"))
    return (*sorted_ids, bool(request.get("EnableNetworkIsolation")))


def less_protected(observed: Observed, policy: Policy, bucket: str) -> Refusal | None:
    """Why the release would be less protected than stable is, or than the policy requires; None if it would not."""
    if not observed.host or not observed.host.settled:
        return None
    checks = _OF_A_COMPONENT if policy.stage.hosting.inference_component else _CHECKS
    return next((found for check in checks if (found := check(observed, policy, bucket))), None)


def _network_is_known(observed: Observed, policy: Policy, bucket: str) -> Refusal | None:
    """A model may be deleted while it serves (botocore DeleteModel). What the policy says of the network then counts,
    even if it says that there is none."""
    cause, said_so = observed.cause("model"), "protection" in policy.model_fields_set
    if not cause or (observed.absent("model") and said_so):
        return None
    endpoint = policy.stage.endpoint
    if not observed.absent("model"):
        return Reason.AWS_REFUSED, f"The model that serves on {endpoint} could not be read: {cause}"
    said = (
        f"The model that serves on {endpoint} is gone ({cause}), so nobody knows its network any more. Write the"
        " section protection into the policy: subnets and security_groups, and network_isolation; or"
        " network_isolation: false if it had none."
    )
    return Reason.LESS_PROTECTED, said


def _volumes_stay_encrypted(observed: Observed, policy: Policy, bucket: str) -> Refusal | None:
    """If the policy requires a key, its instance type was checked with it."""
    endpoint, instance_type = observed.endpoint, policy.stage.hosting.keyless_type
    if endpoint is None or not endpoint.config_settings.get("KmsKeyId") or not instance_type:
        return None
    if keyless(endpoint.variants[0].settings.get("InstanceType", "")):
        return None
    said = (
        f"The volumes of {endpoint.name} are encrypted with {endpoint.config_settings['KmsKeyId']}, and instances of"
        f" type {instance_type} have local storage, which that key does not encrypt. Choose another instance type."
    )
    return Reason.LESS_PROTECTED, said


def _captures_stay_encrypted(observed: Observed, policy: Policy, bucket: str) -> Refusal | None:
    stable = (observed.endpoint.config_settings if observed.endpoint else {}).get("DataCaptureConfig") or {}
    if not stable.get("EnableCapture", bool(stable)):
        return None
    asked, required, now = captured(policy.stage, policy.protection, bucket), policy.protection.output_key, ""
    has = stable.get("KmsKeyId", "")
    if asked:
        now = asked.get("KmsKeyId", "")
        if now or not has:
            return None
        said = f"Captured traffic is encrypted with {has} today, and would not be any more."
        return Reason.LESS_PROTECTED, f"{said} Write hosting.data_capture.kms_key, or protection.output_key."
    if required and has != required:
        said = f"The endpoint's own capture is encrypted with {has or 'no key'}, and the policy requires {required}."
        said = f"{said} Write hosting.data_capture, so that Interlock captures instead."
        return Reason.LESS_PROTECTED, said
    return None


def _host_stays_encrypted(observed: Observed, policy: Policy, bucket: str) -> Refusal | None:
    """An inference component has the volumes of its endpoint, whose config no release of it replaces."""
    required, host = policy.protection.volume_key, observed.host
    if host is None or not required or host.config_settings.get("KmsKeyId") == required:
        return None
    has = host.config_settings.get("KmsKeyId")
    said = f"The volumes of {host.name} are encrypted with {has or 'no key'}, and the policy requires {required}."
    return Reason.LESS_PROTECTED, f"{said} Give the endpoint a config with that key, or name another endpoint."


_CHECKS: tuple[Callable[[Observed, Policy, str], Refusal | None], ...] = (
    _network_is_known,
    _volumes_stay_encrypted,
    _captures_stay_encrypted,
)
_OF_A_COMPONENT = (_host_stays_encrypted,)
