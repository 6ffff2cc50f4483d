"""Step scaling policies of Interlock's own.

Their names say everything about the alarm that starts them, so that another variant can be given the same policy with
an alarm of its own. Application Auto Scaling tells no more of an alarm than its name.
"""

from __future__ import annotations

import re

from interlock.model.names import ALARM_NAME_LIMIT, RESOURCE_PREFIX, shortened
from interlock.model.request import Request

METRICS = {
    "invocations_per_instance": ("AWS/SageMaker", "InvocationsPerInstance", "Sum"),
    "cpu": ("/aws/sagemaker/Endpoints", "CPUUtilization", "Average"),
    "gpu": ("/aws/sagemaker/Endpoints", "GPUUtilization", "Average"),
    "memory": ("/aws/sagemaker/Endpoints", "MemoryUtilization", "Average"),
}
"""Namespace, name and statistic of what a variant reports by the minute (docs: sagemaker/latest/dg/
monitoring-cloudwatch)."""

_OPERATORS = {"above": "GreaterThanOrEqualToThreshold", "below": "LessThanOrEqualToThreshold"}
_NAME = f"{RESOURCE_PREFIX}({'|'.join(METRICS)})-({'|'.join(_OPERATORS)})-([0-9.]+)-for-([0-9]+)m"
"""Written as text: ``re`` compiles it when a policy is read, which most runs never do."""


def policy_name(metric: str, side: str, threshold: float, minutes: int) -> str:
    """The name of the policy that is started when ``metric`` is ``above`` or ``below`` a threshold for so long."""
    written = f"{threshold:.3f}".rstrip("0").rstrip(".")
    return f"{RESOURCE_PREFIX}{metric}-{side}-{written}-for-{minutes}m"


def is_own(policy: Request) -> bool:
    """Whether a scaling policy (botocore PutScalingPolicy) is a step policy of Interlock's own."""
    return policy["PolicyType"] == "StepScaling" and re.fullmatch(_NAME, policy["PolicyName"]) is not None


def starting_alarm(endpoint: str, variant: str, policy: Request) -> Request:
    """The alarm that starts a ``policy`` of Interlock's own for a variant, without the action, which names the policy
    by an ARN that is known when it is made (botocore PutMetricAlarm). Raises ValueError for another policy."""
    found = re.fullmatch(_NAME, policy["PolicyName"])
    if found is None:
        raise ValueError(f"{policy['PolicyName']} is no step policy of Interlock's own")
    metric, side, threshold, minutes = found.groups()
    namespace, name, statistic = METRICS[metric]
    return {
        "AlarmName": _alarm_name(endpoint, variant, policy["PolicyName"]),
        "AlarmDescription": f"{name} of {variant} is {side} {threshold}: scaling policy {policy['PolicyName']}",
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}],
        "Statistic": statistic,
        "Period": 60,
        "EvaluationPeriods": int(minutes),
        "ComparisonOperator": _OPERATORS[side],
        "Threshold": float(threshold),
        "TreatMissingData": "missing",
    }


def _alarm_name(endpoint: str, variant: str, policy: str) -> str:
    of_policy = policy.removeprefix(RESOURCE_PREFIX)
    return shortened(f"{RESOURCE_PREFIX}scaling-{endpoint}-{variant}-{of_policy}", ALARM_NAME_LIMIT)
