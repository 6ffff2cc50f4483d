"""Plans as the function compiles them, and policies and endpoints of every kind to compile them for."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as some

from interlock.planning import plan_delivery
from tests.unit import examples

Plan = dict[str, Any]


def deliver(
    observed: dict[str, Any] | None = None, waits: int = 0, release: str = examples.RELEASE, **fields: Any
) -> Plan:
    """The plan for a version under a policy whose stage has ``fields``."""
    return plan_delivery(
        {
            "intent": "deliver",
            "release": release,
            "group": examples.GROUP,
            "version": examples.NUMBER,
            "document": examples.document(**fields),
            "observed": examples.answers() if observed is None else observed,
            "role": examples.ROLE,
            "waits": waits,
            "by_event": True,
        }
    )


def take_back(
    observed: dict[str, Any], plan: Plan, reached: int | None = None, reason: str = "AlarmRaised", waits: int = 0
) -> Plan:
    """The way back of a release that went out by ``plan`` and ``reached`` a step (the last one by default)."""
    return plan_delivery(
        {
            "intent": "roll_back",
            "release": examples.RELEASE,
            "group": examples.GROUP,
            "version": examples.NUMBER,
            "document": "",
            "observed": observed,
            "role": examples.ROLE,
            "waits": waits,
            "by_event": True,
            "facts": plan["facts"],
            "reason": reason,
            "reached": len(plan["steps"]) if reached is None else reached,
        }
    )


def actions(plan: Plan) -> list[str]:
    return [step["action"] for step in plan["steps"]]


def request(plan: Plan, action: str, index: int = 0) -> dict[str, Any]:
    """The request of the ``index``-th step with ``action``."""
    found: list[dict[str, Any]] = [step["request"] for step in plan["steps"] if step["action"] == action]
    return found[index]


bakes = some.sampled_from(["1m", "30m", "1h", "2h", "30d"])
strategies = some.one_of(
    some.builds(
        lambda steps, bake, traffic: {"kind": "canary", "steps": sorted(steps), "bake": bake, "traffic": traffic},
        some.sets(some.integers(1, 99), min_size=1, max_size=6),
        bakes,
        some.sampled_from(["auto", "auto", "native", "weights"]),
    ),
    some.builds(
        lambda bake, traffic: {"kind": "all_at_once", "bake": bake, "traffic": traffic},
        bakes,
        some.sampled_from(["auto", "native", "weights"]),
    ),
)
stages = some.fixed_dictionaries(
    {
        "strategy": strategies,
        "smoke": some.sampled_from([None, {"body": "1,2"}]),
        "evidence": some.sampled_from([None, [examples.ERROR_RULE], [examples.ERROR_RULE, examples.LATENCY_RULE]]),
        "hosting": some.builds(
            lambda size, count: {"instance_type": f"ml.{size}", "instances": count},
            some.sampled_from(["m5.large", "c5.xlarge", "inf1.xlarge"]),
            some.integers(1, 4),
        ),
    }
)
"""Fields of a stage: every strategy, with and without smoke test and rules, on several machines."""
