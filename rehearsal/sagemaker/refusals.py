"""What SageMaker says when it refuses. Nearly everything is a ValidationException, "not found" included (botocore
models no other).

Messages are AWS's words where a public report quotes them (named below), ours where none does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rehearsal.aws import AwsError
from rehearsal.sagemaker.options import Options


def invalid(message: str) -> AwsError:
    return AwsError("sagemaker", "ValidationException", message)


def check_alarms(names: Iterable[str], state_of: Callable[[str], str | None], options: Options) -> None:
    """Refuse a deployment whose alarms do not exist, or are raised as it begins, where the options say so."""
    states = {name: state_of(name) for name in names}
    missing = [name for name, state in states.items() if state is None]
    if missing and options.unknown_alarm == "refused":
        raise invalid(f"Could not find alarm(s) {', '.join(missing)}.")
    tripped = [name for name, state in states.items() if state == "ALARM"]
    if tripped and options.alarm_at_start == "refused":
        raise invalid(f"Alarm(s) {', '.join(tripped)} are in ALARM.")


def unknown(kind: str, arn: str) -> AwsError:
    """A model, endpoint or endpoint configuration (terraform-provider-aws #40048; botocore waiter EndpointDeleted)."""
    return invalid(f'Could not find {kind} "{arn}".')


def exists(kind: str, arn: str) -> AwsError:
    """Creating what exists (aws/amazon-sagemaker-examples #2491; awslabs/spot-tagging-bot-for-digital-assets #2)."""
    return invalid(f'Cannot create already existing {kind} "{arn}".')


def in_use(kind: str, arn: str) -> AwsError:
    """A job whose name was used before, which it is for ever; message in our words."""
    words = (
        f"Job name must be unique within an AWS account and region, and a {kind} with this name already exists ({arn})"
    )
    return AwsError("sagemaker", "ResourceInUse", words)


def not_found(kind: str, arn: str) -> AwsError:
    """A job (botocore DescribeProcessingJob: ResourceNotFound); message in our words."""
    return AwsError("sagemaker", "ResourceNotFound", f'Could not find {kind} "{arn}".')


def beyond_limit(kind: str, instance_type: str, limit: int, used: int, wanted: int) -> AwsError:
    """More instances than the account may have (sagemaker-python-sdk #2017 and many more quote it)."""
    return AwsError(
        "sagemaker",
        "ResourceLimitExceeded",
        f"The account-level service limit '{instance_type} for {kind} usage' is {limit} Instances, with current "
        f"utilization of {used} Instances and a request delta of {wanted} Instances. Please use AWS Service Quotas to "
        "request an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an "
        "increase for this quota.",
    )


def cannot_assume(role: str) -> AwsError:
    """A role that does not trust SageMaker (terraform-provider-aws quotes it as "Could not assume role")."""
    return invalid(
        f"Could not assume role {role}. Please ensure that the role exists and allows principal "
        "'sagemaker.amazonaws.com' to assume the role."
    )


def in_progress(arn: str) -> AwsError:
    """A change while another is under way (aws-controllers-k8s/sagemaker-controller, delete hooks)."""
    return invalid(f'Cannot update in-progress endpoint "{arn}".')


def component_busy(verb: str, arn: str, state: str) -> AwsError:
    """An inference component that something is under way with (public code quotes both verbs)."""
    return invalid(f'Cannot {verb} inference component "{arn}" while it is in state {state}.')


def still_hosts(arn: str) -> AwsError:
    """An endpoint that has inference components is deleted (aws/amazon-sagemaker-feedback #49); message in our
    words."""
    return invalid(f'Cannot delete endpoint "{arn}" while it hosts inference components.')


def failed(arn: str) -> AwsError:
    """A Failed endpoint can only be deleted (botocore DescribeEndpointOutput.EndpointStatus); message in our words."""
    return invalid(f'Cannot update endpoint "{arn}" in Failed status; DeleteEndpoint is the only operation.')


def converted(arn: str) -> AwsError:
    """Instances become serverless: a "ValidationError message" (docs: serverless-endpoints); message in our words."""
    return invalid(f'Cannot update endpoint "{arn}" from instance-based to serverless.')


def answers_otherwise(arn: str) -> AwsError:
    """An endpoint becomes asynchronous, or stops being so. Whether SageMaker takes this is not documented; refusing it
    is the harder answer. Message in our words."""
    return invalid(f'Cannot add AsyncInferenceConfig to endpoint "{arn}", or remove it.')


def registered_as_scalable(variants: list[str]) -> AwsError:
    """Autoscaled variants cannot be removed or change instance type (docs: endpoint-scaling); message in our words."""
    named = ", ".join(variants)
    return invalid(
        f"The variant(s) [{named}] must be deregistered as scalable targets with Application Auto Scaling before they "
        "can be removed or have their instance type updated."
    )
