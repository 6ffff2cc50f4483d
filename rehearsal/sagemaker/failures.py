"""What SageMaker writes into FailureReason when it accepted a change and could not carry it out.

The words are quoted in public reports, named beside each.
"""

from __future__ import annotations

from collections.abc import Mapping

ROLE = "arn:aws:iam::123456789012:role/models"
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/models"

REASONS: Mapping[str, str] = {
    # aws/deep-learning-containers #6673; docs: repost.aws knowledge-center sagemaker-endpoint-creation-fail
    "capacity": "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
    "Please retry using a different ML instance type or after some time.",
    # aws/amazon-sagemaker-examples #307 quotes it as the answer of CreateEndpoint
    "quota": "The account-level service limit 'ml.m5.large for endpoint usage' is 2 Instances, with current "
    "utilization of 2 Instances and a request delta of 2 Instances. Please contact AWS support to request an increase "
    "for this limit.",
    # aws/sagemaker-python-sdk #2002
    "image": f"The role '{ROLE}' does not have BatchGetImage permission for the image: '{IMAGE}'.",
    # philschmid/cdk-samples #6
    "service": "Request to service failed. If failure persists after retry, contact customer support.",
}
"""By the word that a scenario uses for it."""
