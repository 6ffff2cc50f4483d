"""Reads a scenario file; says of what is wrong in it at which line, in which field, and what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from rehearsal.scenario.acts import PutPolicy
from rehearsal.scenario.entries import did_you_mean, policy_text
from rehearsal.scenario.files import Problem, unusable
from rehearsal.scenario.harsh import under_harsh_answers
from rehearsal.scenario.model import Scenario
from rehearsal.scenario.unusable import Unusable


class ScenarioError(Unusable):
    """A scenario file that cannot be used; `problems` are sentences that start with `file:line: field:`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_scenario(path: Path, harsh: bool = False) -> Scenario:
    """The scenario in a YAML file, or the same under the harsh answers. Paths inside it are relative to the file.

    Raises ScenarioError when the file is missing, is not YAML, or does not say what a scenario must say.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError([f"{path}: cannot be read: {error.strerror}"]) from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ScenarioError([f"{path}:{line}: not valid YAML: {error.problem}"]) from error
    if root is None or not isinstance(document, dict):
        raise ScenarioError([f"{path}:1: a scenario is a mapping with the fields {', '.join(Scenario.model_fields)}"])
    problems = [f"{path}:{line}: {text}" for line, text in _repeated_keys(root)]
    if problems:
        raise ScenarioError(problems)
    try:
        scenario = Scenario.model_validate(document)
        if harsh:
            scenario = Scenario.model_validate(under_harsh_answers(document))
    except ValidationError as error:
        raise ScenarioError([_sentence(path, root, dict(problem)) for problem in error.errors()]) from error
    folder = path.parent
    wrong = list(unusable(scenario, folder)) or list(_unknown_endpoints(scenario, document, folder))
    if wrong:
        located = [(*_locate(root, location), said) for location, said in wrong]
        raise ScenarioError([f"{path}:{line}: {field}: {said}" for line, field, said in located])
    return scenario


def _unknown_endpoints(scenario: Scenario, document: dict[str, Any], folder: Path) -> Iterator[Problem]:
    """Where traffic or an expectation names an endpoint that no policy has, that the scenario does not begin with, and
    that no act makes. What a person asks for in an act may be as wrong as it likes."""
    known = sorted({*(each.name for each in scenario.endpoints), *_endpoints_in(_texts(scenario, folder))})
    for part in ("traffic", "expect"):
        for number, entry in enumerate(document.get(part, [])):
            for field in ("endpoint", "one_at_a_time"):
                name = entry.get(field)
                if isinstance(name, str) and name not in known:
                    every = f"Known: {', '.join(known)}" if known else "The scenario has none."
                    yield (part, number, field), f"no endpoint {name}{did_you_mean([name], known)} {every}"


def _texts(scenario: Scenario, folder: Path) -> Iterator[str]:
    """All policies and requests of a scenario."""
    for policy in scenario.policies:
        yield policy_text(policy, folder)
    for act in scenario.timeline:
        yield act.put_policy.words(folder) if isinstance(act, PutPolicy) else act.model_dump_json()


def _endpoints_in(texts: Iterable[str]) -> Iterator[str]:
    """By their look, because a scenario may be about a policy that cannot be read."""
    for text in texts:
        yield from re.findall(r"""(?:endpoint|EndpointName)["']?\s*:\s*["']?([A-Za-z0-9-]+)""", text)


def _sentence(path: Path, root: yaml.Node, problem: dict[str, Any]) -> str:
    said = problem["msg"]
    location = (*problem["loc"], *problem.get("ctx", {}).get("field", ()))
    if problem["type"] == "missing":
        said = "is missing"
    elif problem["type"] == "value_error":
        said = str(problem["ctx"]["error"])
    line, field = _locate(root, location)
    return f"{path}:{line}: {field}: {said}"


def _locate(root: yaml.Node, location: tuple[int | str, ...]) -> tuple[int, str]:
    """The line of an error location, or of what is written nearest around it, and its path as people write it."""
    node, line, written = root, root.start_mark.line + 1, ""
    for last, step in enumerate(location, 1 - len(location)):
        child = _child(node, step)
        if child is None and (last < 0 or not isinstance(node, yaml.MappingNode)):
            continue  # a member of a union, which the file does not name; what is missing comes last
        written = f"{written}[{step}]" if isinstance(step, int) else f"{written}.{step}".lstrip(".")
        if child is not None:
            line, node = child
    return line, written


def _child(node: yaml.Node, step: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if str(key.value) == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None


def _repeated_keys(node: yaml.Node) -> Iterator[tuple[int, str]]:
    """YAML readers let the last of two equal keys win in silence; a scenario should not."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.start_mark.line + 1, f"{key.value}: written twice in one mapping"
            seen.add(str(key.value))
            yield from _repeated_keys(value)
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item)
