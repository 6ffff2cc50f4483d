"""What SageMaker says when it refuses. Nearly everything is a ValidationException, "not found" included (botocore
models no other).

Messages are AWS's words where a public report quotes them (named below), ours where none does.
"""

from __future__ import annotations

from rehearsal.aws import AwsError


def invalid(message: str) -> AwsError:
    return AwsError("sagemaker", "ValidationException", message)


def unknown(kind: str, arn: str) -> AwsError:
    """A model, endpoint or endpoint configuration (terraform-provider-aws #40048; botocore waiter EndpointDeleted)."""
    return invalid(f'Could not find {kind} "{arn}".')


def exists(kind: str, arn: str) -> AwsError:
    """Creating what exists (aws/amazon-sagemaker-examples #2491; awslabs/spot-tagging-bot-for-digital-assets #2)."""
    return invalid(f'Cannot create already existing {kind} "{arn}".')


def in_progress(arn: str) -> AwsError:
    """A change while another is under way (aws-controllers-k8s/sagemaker-controller, delete hooks)."""
    return invalid(f'Cannot update in-progress endpoint "{arn}".')


def failed(arn: str) -> AwsError:
    """A Failed endpoint can only be deleted (botocore DescribeEndpointOutput.EndpointStatus); message in our words."""
    return invalid(f'Cannot update endpoint "{arn}" in Failed status; DeleteEndpoint is the only operation.')


def registered_as_scalable(variants: list[str]) -> AwsError:
    """Autoscaled variants cannot be removed or change instance type (docs: endpoint-scaling); message in our words."""
    named = ", ".join(variants)
    return invalid(
        f"The variant(s) [{named}] must be deregistered as scalable targets with Application Auto Scaling before they "
        "can be removed or have their instance type updated."
    )
