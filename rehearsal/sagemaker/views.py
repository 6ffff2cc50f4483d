"""How an endpoint looks from outside: DescribeEndpoint's answer, and the details of its events.

Shapes: botocore DescribeEndpointOutput; docs: automating-sagemaker-with-eventbridge (Endpoint state change, Endpoint
deployment state change). Events say UPPER_SNAKE where the API says CamelCase, and times in epoch milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rehearsal.clock import Clock
from rehearsal.sagemaker.fleets import Endpoint, Fleet, Stage, Variant
from rehearsal.sagemaker.registry import digest_of

if TYPE_CHECKING:
    from rehearsal.sagemaker.hosting import Source

Json = dict[str, Any]


def described(endpoint: Endpoint, clock: Clock, config: Mapping[str, Any] | None) -> Json:
    """DescribeEndpoint. `config` is the live configuration as requested, None when somebody deleted it."""
    answer: Json = {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": endpoint.config,
        "EndpointStatus": endpoint.status,
        "CreationTime": clock.datetime(endpoint.created),
        "LastModifiedTime": clock.datetime(endpoint.modified),
    }
    if endpoint.failure:
        answer["FailureReason"] = endpoint.failure
    if endpoint.last_deployment:
        answer["LastDeploymentConfig"] = endpoint.last_deployment
    if endpoint.live:
        answer["ProductionVariants"] = [_summary(variant, clock, None) for variant in endpoint.live.variants.values()]
        answer |= _shadows(endpoint.live, clock, None)
    if endpoint.pending:
        answer["PendingDeploymentSummary"] = {
            "EndpointConfigName": endpoint.pending.config,
            "StartTime": clock.datetime(endpoint.pending.began),
            "ProductionVariants": [
                _summary(variant, clock, endpoint.pending) for variant in endpoint.pending.variants.values()
            ],
            **_shadows(endpoint.pending, clock, endpoint.pending),
        }
    capture = (config or {}).get("DataCaptureConfig")
    if capture:
        answer["DataCaptureConfig"] = {
            "EnableCapture": capture.get("EnableCapture", True),  # botocore: "defaults to enabled"
            "CaptureStatus": "Started" if capture.get("EnableCapture", True) else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": capture.get("KmsKeyId", ""),
        }
    if "AsyncInferenceConfig" in (config or {}):
        answer["AsyncInferenceConfig"] = (config or {})["AsyncInferenceConfig"]
    return answer


def summary(endpoint: Endpoint, clock: Clock) -> Json:
    """An endpoint in the answer of ListEndpoints."""
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "CreationTime": clock.datetime(endpoint.created),
        "LastModifiedTime": clock.datetime(endpoint.modified),
        "EndpointStatus": endpoint.status,
    }


def state_detail(endpoint: Endpoint) -> Json:
    """Endpoint State Change: variants carry the desired numbers only, as in the documented sample."""
    fleet = endpoint.live or endpoint.pending
    variants = [
        {"DesiredWeight": variant.desired_weight, "DesiredInstanceCount": float(variant.desired_instances or 0)}
        for variant in (fleet.variants.values() if fleet else ())
    ]
    return _identity(endpoint) | {"ProductionVariants": variants}


def deployment_detail(endpoint: Endpoint) -> Json:
    """Endpoint Deployment State Change: EndpointConfigName is the live one, the pending one has its own."""
    live = endpoint.live
    detail = _identity(endpoint) | {
        "ProductionVariants": [_counts(variant, None) for variant in (live.variants.values() if live else ())]
    }
    if endpoint.pending:
        detail["PendingDeploymentSummary"] = {
            "EndpointConfigName": endpoint.pending.config,
            "StartTime": _milliseconds(endpoint.pending.began),
            "ProductionVariants": [
                _counts(variant, endpoint.pending) for variant in endpoint.pending.variants.values()
            ],
        }
    return detail


def _identity(endpoint: Endpoint) -> Json:
    return {
        "EndpointName": endpoint.name,
        "EndpointArn": endpoint.arn,
        "EndpointConfigName": endpoint.config,
        "EndpointStatus": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", endpoint.status).upper(),
        "CreationTime": _milliseconds(endpoint.created),
        "LastModifiedTime": _milliseconds(endpoint.modified),
        "Tags": {},
    }


def _shadows(fleet: Fleet, clock: Clock, pending: Fleet | None) -> Json:
    """botocore DescribeEndpointOutput, PendingDeploymentSummary: ShadowProductionVariants."""
    shadows = [_summary(variant, clock, pending) for variant in fleet.shadows.values()]
    return {"ShadowProductionVariants": shadows} if shadows else {}


def _summary(variant: Variant, clock: Clock, pending: Fleet | None) -> Json:
    """A variant without a model is told without weights (aws-samples/sagemaker-genai-hosting-examples, notebook
    ic_rolling_deployment)."""
    if "ModelName" not in variant.spec:
        scaling = {key: variant.spec[key] for key in ("ManagedInstanceScaling",) if key in variant.spec}
        counts = {"CurrentInstanceCount": variant.instances, "DesiredInstanceCount": variant.desired_instances}
        return {"VariantName": variant.name, **counts, **scaling}
    stage = _stage(variant, pending)
    summary: Json = {
        "VariantName": variant.name,
        "DeployedImages": [
            {"SpecifiedImage": each.image, "ResolvedImage": _resolved(each)} for each in variant.sources
        ],
        "DesiredWeight": variant.desired_weight,
        "CurrentWeight": variant.weight,
    }
    if variant.instances is None:
        summary |= {
            "CurrentServerlessConfig": variant.serverless,
            "DesiredServerlessConfig": variant.desired_serverless,
        }
    else:
        desired = variant.desired_instances
        summary |= {"CurrentInstanceCount": variant.instances, "DesiredInstanceCount": desired}
    if pending and "InstanceType" in variant.spec:
        summary["InstanceType"] = variant.spec["InstanceType"]
    if stage:
        started = clock.datetime(stage.since)
        summary["VariantStatus"] = [{"Status": stage.status, "StatusMessage": stage.message, "StartTime": started}]
    return summary


def _resolved(source: Source) -> str:
    """The image by its digest (botocore DeployedImage)."""
    name, at, _ = source.image.partition("@")
    if at:
        return source.image
    return f"{name.rpartition(':')[0] or name}@{source.image_digest or digest_of(source.image)}"


def _counts(variant: Variant, pending: Fleet | None) -> Json:
    stage = _stage(variant, pending)
    counts: Json = {
        "VariantName": variant.name,
        "CurrentWeight": variant.weight,
        "DesiredWeight": variant.desired_weight,
        "CurrentInstanceCount": variant.instances or 0,
        "DesiredInstanceCount": variant.desired_instances or 0,
    }
    if stage:
        started = _milliseconds(stage.since)
        counts["VariantStatus"] = [{"Status": stage.status, "StatusMessage": stage.message, "StartTime": started}]
    return counts


def _stage(variant: Variant, pending: Fleet | None) -> Stage | None:
    return pending.stage if pending else variant.stage


def _milliseconds(at: float) -> int:
    return round(at * 1000)
