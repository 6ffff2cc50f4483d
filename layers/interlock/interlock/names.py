"""Deterministic names: the same release always asks AWS for the same things, so every create can be repeated."""

from __future__ import annotations

import hashlib

RESOURCE_PREFIX = "interlock-"
"""Everything Interlock creates starts with this; the roles in template.yaml may create and delete nothing else."""

SAGEMAKER_NAME_LIMIT = 63
"""Longest model, endpoint config or variant name (botocore: ModelName, EndpointConfigName, VariantName)."""

ALARM_NAME_LIMIT = 255
"""Longest alarm name (botocore: PutMetricAlarm AlarmName)."""


def shortened(name: str, limit: int) -> str:
    """``name`` if it fits ``limit`` characters, else its head and a digest of the whole, so that distinct names stay
    distinct."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:10]
    return f"{name[: limit - 11].rstrip('-')}-{digest}"


def release_name(group: str, version: int) -> str:
    """The stem of a release id, at most 69 characters; the door adds ``-<attempt>``. Execution names may have 80
    (botocore)."""
    return f"{group}-v{version}"


def resource_name(release: str, part: str = "") -> str:
    """Name of a model or endpoint config of ``release``; ``part`` tells several of one release apart."""
    suffix = f"-{part}" if part else ""
    return shortened(RESOURCE_PREFIX + release, SAGEMAKER_NAME_LIMIT - len(suffix)) + suffix


def variant_name(release: str) -> str:
    """The candidate's variant name under variant weights.

    A name used by no earlier release, because CloudWatch dimensions carry it: a fresh alarm must not see the
    datapoints of a candidate that was taken back minutes ago.
    """
    return shortened(release, SAGEMAKER_NAME_LIMIT)


def alarm_name(release: str, signal: str) -> str:
    """Name of an alarm that guards ``release``."""
    return shortened(f"{RESOURCE_PREFIX}{release}-{signal}", ALARM_NAME_LIMIT)
