"""An account with staging and production, in which a version is about to be released. There is no traffic: nothing
depends on it."""

from __future__ import annotations

from typing import Any

from rehearsal.playing import begin
from rehearsal.scenario.model import Scenario
from rehearsal.setting import set_up
from rehearsal.states.execution import Execution
from rehearsal.world import World
from tests.rehearsal.attacks.stopping import FOLDER

Act = dict[str, Any]

HOSTING = {"kind": "realtime", "instance_type": "ml.m5.large", "instances": 1}
QUICK = {"kind": "all_at_once", "bake": "1m"}
APPROVED_IN_REGISTRY = {"stage": "Production", "status": "Approved"}
STAGING: Act = {"name": "staging", "endpoint": "digits-staging", "hosting": HOSTING, "strategy": QUICK}
PRODUCTION: Act = {
    "name": "production",
    "endpoint": "digits",
    "hosting": HOSTING,
    "strategy": QUICK,
    "approval": {"before": "stage", "within": "2h", "life_cycle": APPROVED_IN_REGISTRY},
}
YES = {"operate": {"action": "approve", "endpoint": "digits", "version": 1, "before": "stage"}}
NO = {"operate": {"action": "abort", "endpoint": "digits", "before": "stage"}}
REJECT = {"reject": {"group": "digits", "version": 1}}
NEXT = "digits-v1-1-2-production"
HOUR = 3600.0


def account(*acts: Act, stages: tuple[Act, ...] = (STAGING, PRODUCTION), **more: Any) -> World:
    """The account, in which version 1 is approved after a minute, and ``acts`` will be done."""
    names = [stage["endpoint"] for stage in stages]
    scenario = Scenario.model_validate(
        {
            "scenario": "staged",
            "about": "A version goes along stages.",
            "start": "2026-01-05T09:00:00Z",
            "lasts": "48h",
            "policies": [{"model_package_group": "digits", "stages": list(stages)}],
            "endpoints": [{"name": name, "model": "plain", "tags": {"interlock:group": "digits"}} for name in names],
            "timeline": [
                {"at": "1s", "register": {"group": "digits", "model": "better"}},
                {"at": "1s", "register": {"group": "digits", "model": "better"}},
                {"at": "1m", "approve": {"group": "digits", "version": 1}},
                *acts,
            ],
            "expect": [{"running": 0}],
            **more,
        }
    )
    world = set_up(scenario, FOLDER)
    begin(scenario, world, FOLDER)
    return world


def run(world: World, hours: float) -> World:
    world.clock.run(until=world.clock.now + hours * HOUR)
    return world


def played(hours: float, *acts: Act, **more: Any) -> World:
    """The account after so many hours."""
    return run(account(*acts, **more), hours)


def executions(world: World, machine: str) -> dict[str, Execution]:
    """The executions of a machine by name."""
    return {each.name: each for each in world.states.executions if each.machine.name == f"interlock-{machine}"}
