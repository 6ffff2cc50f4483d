"""The files that a scenario names: policies, models and rows of data. What is wrong with one is said before anything
runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from rehearsal.models import own
from rehearsal.scenario.acts import PutPolicy, Register, ReplaceArtifact
from rehearsal.scenario.data_acts import PutObject
from rehearsal.scenario.entries import policy_text
from rehearsal.scenario.model import Scenario
from rehearsal.scenario.own_rows import OwnData

Problem = tuple[tuple[int | str, ...], str]
"""Where something is wrong in a scenario, and what."""


def unusable(scenario: Scenario, folder: Path) -> Iterator[Problem]:
    """Where in a scenario a file is named that is not there or cannot be used. Paths are from `folder`."""
    yield from _policies(scenario, folder)
    for location, model in _models(scenario):
        said = own.fault(folder / model) if own.is_path(model) else ""
        if said:
            yield location, said
    for number, traffic in enumerate(scenario.traffic):
        if isinstance(traffic.data, OwnData):
            try:
                traffic.data.requests(folder)
            except ValueError as error:
                yield ("traffic", number, "data"), str(error)


def _policies(scenario: Scenario, folder: Path) -> Iterator[Problem]:
    """Where a policy is not there, or does not say whose it is."""
    for number, policy in enumerate(scenario.policies):
        try:
            document = yaml.safe_load(policy_text(policy, folder))
        except OSError:
            yield ("policies", number), f"no file {policy} beside the scenario"
        except (yaml.YAMLError, ValueError):
            yield ("policies", number), f"{policy} is not YAML"
        else:
            if not isinstance(document, dict) or not isinstance(document.get("model_package_group"), str):
                yield ("policies", number), "the policy names no model_package_group"
    for number, act in enumerate(scenario.timeline):
        file = act.put_policy.file if isinstance(act, PutPolicy) else None
        if file is not None and not (folder / file).is_file():
            yield ("timeline", number, "put_policy", "file"), f"no file {file} beside the scenario"


def _models(scenario: Scenario) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Every model that a scenario names, and where."""
    for number, found in enumerate(scenario.endpoints):
        yield ("endpoints", number, "model"), found.model
    for number, act in enumerate(scenario.timeline):
        if isinstance(act, Register):
            if act.package.model is not None:
                yield ("timeline", number, "register", "model"), act.package.model
            for place, container in enumerate(act.package.containers):
                yield ("timeline", number, "register", "containers", place, "model"), container.model
        elif isinstance(act, ReplaceArtifact):
            yield ("timeline", number, "replace_artifact", "model"), act.replace_artifact.model
        elif isinstance(act, PutObject) and act.put_object.model is not None:
            yield ("timeline", number, "put_object", "model"), act.put_object.model
