"""Reads the plan for a policy and a version: the real machines make it, in a fresh account, and nothing is touched.

The account has the group's versions up to the one asked for, all of them good models. What a real account may hold
against a release (an alarm already raised, an endpoint somebody else changed) only `operate` in that account can say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from rehearsal.scenario.model import Scenario
from rehearsal.scenario.unusable import Unusable
from rehearsal.world import World, new_world

_SETTLED = 6 * 3600.0  # virtual seconds within which a first deployment is over, whatever became of it
_ANSWERED = 60.0


class UnusablePolicy(Unusable):
    """A policy file that cannot be read, or that no version can go live by."""


def dry_run(policy: Path, version: int, live: int | None = None) -> Mapping[str, Any]:
    """The plan document, with `decision`, `reason`, `why`, `warnings`, `steps` and `restore`; a refusal has no steps.

    `live` is the version that serves the endpoint already; without it there is no endpoint. Raises UnusablePolicy.
    """
    group, text = _read(policy)
    account = {"scenario": "plan", "about": "A dry run.", "start": "2026-01-05T09:00:00Z", "lasts": _SETTLED}
    world = new_world(Scenario.model_validate({**account, "expect": [{"requests_lost": 0}]}), policy.parent)
    for number in range(1, max(version, live or 0) + 1):
        world.register(group, "plain" if number == live else "better", "PendingManualApproval")
    world.put_policy(group, text)
    world.clock.run(until=world.clock.now + _ANSWERED)
    if live is not None:
        _release(world, group, live)
    world.bus.disturb = lambda event: []  # an approval that nobody hears of starts no release
    world.update_package(group, version, ModelApprovalStatus="Approved")
    return _plan(world, {"action": "dry_run", "group": group, "version": version})


def _read(policy: Path) -> tuple[str, str]:
    try:
        text = policy.read_text(encoding="utf-8")
        document = yaml.safe_load(text)
    except (OSError, yaml.YAMLError) as error:
        raise UnusablePolicy(f"{policy}: {error}") from error
    group = document.get("model_package_group") if isinstance(document, dict) else None
    if not isinstance(group, str):
        raise UnusablePolicy(f"{policy}: model_package_group: name the model package group that the policy is for")
    return group, text


def _release(world: World, group: str, version: int) -> None:
    world.update_package(group, version, ModelApprovalStatus="Approved")
    world.clock.run(until=world.clock.now + _SETTLED)
    ended = [each for each in world.states.executions if each.machine.arn == world.machine("deliver")]
    if not ended or ended[-1].status != "SUCCEEDED":
        why = (ended[-1].cause or ended[-1].status) if ended else "no release was started"
        raise UnusablePolicy(f"version {version} of {group} does not go live by this policy: {why}")


def _plan(world: World, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask `operate`, as a person would, and read the answer of the execution it starts."""
    before = len(world.states.executions)
    world.ask("stepfunctions", "StartExecution", stateMachineArn=world.machine("operate"), input=json.dumps(request))
    world.clock.run(until=world.clock.now + _ANSWERED)
    asked = world.states.executions[before:]
    last = next((each for each in asked if each.machine.arn == world.machine("deliver")), asked[0])
    if last.status == "SUCCEEDED" and last.output:
        plan: Mapping[str, Any] = json.loads(last.output)["plan"]
        return plan
    reason, _, sentence = (last.cause or f"{last.error}: {last.status}").partition(": ")
    return {"decision": "Refuse", "reason": reason, "why": sentence, "warnings": [], "steps": []}
