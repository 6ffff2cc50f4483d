"""Strategies as a policy writes them, and the shape of what guardrails are asked for."""

from __future__ import annotations

from typing import Any

from interlock.strategies.registry import AnyStrategy
from rehearsal.account.shapes import service_model
from tests.unit.examples import stage


def strategy(written: dict[str, Any]) -> AnyStrategy:
    """The strategy of a policy without evidence that says ``written``."""
    return stage(strategy=written, evidence=None).strategy


def deployment_config() -> Any:
    """botocore's shape of a DeploymentConfig."""
    return service_model("sagemaker").shape_for("DeploymentConfig")
