"""How a deployment shifts traffic: a DeploymentConfig read into shares, bakes and alarms, and what makes one be
refused.

Sources: botocore DeploymentConfig; docs: deployment-guardrails-blue-green-all-at-once, -canary, -linear, -rolling,
-exclusions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.sagemaker.fleets import Fleet, Variant

LONGEST = 28_800  # seconds; the upper bound of MaximumExecutionTimeoutInSeconds
FINAL_BAKE = "TerminationWaitInSeconds"
STEP_BAKE = "WaitIntervalInSeconds"


@dataclass(frozen=True)
class Strategy:
    """Traffic on the new fleet goes through `shares` (ending at 1); `wait` seconds of bake after each, `final_wait` at
    the end.

    `alarms` are looked at while baking. `limit` is the longest the whole may take, in seconds. `batch`: instances that
    a rolling deployment replaces at a time, 0 for blue/green; `rollback_batch`: those that its rollback puts back at a
    time, 0 for all.
    """

    shares: tuple[float, ...] = (1.0,)
    wait: float = 0.0
    final_wait: float = 0.0
    alarms: tuple[str, ...] = ()
    limit: float = LONGEST
    batch: int = 0
    rollback_batch: int = 0

    def bake(self, step: int) -> tuple[float, str]:
        """How long to bake after a step, and which setting says so."""
        last = step == len(self.shares) - 1
        return (self.final_wait, FINAL_BAKE) if last and not self.batch else (self.wait, STEP_BAKE)


def strategy(config: Mapping[str, Any], old: Fleet, new: Fleet, *, exact_percent: bool) -> Strategy:
    """The strategy that a DeploymentConfig asks for. Without one: blue/green, all at once, no bake, no alarms.

    What guardrails cannot do silently becomes all-at-once without a bake: Inf1 instances, and a rolling deployment of
    several variants or of a serverless one (docs: deployment-guardrails-exclusions). So does every deployment to other
    variant names, where that is not refused.
    """
    alarms = tuple(alarm["AlarmName"] for alarm in config.get("AutoRollbackConfiguration", {}).get("Alarms", ()))
    rolling, blue_green = config.get("RollingUpdatePolicy"), config.get("BlueGreenUpdatePolicy")
    inf1 = any(_is_inf1(variant) for fleet in (old, new) for variant in fleet.variants.values())
    if set(old.variants) != set(new.variants) or inf1 or (rolling and not _can_roll(new)):
        return Strategy(alarms=alarms)
    if rolling:
        batch, back = _whole(rolling["MaximumBatchSize"], new), rolling.get("RollbackMaximumBatchSize")
        return Strategy(
            _steps(batch / new.instances),
            float(rolling["WaitIntervalInSeconds"]),
            alarms=alarms,
            limit=_limit(rolling),
            batch=batch,
            rollback_batch=_whole(back, new) if back else 0,
        )
    if blue_green:
        routing = blue_green["TrafficRoutingConfiguration"]
        final = float(blue_green.get("TerminationWaitInSeconds", 0))
        return Strategy(
            _shares(routing, new, exact_percent),
            float(routing.get("WaitIntervalInSeconds", 0)),
            final,
            alarms,
            _limit(blue_green),
        )
    return Strategy(alarms=alarms)


def refusal(config: Mapping[str, Any], new: Fleet) -> str:
    """Why a DeploymentConfig is refused, or "" (limits: botocore; messages in our words)."""
    rolling, blue_green = config.get("RollingUpdatePolicy"), config.get("BlueGreenUpdatePolicy")
    if rolling and blue_green:
        return "DeploymentConfig takes one of BlueGreenUpdatePolicy and RollingUpdatePolicy."
    sizes = []
    if rolling:
        sizes = [("MaximumBatchSize", rolling["MaximumBatchSize"], 5, 50)]
    elif blue_green:
        routing = blue_green["TrafficRoutingConfiguration"]
        wanted = {"CANARY": ("CanarySize", 1, 50), "LINEAR": ("LinearStepSize", 10, 50)}.get(routing["Type"])
        if wanted and wanted[0] not in routing:
            return f"{wanted[0]} is required for traffic routing of type {routing['Type']}."
        sizes = [(wanted[0], routing[wanted[0]], *wanted[1:])] if wanted else []
    for name, size, least, most in sizes:
        if problem := _size_problem(name, size, least, most, new):
            return problem
    policy = rolling or blue_green or {}
    planned = strategy(config, new, new, exact_percent=False)
    waits = sum(planned.bake(step)[0] for step in range(len(planned.shares)))
    if policy.get("MaximumExecutionTimeoutInSeconds", LONGEST) <= waits:
        return "MaximumExecutionTimeoutInSeconds must be larger than the total of the wait intervals."
    return ""


def _size_problem(name: str, size: Mapping[str, Any], least: int, most: int, fleet: Fleet) -> str:
    """A size is a percentage of capacity, or of whole instances, of which a part must remain possible."""
    percent = size["Value"] if size["Type"] == "CAPACITY_PERCENT" else 100 * size["Value"] / max(fleet.instances, 1)
    if not least <= percent <= most:
        return f"{name} must be between {least} and {most} percent of the variant's total instance count."
    serverless = any(variant.instances is None for variant in fleet.variants.values())
    if not serverless and fleet.instances < 2:
        return f"{name} needs at least 2 instances: 1 instance cannot be at most {most} percent of 1."
    return ""


def _is_inf1(variant: Variant) -> bool:
    return str(variant.spec.get("InstanceType", "")).startswith("ml.inf1.")


def _can_roll(fleet: Fleet) -> bool:
    return len(fleet.variants) == 1 and fleet.instances > 0


def _shares(routing: Mapping[str, Any], fleet: Fleet, exact_percent: bool) -> tuple[float, ...]:
    if routing["Type"] == "CANARY":
        return (_part(routing["CanarySize"], fleet, exact_percent), 1.0)
    if routing["Type"] == "LINEAR":
        return _steps(_part(routing["LinearStepSize"], fleet, exact_percent))
    return (1.0,)


def _part(size: Mapping[str, Any], fleet: Fleet, exact_percent: bool) -> float:
    """The part of the fleet that a CapacitySize comes to: whole instances, at least one, rounded up."""
    if not fleet.instances or (exact_percent and size["Type"] == "CAPACITY_PERCENT"):
        return float(size["Value"]) / 100 if size["Type"] == "CAPACITY_PERCENT" else 1.0
    return _whole(size, fleet) / fleet.instances


def _whole(size: Mapping[str, Any], fleet: Fleet) -> int:
    """A CapacitySize in instances of the fleet, at least one and at most all."""
    value = size["Value"] if size["Type"] == "INSTANCE_COUNT" else math.ceil(fleet.instances * size["Value"] / 100)
    return int(min(max(value, 1), fleet.instances))


def _steps(part: float) -> tuple[float, ...]:
    count = math.ceil(1 / part - 1e-9)
    return tuple(min(1.0, part * step) for step in range(1, count + 1))


def _limit(policy: Mapping[str, Any]) -> float:
    return float(policy.get("MaximumExecutionTimeoutInSeconds", LONGEST))
