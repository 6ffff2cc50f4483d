"""A policy, a version and an endpoint as AWS describes them, each with whatever a test wants to be different."""

from __future__ import annotations

import json
from typing import Any

from interlock.delivery.bakes import Variants, bake
from interlock.delivery.observed import Observed
from interlock.model.registration import of_variant
from interlock.policy.document import read_policy
from interlock.policy.stage import Stage

Answer = dict[str, Any]

STACK = "interlock"
GROUP, NUMBER, ENDPOINT, RELEASE = "churn", 7, "churn-live", "churn-v7-1"
COMPONENT = "churn-v"
NOW = "2026-01-05T09:00:00.000Z"
ROLE = "arn:aws:iam::111122223333:role/models"
STABLE_CONFIG, STABLE = "churn-config-6", "AllTraffic"
DIGEST = "sha256:4dc8a7e4a010a19bb9e0a6b063f355393f6e623603361bd8b105f554d4f0c004"
REGISTRY = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"

ARTIFACT: Answer = {"ContentLength": 1000, "ETag": '"0a1b2c3d"', "LastModified": "2026-01-05T08:00:00Z"}
"""HeadObject of the version's model.tar.gz."""

NO_ENDPOINT: Answer = {
    "error": "SageMaker.SageMakerException",
    "cause": 'Could not find endpoint "arn:aws:sagemaker:eu-west-1:111122223333:endpoint/churn-live". '
    "(Service: SageMaker, Status Code: 400, Request ID: 0)",
}
DENIED: Answer = {
    "error": "SageMaker.SageMakerException",
    "cause": "User: arn:aws:sts::111122223333:assumed-role/deliver is not authorized to perform: sagemaker:Describe "
    "(Service: SageMaker, Status Code: 403, Request ID: 0)",
}
THROTTLED: Answer = {"error": "SageMaker.SageMakerException", "cause": "Rate exceeded (Service: SageMaker)"}

CANARY: Answer = {"kind": "canary", "steps": [5, 25, 50], "bake": "30m"}
ALL_AT_ONCE: Answer = {"kind": "all_at_once", "bake": "10m"}
ROLLING: Answer = {"kind": "rolling", "batch": 50, "bake": "10m"}
SHADOW: Answer = {"kind": "shadow", "sampling": "20%", "bake": "30m"}
AB_TEST: Answer = {"kind": "ab_test", "share": 50, "duration": "30m"}
ERROR_RULE: Answer = {"metric": "error_rate", "max": "2%", "min_requests": 100}
FEWER_ERRORS: Answer = {"metric": "error_rate", "better_by": "20%"}
ERRORS_LIKE_STABLE: Answer = {"metric": "error_rate", "margin": "50%"}
LATENCY_LIKE_STABLE: Answer = {"metric": "p99_latency", "margin": "25%"}
LATENCY_RULE: Answer = {"metric": "p99_latency", "max": "250ms", "min_requests": 100}


def document(**fields: Any) -> str:
    """A policy as written, with ``fields`` of its stage in place of the example's; ``protection`` and ``releases`` are
    of the policy. A rule with better_by makes the example an A/B test."""
    tests = "better_by" in json.dumps(fields.get("evidence"))
    stage = {
        "endpoint": ENDPOINT,
        "hosting": {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 2},
        "strategy": AB_TEST if tests else CANARY,
        "smoke": {"body": "1,2,3"},
        "evidence": [ERROR_RULE, LATENCY_RULE],
    }
    sections = {name: fields.pop(name) for name in ("protection", "releases") if name in fields}
    stages = [{name: value for name, value in (stage | fields).items() if value is not None}]
    return json.dumps({"model_package_group": GROUP, "stages": stages, **sections})


def stage(**fields: Any) -> Stage:
    return read_policy(document(**fields), GROUP).stage


def package(**fields: Any) -> Answer:
    """DescribeModelPackage of an approved version."""
    container = {
        "Image": f"{REGISTRY}/sklearn:1.2-1",
        "ImageDigest": DIGEST,
        "ModelDataUrl": "s3://models/churn/7/model.tar.gz",
        "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
    }
    return {
        "ModelPackageArn": "arn:aws:sagemaker:eu-west-1:111122223333:model-package/churn/7",
        "ModelPackageVersion": NUMBER,
        "ModelApprovalStatus": "Approved",
        "ModelPackageStatus": "Completed",
        "InferenceSpecification": {"Containers": [container]},
    } | fields


def production_variant(name: str = STABLE, **fields: Any) -> Answer:
    """A variant in an endpoint config."""
    return {
        "VariantName": name,
        "ModelName": "churn-6",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
        "InitialVariantWeight": 1.0,
    } | fields


def serverless_variant(name: str = STABLE, memory: int = 2048, most: int = 20, warm: int = 5, **fields: Any) -> Answer:
    """A serverless variant in an endpoint config."""
    config = {"MemorySizeInMB": memory, "MaxConcurrency": most} | ({"ProvisionedConcurrency": warm} if warm else {})
    return {
        "VariantName": name,
        "ModelName": "churn-6",
        "ServerlessConfig": config,
        "InitialVariantWeight": 1.0,
    } | fields


def model(**fields: Any) -> Answer:
    """DescribeModel of stable's model."""
    return {"ModelName": "churn-6", "ExecutionRoleArn": ROLE, "EnableNetworkIsolation": False} | fields


def endpoint_config(name: str = STABLE_CONFIG, *variants: Answer, **fields: Any) -> Answer:
    """DescribeEndpointConfig."""
    return {
        "EndpointConfigName": name,
        "EndpointConfigArn": f"arn:aws:sagemaker:eu-west-1:111122223333:endpoint-config/{name}",
        "CreationTime": "2026-01-05T09:00:00Z",
        "ProductionVariants": list(variants) or [production_variant()],
    } | fields


def live(name: str = STABLE, weight: float = 1.0, instances: int = 2) -> Answer:
    """A variant as DescribeEndpoint has it."""
    return {"VariantName": name, "CurrentWeight": weight, "CurrentInstanceCount": instances}


def endpoint(status: str = "InService", config: str = STABLE_CONFIG, *variants: Answer, **fields: Any) -> Answer:
    """DescribeEndpoint."""
    return {
        "EndpointName": ENDPOINT,
        "EndpointArn": f"arn:aws:sagemaker:eu-west-1:111122223333:endpoint/{ENDPOINT}",
        "EndpointStatus": status,
        "EndpointConfigName": config,
        "ProductionVariants": list(variants) or [live()],
    } | fields


def component(status: str = "InService", model: str = "churn-6", copies: int = 2, **fields: Any) -> Answer:
    """DescribeInferenceComponent."""
    return {
        "InferenceComponentName": COMPONENT,
        "InferenceComponentArn": f"arn:aws:sagemaker:eu-west-1:111122223333:inference-component/{COMPONENT}",
        "EndpointName": ENDPOINT,
        "EndpointArn": f"arn:aws:sagemaker:eu-west-1:111122223333:endpoint/{ENDPOINT}",
        "VariantName": STABLE,
        "InferenceComponentStatus": status,
        "Specification": {"ModelName": model, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 2048}},
        "RuntimeConfig": {"DesiredCopyCount": copies, "CurrentCopyCount": copies},
        "CreationTime": "2026-01-05T09:00:00Z",
        "LastModifiedTime": "2026-01-05T09:00:00Z",
    } | fields


def found(answer: Answer) -> Answer:
    return {"found": answer}


def answers(**different: Any) -> dict[str, Any]:
    """What a state machine collected about an endpoint that is fit for a release."""
    return {
        "control": found({}),
        "endpoint": found(endpoint()),
        "endpoint_config": found(endpoint_config()),
        "model": found(model()),
        "tags": found({"Tags": [{"Key": "interlock:group", "Value": GROUP}]}),
        "scaling": found({"ScalableTargets": [], "ScalingPolicies": [], "ScheduledActions": []}),
        "version": found(package()),
        "artifacts": [found(ARTIFACT)],
        "alarms": {},
        "quarantine": found({}),
        "freezes": found({"Items": []}),
    } | different


def freezes(*items: dict[str, str]) -> Answer:
    """The FREEZE items that ``observe`` found, each with its attributes as plain text."""
    return found({"Items": [{name: {"S": value} for name, value in item.items()} for item in items]})


def measured(values: list[float], *names: str, **fields: Any) -> Answer:
    """GetMetricData about stable: the same ``values`` of every metric."""
    stamps = [f"2026-01-04T{hour:02}:00:00.000Z" for hour in range(len(values))]
    results = [
        {"Id": name, "Label": name, "StatusCode": "Complete", "Timestamps": stamps, "Values": values} | fields
        for name in names
    ]
    return {"MetricDataResults": results}


ROLLING_COMPONENT: Answer = {
    "hosting": {
        "kind": "inference_components",
        "component": COMPONENT,
        "memory_mb": 1024,
        "copies": 2,
        "instance_type": "ml.m5.large",
    },
    "strategy": ROLLING,
    "evidence": None,
}
"""Fields of a stage whose model is an inference component."""

HOSTED: dict[str, Answer] = {
    "endpoint": found(endpoint("InService", STABLE_CONFIG, {"VariantName": STABLE, "CurrentInstanceCount": 2})),
    "endpoint_config": found(
        {
            "EndpointConfigName": STABLE_CONFIG,
            "ExecutionRoleArn": ROLE,
            "ProductionVariants": [{"VariantName": STABLE, "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}],
        }
    ),
    "model": {},
    "component": found(component()),
    "tags": found({"Tags": [{"Key": "interlock:stack", "Value": STACK}, {"Key": "interlock:group", "Value": GROUP}]}),
}
"""What is different where the model is an inference component that Interlock has made."""

NO_COMPONENT: Answer = {
    "error": "SageMaker.SageMakerException",
    "cause": 'Could not find inference component "arn:aws:sagemaker:eu-west-1:111122223333:inference-component/churn-v"'
    ". (Service: SageMaker, Status Code: 400, Request ID: 0)",
}

NOTHING_YET: dict[str, Answer] = {"endpoint": NO_ENDPOINT, "endpoint_config": {}, "model": {}, "scaling": {}}
"""What is different where the endpoint does not exist."""


def scaled(variant: str = STABLE, **different: Any) -> Answer:
    """What Application Auto Scaling answers about a variant that a team has registered, with a target tracking policy
    of a metric of the variant's own and a scheduled action. ``different``: fields of the scalable target; lists of
    ``policies`` and ``schedules``, likewise."""
    of = of_variant(ENDPOINT, variant)
    policies = different.pop("policies", [TRACKING])
    schedules = different.pop("schedules", [MORNING])
    suspended = {f"{each}Suspended": False for each in ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")}
    target = {"MinCapacity": 1, "MaxCapacity": 6, "SuspendedState": suspended, "RoleARN": ROLE} | different
    return found(
        {
            "ScalableTargets": [of | target],
            "ScalingPolicies": [of | {"PolicyARN": "arn:aws:policy/1", "Alarms": []} | each for each in policies],
            "ScheduledActions": [of | {"ScheduledActionARN": "arn:aws:action/1"} | each for each in schedules],
        }
    )


TRACKING: Answer = {
    "PolicyName": "team-tracking",
    "PolicyType": "TargetTrackingScaling",
    "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 60.0,
        "CustomizedMetricSpecification": {
            "MetricName": "CPUUtilization",
            "Namespace": "/aws/sagemaker/Endpoints",
            "Dimensions": [{"Name": "EndpointName", "Value": ENDPOINT}, {"Name": "VariantName", "Value": STABLE}],
            "Statistic": "Average",
        },
    },
}
STEPS: Answer = {
    "PolicyName": "team-steps",
    "PolicyType": "StepScaling",
    "StepScalingPolicyConfiguration": {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": []},
}
MORNING: Answer = {
    "ScheduledActionName": "morning",
    "Schedule": "cron(0 8 * * ? *)",
    "ScalableTargetAction": {"MinCapacity": 2},
}
AUTOSCALED: dict[str, Answer] = {"scaling": scaled()}
SCALED_BY_STEPS: dict[str, Answer] = {"scaling": scaled(policies=[STEPS])}
"""By alarms of the team's, which start the policy by its ARN: no other variant could be scaled by them."""


def observed(**different: Any) -> Observed:
    return Observed(answers(**different), GROUP, NUMBER, stack=STACK)


OWN_METRICS: Answer = {
    "conversion": {"namespace": "Shop", "name": "Conversions", "per": "Recommendations", "better": "higher"},
    "complaints": {"namespace": "Shop", "name": "Complaints", "per": "Recommendations", "better": "lower"},
    "basket": {"namespace": "Shop", "name": "BasketValue", "better": "higher", "unit": "EUR"},
}
"""A team's own: two rates and a mean."""

REFERENCE = 100_000.0
"""Stable's percentiles before the release, in microseconds, wherever a test does not say otherwise."""


def baked(
    rules: list[Answer],
    percent: int = 5,
    against: str | None = STABLE,
    alarms: tuple[str, ...] = (),
    planned: int = 7200,
    references: dict[str, float] | None = None,
    **fields: Any,
) -> Answer:
    """The bake of a step under a policy with ``rules``, as the plan carries it."""
    content = json.loads(document(evidence=rules, **fields)) | {"metrics": OWN_METRICS}
    written = content["stages"][0]["strategy"]
    if written == AB_TEST:
        written["share"] = percent
    policy = read_policy(json.dumps(content), GROUP)
    percentiles = {rule["metric"]: REFERENCE for rule in rules} if references is None else references
    variants = Variants(ENDPOINT, RELEASE, against)
    step = bake(policy.stage, policy.catalog(), percent, variants, alarms, percentiles, planned)
    assert step.bake is not None
    return json.loads(json.dumps(step.bake))


def minute(number: int) -> str:
    """A minute of a bake, as GetMetricData writes it."""
    return f"2026-01-05T{10 + number // 60}:{number % 60:02}:00Z"


def answered(**values: list[float] | float) -> list[Answer]:
    """GetMetricData of a bake, by minute; a number instead of a list stands for each of ten minutes."""
    return [
        {
            "Id": name,
            "StatusCode": "Complete",
            "Values": series,
            "Timestamps": [minute(number) for number in range(len(series))],
        }
        for name, series in (
            (name, value if isinstance(value, list) else [value] * 10) for name, value in values.items()
        )
    ]
