"""What a scenario covers, as far as it says so itself: playing it proves every word of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal.scenario.entries import policy_text
from rehearsal.scenario.expectations.releases import ReleaseEnds
from rehearsal.scenario.model import Scenario
from rehearsal.scenario.reading import read_scenario
from rehearsal.scenario.unusable import Unusable

_RELEASE = re.compile(r"(?P<group>.+)-v\d+-\d+")
"""The id of a release: its group, its version, and which attempt it is."""

_BEGINS = re.compile(r"^scenario:", re.MULTILINE)


@dataclass(frozen=True, order=True)
class Ending:
    """How a release ended: on which kind of hosting, by which strategy, and how its traffic was moved. "" is not
    known: the scenario expects nothing of it."""

    hosting: str
    strategy: str
    traffic: str
    outcome: str


def endings(scenario: Scenario, folder: Path) -> tuple[Ending, ...]:
    """Those of the releases whose outcome a scenario expects, whose paths begin in ``folder``."""
    hosting = dict(_hosting(scenario, folder))
    return tuple(
        Ending(hosting.get(_group(each.release), ""), each.strategy or "", each.traffic or "", each.outcome)
        for each in scenario.expect
        if isinstance(each, ReleaseEnds) and each.outcome
    )


def scenarios_in(folder: Path) -> list[Path]:
    """The scenario files under a folder, in order; policies and other files that lie there are left out. Raises
    Unusable where there is no folder, or no scenario in it."""
    if not folder.is_dir():
        raise Unusable(f"{folder}: there is no such folder")
    found = [file for file in sorted(folder.rglob("*.yaml")) if _BEGINS.search(file.read_text(encoding="utf-8"))]
    if not found:
        raise Unusable(f"{folder}: no scenario is in it; a scenario is a YAML file with the field scenario")
    return found


def covered(file: Path) -> dict[str, Any]:
    """What one file covers, as `list --json` says it. Raises ScenarioError."""
    scenario = read_scenario(file)
    found = endings(scenario, file.parent)
    return {
        "scenario": scenario.scenario,
        "file": str(file),
        "about": scenario.about,
        "hosting": _different(each.hosting for each in found),
        "strategy": _different(each.strategy for each in found),
        "traffic": _different(each.traffic for each in found),
        "ends": _different(each.outcome for each in found),
        "releases": [vars(each) for each in found],
    }


MOVED = {
    "native": "SageMaker's guardrails",
    "weights": "variant weights",
    "swap": "one update",
    "pointer": "what callers are told to name",
}
"""Ways to move traffic from one version to the next, in words."""


def matrix(listed: list[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, str]]:
    """For each hosting, strategy and way to move traffic: the first scenario that shows each outcome."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    for each in listed:
        for ending in each["releases"]:
            cell = ending["hosting"], ending["strategy"], ending["traffic"]
            if all(cell) and ending["traffic"] in MOVED:
                found.setdefault(cell, {}).setdefault(ending["outcome"], each["scenario"])
    return dict(sorted(found.items()))


def as_markdown(listed: list[dict[str, Any]]) -> str:
    """The matrix as the table of README.md, with the command that plays each cell."""
    rows = [
        f"| {hosting} | `{strategy}` | {MOVED[way]} | {_command(ends, 'Succeeded')} | {_command(ends, 'RolledBack')} |"
        for (hosting, strategy, way), ends in matrix(listed).items()
    ]
    head = "| hosting | strategy | traffic is moved by | a good version | a bad one is rolled back |"
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def _command(ends: Mapping[str, str], outcome: str) -> str:
    return f"`make scenario NAME={ends[outcome]}`" if outcome in ends else "-"


def _different(values: Iterator[str]) -> list[str]:
    return sorted({value for value in values if value})


def _group(release: str) -> str:
    found = _RELEASE.fullmatch(release)
    return found["group"] if found else ""


def _hosting(scenario: Scenario, folder: Path) -> Iterator[tuple[str, str]]:
    """The kind of hosting of each group, by its policy. A scenario may be about a policy that cannot be read."""
    for policy in scenario.policies:
        try:
            written = yaml.safe_load(policy_text(policy, folder))
            yield str(written["model_package_group"]).lower(), _kind(written["stages"][0]["hosting"])
        except (yaml.YAMLError, KeyError, IndexError, TypeError):
            continue


def _kind(hosting: Mapping[str, Any]) -> str:
    return str(hosting.get("kind", "realtime"))
