"""Serverless endpoints: what a configuration of one cannot have, and what its variants lack.

Sources: docs: serverless-endpoints (feature exclusions), serverless-endpoints-create-config; botocore
ProductionVariantServerlessConfig, ContainerDefinition.ModelDataSource. Messages in our words, as no public report
quotes AWS's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MEMORY = range(1024, 6145, 1024)

Json = Mapping[str, Any]


def problem(request: Json, models: Iterable[Json]) -> str:
    """Why an endpoint configuration with a serverless variant of these `models` is refused, or ""."""
    variants = [*request["ProductionVariants"], *request.get("ShadowProductionVariants", ())]
    if not any("ServerlessConfig" in variant for variant in variants):
        return ""
    if len(variants) > 1:
        return "A serverless endpoint takes exactly one production variant."
    if "DataCaptureConfig" in request:
        return "Data capture is not supported for serverless endpoints."
    if "AsyncInferenceConfig" in request:
        return "AsyncInferenceConfig is not supported for serverless endpoints."
    return _of_variant(variants[0]) or next(filter(None, map(_of_model, models)), "")


def _of_variant(variant: Json) -> str:
    config = variant["ServerlessConfig"]
    if "InstanceType" in variant or "InitialInstanceCount" in variant:
        return "A variant takes either a ServerlessConfig, or an InstanceType and an InitialInstanceCount."
    if config["MemorySizeInMB"] not in MEMORY:
        return f"MemorySizeInMB must be one of {', '.join(map(str, MEMORY))}."
    return too_many_provisioned(config, {})


def too_many_provisioned(config: Json | None, change: Json) -> str:
    """Why a ServerlessConfig cannot be, with the ServerlessUpdateConfig of a `change` (botocore
    ProductionVariantServerlessUpdateConfig); "" if it can."""
    then = {**(config or {}), **change.get("ServerlessUpdateConfig", {})}
    if then.get("ProvisionedConcurrency", 0) > then.get("MaxConcurrency", 0):
        return "ProvisionedConcurrency must be less than or equal to MaxConcurrency."
    return ""


def _of_model(model: Json) -> str:
    containers = model.get("Containers") or [model.get("PrimaryContainer", {})]
    if model.get("VpcConfig") or model.get("EnableNetworkIsolation"):
        return "VpcConfig and network isolation are not supported for serverless endpoints."
    if any("ModelDataSource" in container for container in containers):
        return "ModelDataSource is not supported for serverless endpoints."
    if any(container.get("Mode") == "MultiModel" for container in containers):
        return "Multi-model containers are not supported for serverless endpoints."
    if len(containers) > 1:
        return "Inference pipelines are not supported for serverless endpoints."
    return ""
