"""Application Auto Scaling: which variants are registered as scalable targets, with which scaling policies and
scheduled actions.

It evaluates no policy: a scenario says when capacity changes (`Endpoints.autoscale`). Messages are AWS's words where a
public report quotes them (named below), ours where none does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock

DIMENSION = "sagemaker:variant:DesiredInstanceCount"

_ROLE = (
    "arn:aws:iam::{account}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_NOTHING_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}

Key = tuple[str, str]  # resource id, scalable dimension
Described = dict[str, Any]


def resource_id(endpoint: str, variant: str) -> str:
    """As botocore's application-autoscaling spells a SageMaker variant."""
    return f"endpoint/{endpoint}/variant/{variant}"


class Autoscaling:
    """The service simulator "application-autoscaling".

    `instances(endpoint, variant)` tells how many instances a variant has, None where there is no such variant;
    `scale(endpoint, variant, instances)` changes that. Until SageMaker's simulator sets them, every variant exists.
    """

    def __init__(self, clock: Clock, region: str, account: str) -> None:
        self._clock, self._region, self._account = clock, region, account
        self._targets: dict[Key, Described] = {}
        self._policies: dict[Key, dict[str, Described]] = {}
        self._actions: dict[Key, dict[str, Described]] = {}
        self._made = 0
        self.instances: Callable[[str, str], int | None] = lambda endpoint, variant: 1
        self.scale: Callable[[str, str, int], None] = lambda endpoint, variant, instances: None
        self.alarms_of: Callable[[str], list[str]] = lambda policy: []  # names of the alarms whose action it is
        self.started: list[tuple[str, str]] = []  # each time an alarm started a policy: the resource, the policy's name

    # For the simulators of other services, and for reports

    def holds(self, endpoint: str, variant: str) -> bool:
        """Whether a variant's instances are registered."""
        return (resource_id(endpoint, variant), DIMENSION) in self._targets

    def keeps(self, endpoint: str, variant: str) -> bool:
        """Whether no policy may remove an instance of a variant (docs: application-auto-scaling, suspend and
        resume)."""
        target = self._targets.get((resource_id(endpoint, variant), DIMENSION), {})
        return bool(target.get("SuspendedState", {}).get("DynamicScalingInSuspended"))

    def forget(self, endpoint: str, variant: str) -> None:
        """Its endpoint is deleted (docs: endpoint-scaling, deleting an autoscaled endpoint deregisters its targets)."""
        self._remove((resource_id(endpoint, variant), DIMENSION))

    def registrations(self) -> dict[str, Described]:
        """By resource id: the target, its policies and scheduled actions by their names, and the names of the alarms
        that start one of these policies."""
        return {
            key[0]: {
                "target": target,
                "policies": self._policies[key],
                "schedules": self._actions[key],
                "alarms": [name for each in self._policies[key].values() for name in self.alarms_of(each["PolicyARN"])],
            }
            for key, target in self._targets.items()
        }

    def start(self, policy: str) -> None:
        """An alarm starts a policy by its ARN; nothing happens if there is none any more. What it would do to the
        capacity is left out, as for target tracking."""
        for key, policies in self._policies.items():
            self.started += [(key[0], name) for name, each in policies.items() if each["PolicyARN"] == policy]

    # The API

    def register_scalable_target(self, request: Described, caller: Caller) -> Described:
        """Registers or updates; both bounds are required at first. The capacity is brought within the bounds, also by
        an update that names none (botocore RegisterScalableTarget)."""
        key = (request["ResourceId"], request["ScalableDimension"])
        endpoint, variant = _parts(key[0])
        running = self.instances(endpoint, variant)
        if running is None:
            raise _invalid(f"SageMaker variant doesn't exist: {key[0]}")  # in our words, after those for ECS services
        known = self._targets.get(key, {})
        if not known and not {"MinCapacity", "MaxCapacity"} <= request.keys():
            raise _invalid("MinCapacity and MaxCapacity are required to register a new scalable target.")
        target = {
            "RoleARN": _ROLE.format(account=self._account),
            "CreationTime": self._clock.datetime(),
            "ScalableTargetARN": self._arn("scalable-target"),
            **known,
            **{name: value for name, value in request.items() if name != "Tags"},
            "SuspendedState": {
                **_NOTHING_SUSPENDED,
                **known.get("SuspendedState", {}),
                **request.get("SuspendedState", {}),
            },
        }
        if target["MinCapacity"] > target["MaxCapacity"]:
            raise _invalid("Maximum capacity cannot be less than minimum capacity")
        self._targets[key] = target
        self._policies.setdefault(key, {})
        self._actions.setdefault(key, {})
        within = min(max(running, target["MinCapacity"]), target["MaxCapacity"])
        if within != running:
            self.scale(endpoint, variant, within)
        return {"ScalableTargetARN": target["ScalableTargetARN"]}

    def deregister_scalable_target(self, request: Described, caller: Caller) -> Described:
        """Its policies and scheduled actions go with it (botocore DeregisterScalableTarget)."""
        self._remove(self._registered(request, "No scalable target found for"))
        return {}

    def describe_scalable_targets(self, request: Described, caller: Caller) -> Described:
        """By namespace, resource ids and dimension; an unknown id is just not in the answer. Up to 50 come at a time
        (botocore DescribeScalableTargets MaxResults)."""
        if "ScalableDimension" in request and "ResourceIds" not in request:  # as botocore has it; the words are ours
            raise _invalid("A resource ID must be specified with a scalable dimension.")
        found = [
            dict(target)
            for (resource, dimension), target in self._targets.items()
            if target["ServiceNamespace"] == request["ServiceNamespace"]
            and resource in request.get("ResourceIds", [resource])
            and dimension == request.get("ScalableDimension", dimension)
        ]
        first, size = int(request.get("NextToken", 0)), int(request.get("MaxResults", 50))
        page = {"ScalableTargets": found[first : first + size]}
        return page | ({"NextToken": str(first + size)} if len(found) > first + size else {})

    def put_scaling_policy(self, request: Described, caller: Caller) -> Described:
        """Creates or updates. Of a metric there may be one target tracking policy. It makes two alarms, which exist
        here by their names only."""
        key = self._registered(request, "No scalable target registered for")
        name, policies = request["PolicyName"], self._policies[key]
        if name not in policies and "PolicyType" not in request:
            raise _invalid("PolicyType is required to create a scaling policy.")
        metric = _metric(request)
        if metric and any(_metric(each) == metric for other, each in policies.items() if other != name):
            raise _invalid("Only one TargetTrackingScaling policy for a given metric specification is allowed.")
        _checked_steps(request.get("StepScalingPolicyConfiguration"))
        alarms = [f"TargetTracking-{key[0]}-Alarm{side}-{self._made:08x}" for side in ("High", "Low")] if metric else []
        policies[name] = {
            "PolicyARN": self._policy_arn(key[0], name),
            "CreationTime": self._clock.datetime(),
            "Alarms": [{"AlarmName": each, "AlarmARN": self._alarm_arn(each)} for each in alarms],
            **policies.get(name, {}),
            **request,
        }
        return {"PolicyARN": policies[name]["PolicyARN"], "Alarms": policies[name]["Alarms"]}

    def describe_scaling_policies(self, request: Described, caller: Caller) -> Described:
        """By namespace, one resource id and dimension. The alarms of a step policy are those that name it."""
        found = _of(self._policies, request)
        return {"ScalingPolicies": [each | self._started_by(each) for each in found]}

    def _started_by(self, policy: Described) -> Described:
        if policy["PolicyType"] != "StepScaling":
            return {}
        names = self.alarms_of(policy["PolicyARN"])
        return {"Alarms": [{"AlarmName": name, "AlarmARN": self._alarm_arn(name)} for name in names]}

    def delete_scaling_policy(self, request: Described, caller: Caller) -> Described:
        """With a target tracking policy go its alarms. A step policy leaves them (botocore DeleteScalingPolicy)."""
        key = (request["ResourceId"], request["ScalableDimension"])
        if request["PolicyName"] not in self._policies.get(key, {}):
            raise _missing("No scaling policy found for", request, f", policy name: {request['PolicyName']}")
        del self._policies[key][request["PolicyName"]]
        return {}

    def put_scheduled_action(self, request: Described, caller: Caller) -> Described:
        """Creates or updates."""
        key = self._registered(request, "No scalable target registered for")
        name, actions = request["ScheduledActionName"], self._actions[key]
        if name not in actions and "Schedule" not in request:
            raise _invalid("Schedule is required to create a scheduled action.")
        actions[name] = {
            "ScheduledActionARN": self._arn("scheduled-action"),
            "CreationTime": self._clock.datetime(),
            **actions.get(name, {}),
            **request,
        }
        return {}

    def describe_scheduled_actions(self, request: Described, caller: Caller) -> Described:
        """By namespace, one resource id and dimension."""
        return {"ScheduledActions": _of(self._actions, request)}

    # Parts

    def _registered(self, request: Described, refusal: str) -> Key:
        key = (request["ResourceId"], request["ScalableDimension"])
        if key not in self._targets:
            raise _missing(refusal, request)
        return key

    def _remove(self, key: Key) -> None:
        for kept in (self._targets, self._policies, self._actions):
            kept.pop(key, None)

    def _arn(self, kind: str) -> str:
        self._made += 1
        return f"arn:aws:application-autoscaling:{self._region}:{self._account}:{kind}/{self._made:032x}"

    def _policy_arn(self, resource: str, name: str) -> str:
        """As botocore's example of PutScalingPolicy has it."""
        self._made += 1
        about = f"resource/sagemaker/{resource}:policyName/{name}"
        return f"arn:aws:autoscaling:{self._region}:{self._account}:scalingPolicy:{self._made:032x}:{about}"

    def _alarm_arn(self, name: str) -> str:
        return f"arn:aws:cloudwatch:{self._region}:{self._account}:alarm:{name}"


def _of(kept: dict[Key, dict[str, Described]], request: Described) -> list[Described]:
    return [
        dict(each)
        for (resource, dimension), named in kept.items()
        for each in named.values()
        if each["ServiceNamespace"] == request["ServiceNamespace"]
        and resource == request.get("ResourceId", resource)
        and dimension == request.get("ScalableDimension", dimension)
    ]


MOST_STEPS = 20


def _checked_steps(configuration: Described | None) -> None:
    """The rules of botocore StepAdjustment. AWS's words, where a report quotes them: hashicorp/terraform-provider-aws
    #9077 and #4812, aws/aws-cdk #27020; ours for the others."""
    if configuration is None:
        return
    steps = configuration.get("StepAdjustments", [])
    if "AdjustmentType" not in configuration or not steps:
        raise _invalid("AdjustmentType and StepAdjustments are required for a step scaling policy.")
    if len(steps) > MOST_STEPS:
        raise _invalid(f"There can be at most {MOST_STEPS} step adjustments per scaling policy")
    bounds = [(step.get("MetricIntervalLowerBound"), step.get("MetricIntervalUpperBound")) for step in steps]
    if (None, None) in bounds:
        raise _invalid("Both lower and upper bounds of a step adjustment cannot be left unspecified")
    for side, name in enumerate(("lower", "upper")):
        sign = "negative" if name == "lower" else "positive"
        beyond = [each[side] for each in bounds if each[side] is not None and each[side] * (2 * side - 1) > 0]
        if beyond and None not in [each[side] for each in bounds]:
            raise _invalid(
                f"There must be a StepAdjustment with an unspecified {name} bound (i.e., {name} bound is null)"
                f" when one StepAdjustment has a {sign} {name} bound"
            )
    ordered = sorted((-math.inf if low is None else low, math.inf if high is None else high) for low, high in bounds)
    if any(low >= high for low, high in ordered):
        raise _invalid("The upper bound must be greater than the lower bound of a step adjustment")
    if any(one[1] != other[0] for one, other in pairwise(ordered)):
        raise _invalid("StepAdjustment intervals can't have gaps or overlap")
    if configuration["AdjustmentType"] == "ExactCapacity" and any(step["ScalingAdjustment"] < 0 for step in steps):
        raise _invalid("For exact capacity, you must specify a non-negative value.")


def _metric(policy: Described) -> object:
    """What a target tracking policy tracks; None for a policy of another type."""
    tracked = policy.get("TargetTrackingScalingPolicyConfiguration", {})
    return tracked.get("PredefinedMetricSpecification") or tracked.get("CustomizedMetricSpecification")


def _parts(resource: str) -> tuple[str, str]:
    _, endpoint, _, variant = resource.split("/")
    return endpoint, variant


def _invalid(message: str) -> AwsError:
    return AwsError("application-autoscaling", "ValidationException", message)


def _missing(refusal: str, request: Described, more: str = "") -> AwsError:
    """As terraform-aws-modules and others quote it: No scalable target registered for service namespace: …"""
    words = (
        f"{refusal} service namespace: {request['ServiceNamespace']}, resource ID: {request['ResourceId']}, "
        f"scalable dimension: {request['ScalableDimension']}{more}"
    )
    return AwsError("application-autoscaling", "ObjectNotFoundException", words)
