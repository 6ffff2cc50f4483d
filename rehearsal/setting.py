"""Sets up the account that a scenario starts in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from rehearsal.scenario.entries import policy_text
from rehearsal.scenario.event_faults import disturber
from rehearsal.world import World, new_world

if TYPE_CHECKING:
    from rehearsal.scenario.model import FoundEndpoint, Scenario

PRELUDE = timedelta(minutes=30)  # in which endpoints that were there before come into service


def set_up(scenario: Scenario, folder: Path) -> World:
    """The account as it stands when the scenario starts: deployed, with its policies and the endpoints that it finds.
    `folder` is where the scenario's files are."""
    world = new_world(
        scenario.start - PRELUDE,
        scenario.seed,
        scenario.parameters,
        [each.load(PRELUDE.total_seconds(), folder) for each in scenario.traffic],
        scenario.unsure.cloudwatch,
        scenario.unsure.sagemaker,
        scenario.unsure.delivery,
        scenario.functions_at_once,
    )
    world.folder = folder
    world.gateway.options = scenario.unsure.account
    world.states.options = scenario.unsure.states
    world.bus.disturb = disturber(scenario.events, world.clock)
    for key in scenario.keys:
        world.make_key(key)
    for found in scenario.endpoints:
        _make(world, found)
    for group, text in _policies(scenario, folder):
        world.put_policy(group, text)
    world.clock.run(until=scenario.start.timestamp())
    return world


def _make(world: World, found: FoundEndpoint) -> None:
    size: dict[str, object] = {"InstanceType": found.instance_type, "InitialInstanceCount": found.initial_instances}
    if found.serverless:
        size = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
    more = {"of_model": found.of_model, "of_config": found.of_config, "tags": found.tags}
    world.make_endpoint(found.name, found.model, found.variant, size, **more)
    in_service = PRELUDE.total_seconds() / 2
    if found.autoscaling:
        bounds = (found.autoscaling.min, found.autoscaling.max)
        registered = partial(world.make_scalable, found.name, found.variant, bounds, *found.autoscaling.attached())
        world.clock.after(in_service, registered)
    if found.live_instances:
        scaled = partial(world.sagemaker.endpoints.autoscale, found.name, found.variant, found.live_instances)
        world.clock.after(in_service, scaled)


def _policies(scenario: Scenario, folder: Path) -> Iterator[tuple[str, str]]:
    """Group and text of each policy of a scenario."""
    for each in scenario.policies:
        text = policy_text(each, folder)
        yield str(yaml.safe_load(text)["model_package_group"]), text
