"""Every way to release is rehearsed with a good and a bad version, or refused by name; README has them all."""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from interlock.hosting.realtime import Realtime
from interlock.hosting.registry import AnyHosting
from interlock.model.kinds import kinds_of
from interlock.policy.agreement import possible_ways
from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from interlock.strategies.registry import AnyStrategy
from rehearsal.__main__ import main
from rehearsal.scenario.coverage import MOVED, as_markdown, covered, matrix, scenarios_in
from rehearsal.scenario.reading import read_scenario
from tests.rehearsal.proofs.rehearsals import FOLDER, ROOT, SCENARIOS

HOSTING: dict[str, dict[str, Any]] = {
    "realtime": {"instance_type": "ml.m5.large", "instances": 4},
    "async": {"instance_type": "ml.m5.large", "instances": 4, "output": "s3://results/churn"},
    "serverless": {"memory_mb": 2048, "max_concurrency": 5},
    "multi_model": {"instance_type": "ml.m5.large", "instances": 4, "prefix": "s3://models/multi-model/churn"},
    "batch": {
        "instance_type": "ml.m5.large",
        "sample": {"input": "s3://models/samples/churn.csv", "sha256": "0" * 64},
    },
    "inference_components": {"component": "churn-v", "memory_mb": 1024, "copies": 4, "instance_type": "ml.m5.large"},
}
STRATEGIES: dict[str, dict[str, Any]] = {
    "all_at_once": {},
    "canary": {"steps": [25]},
    "linear": {"step": 25},
    "rolling": {"batch": 25},
    "shadow": {"sampling": "50%"},
    "ab_test": {"duration": "1h", "winner": "person"},
}
ONLY = {"rolling": "native", "ab_test": "weights"}
"""How traffic moves by strategies that leave a policy no choice."""


@cache
def all_covered() -> list[dict[str, Any]]:
    return [covered(file) for file in scenarios_in(FOLDER)]


def refused(hosting: str, strategy: str, way: str) -> str:
    """Why a policy may not ask for this; empty if it may."""
    asked = {"traffic": way} if way in ("native", "weights") and way != ONLY.get(strategy) else {}
    stage = {
        "endpoint": "churn",
        "hosting": {"kind": hosting, **HOSTING[hosting]},
        "strategy": {"kind": strategy, **STRATEGIES[strategy], **asked},
        **({"smoke": {"body": "1,2"}} if hosting == "multi_model" else {}),
    }
    try:
        read_policy(json.dumps({"model_package_group": "churn", "stages": [stage]}), "churn")
    except PolicyError as error:
        return str(error)
    return ""


def ways(hosting: str, strategy: str) -> list[str]:
    """The ways to move traffic that the policy leaves possible, whatever the endpoint is."""
    asked: Any = TypeAdapter(AnyHosting).validate_python({"kind": hosting, **HOSTING[hosting]})
    by: Any = TypeAdapter(AnyStrategy).validate_python({"kind": strategy, **STRATEGIES[strategy]})
    return possible_ways(asked, by)


ALL = list(product(HOSTING, STRATEGIES, MOVED))
POSSIBLE = {cell for cell in ALL if cell[2] in ways(*cell[:2]) and not refused(*cell)}


def test_every_kind_has_an_example_here() -> None:
    assert HOSTING.keys() == kinds_of(AnyHosting).keys()
    assert STRATEGIES.keys() == kinds_of(AnyStrategy).keys()


@pytest.mark.parametrize("cell", sorted(POSSIBLE))
def test_what_a_policy_may_ask_for_is_rehearsed_with_a_good_and_a_bad_version(cell: tuple[str, str, str]) -> None:
    assert {"Succeeded", "RolledBack"} <= matrix(all_covered()).get(cell, {}).keys()


def test_nothing_is_rehearsed_that_a_policy_may_not_ask_for() -> None:
    assert matrix(all_covered()).keys() <= POSSIBLE


@pytest.mark.parametrize("cell", sorted(set(ALL) - POSSIBLE))
def test_what_aws_does_not_allow_is_refused_with_a_remedy(cell: tuple[str, str, str]) -> None:
    if cell[2] not in ("swap", "pointer"):  # which nobody can ask for
        assert re.search(r"write|leave|no such field", refused(*cell))


def test_the_readme_has_the_matrix() -> None:
    assert as_markdown(all_covered()) in (ROOT / "README.md").read_text(encoding="utf-8"), (
        "python -m rehearsal list --markdown"
    )


def test_the_list_says_what_each_scenario_covers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", str(FOLDER), "--json"]) == 0
    listed = {each["scenario"]: each for each in json.loads(capsys.readouterr().out)}
    assert len(listed) == len(SCENARIOS)
    known = {name: listed["rolling-rolled-back"][name] for name in ("hosting", "strategy", "traffic", "ends")}
    assert known == {
        "hosting": ["realtime"],
        "strategy": ["rolling"],
        "traffic": ["native"],
        "ends": ["RolledBack", "Succeeded"],
    }


def test_a_folder_without_scenarios_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", str(FOLDER / "policies")]) == 2
    assert "no scenario is in it" in capsys.readouterr().err


@pytest.mark.parametrize("mode", ["serial", "direct"])
def test_each_way_to_reach_several_containers_is_rehearsed_with_a_good_and_a_bad_version(mode: str) -> None:
    """They move traffic as one container does, so they have no rows of their own; README names them below."""
    assert {"type": "string", "enum": ["serial", "direct"]} in Realtime.model_json_schema()["properties"]["mode"][
        "anyOf"
    ]
    policies = {file.name for file in (FOLDER / "policies").glob("*.yaml") if f"mode: {mode}" in file.read_text()}
    shown = [each for each in all_covered() if policies & _policies(each["file"])]
    assert {"Succeeded", "RolledBack"} <= {end for each in shown for end in each["ends"]}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`make scenario NAME={each['scenario']}`" in readme for each in shown)


def _policies(file: str) -> set[str]:
    """The names of the files of a scenario's policies."""
    return {policy.rpartition("/")[2] for policy in read_scenario(Path(file)).policies if isinstance(policy, str)}
