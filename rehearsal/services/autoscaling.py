"""Application Auto Scaling, as far as it stands in the way of an update: which variants are registered as scalable
targets.

It does not scale by itself: a scenario says when capacity changes (`Endpoints.autoscale`).
"""

from __future__ import annotations

from typing import Any

from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock

DIMENSION = "sagemaker:variant:DesiredInstanceCount"

_ROLE = (
    "arn:aws:iam::{account}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)


def resource_id(endpoint: str, variant: str) -> str:
    """As botocore's application-autoscaling spells a SageMaker variant."""
    return f"endpoint/{endpoint}/variant/{variant}"


class Autoscaling:
    """The service simulator "application-autoscaling"."""

    def __init__(self, clock: Clock, region: str, account: str) -> None:
        self._clock, self._region, self._account = clock, region, account
        self._targets: dict[tuple[str, str], dict[str, Any]] = {}

    def holds(self, endpoint: str, variant: str) -> bool:
        """Whether a variant's instances are registered."""
        return (resource_id(endpoint, variant), DIMENSION) in self._targets

    def forget(self, endpoint: str, variant: str) -> None:
        """Its endpoint is deleted (docs: endpoint-scaling, deleting an autoscaled endpoint deregisters its targets)."""
        self._targets.pop((resource_id(endpoint, variant), DIMENSION), None)

    def register_scalable_target(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Registers or updates; both bounds are required at first (botocore). The endpoint need not exist."""
        key = (request["ResourceId"], request["ScalableDimension"])
        known = self._targets.get(key, {})
        if not known and not {"MinCapacity", "MaxCapacity"} <= request.keys():
            raise _invalid("MinCapacity and MaxCapacity are required to register a new scalable target.")
        arn = (
            f"arn:aws:application-autoscaling:{self._region}:{self._account}:scalable-target/{len(self._targets):032x}"
        )
        self._targets[key] = {
            "RoleARN": _ROLE.format(account=self._account),
            "CreationTime": self._clock.datetime(),
            "ScalableTargetARN": arn,
            "SuspendedState": {
                "DynamicScalingInSuspended": False,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
            **known,
            **{name: value for name, value in request.items() if name != "Tags"},
        }
        return {"ScalableTargetARN": self._targets[key]["ScalableTargetARN"]}

    def describe_scalable_targets(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """By namespace, resource ids and dimension; an unknown id is just not in the answer."""
        return {
            "ScalableTargets": [
                dict(target)
                for (resource, dimension), target in self._targets.items()
                if target["ServiceNamespace"] == request["ServiceNamespace"]
                and resource in request.get("ResourceIds", [resource])
                and dimension == request.get("ScalableDimension", dimension)
            ]
        }

    def deregister_scalable_target(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        key = (request["ResourceId"], request["ScalableDimension"])
        if key not in self._targets:
            raise AwsError(
                "application-autoscaling",
                "ObjectNotFoundException",
                f"No scalable target found for service namespace: {request['ServiceNamespace']}, "
                f"resource ID: {key[0]}, scalable dimension: {key[1]}",
            )
        del self._targets[key]
        return {}


def _invalid(message: str) -> AwsError:
    return AwsError("application-autoscaling", "ValidationException", message)
