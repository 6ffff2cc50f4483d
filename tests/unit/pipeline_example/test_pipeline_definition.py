"""The emitted definitions fit the scripts and create.py."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.pipeline_example.loading import FOLDER, script

DEFINITIONS = ("definition.json", "definition-on-demand.json")
# What Interlock passes when a pipeline declares it.
PASSED = {
    *("SignalKind", "SignalEvidence", "ChampionVersion", "ChampionModelData"),
    *("DataWindowStart", "DataWindowEnd", "RetrainingName"),
}


def read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())


def all_steps(definition: Any) -> dict[str, Any]:
    found = {}
    for step in definition["Steps"]:
        found[step["Name"]] = step
        found |= {each["Name"]: each for each in step["Arguments"].get("IfSteps", [])}
    return found


def joins(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict):
        if "Std:Join" in value:
            yield value["Std:Join"]["Values"]
        for each in value.values():
            yield from joins(each)
    elif isinstance(value, list):
        for each in value:
            yield from joins(each)


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_file_of_the_code_folder_that_a_step_reads_is_uploaded(name: str, tmp_path: Path) -> None:
    monitor = tmp_path / "monitor.py"
    monitor.write_text("")
    uploaded = script("create").scripts(str(monitor))
    wanted = {"/".join(rest) for first, *rest in joins(read(name)) if first == {"Get": "Parameters.Code"}}

    assert wanted == set(uploaded) - {"monitor.py"}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_it_declares_what_interlock_passes_and_create_gives_the_rest_defaults(name: str) -> None:
    parameters = {each["Name"]: each for each in read(name)["Parameters"]}
    without = {key for key, each in parameters.items() if "DefaultValue" not in each}

    assert set(parameters) >= PASSED
    assert without == {"Code", "Monitor", "InputData", "Output", "Role", "Image"}
    filled = json.loads(script("create").definition((FOLDER / name).read_text(), dict.fromkeys(without, "x")))
    assert all(each["DefaultValue"] not in (None, "") for each in filled["Parameters"])
    assert filled["Steps"] == read(name)["Steps"]


def test_the_two_definitions_differ_in_spot_alone() -> None:
    spot, on_demand = (all_steps(read(name)) for name in DEFINITIONS)
    train = spot["Train"]["Arguments"]
    assert train.pop("EnableManagedSpotTraining") is True
    assert train.pop("CheckpointConfig")["LocalPath"] == "/opt/ml/checkpoints"
    assert train["StoppingCondition"].pop("MaxWaitTimeInSeconds") == {"Get": "Parameters.MaxWaitSeconds"}
    assert spot["Train"] == on_demand["Train"]
    assert {name: step["Type"] for name, step in spot.items()} == {n: step["Type"] for n, step in on_demand.items()}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_the_evaluation_is_told_of_the_champion(name: str) -> None:
    arguments = all_steps(read(name))["Evaluate"]["Arguments"]["AppSpecification"]["ContainerArguments"]
    for flag, parameter in (("--champion-version", "ChampionVersion"), ("--champion-model", "ChampionModelData")):
        assert arguments[arguments.index(flag) + 1] == {"Get": f"Parameters.{parameter}"}


def test_no_place_that_an_execution_writes_begins_another() -> None:
    """S3 goes by prefixes: .../baseline would also read .../baselines/bias/analysis.json."""
    places = set()
    for step in all_steps(read("definition.json")).values():
        for output in step["Arguments"].get("ProcessingOutputConfig", {}).get("Outputs", []):
            _, _, *rest = output["S3Output"]["S3Uri"]["Std:Join"]["Values"]
            places.add("/".join(rest))
    assert not [(one, other) for one in places for other in places if one != other and other.startswith(one)]


def test_the_register_step_names_metrics_and_all_four_baselines() -> None:
    arguments = all_steps(read("definition.json"))["Churn-RegisterModel"]["Arguments"]
    assert arguments["ModelApprovalStatus"] == "PendingManualApproval"
    assert set(arguments["DriftCheckBaselines"]) == {"ModelDataQuality", "ModelQuality", "Bias", "Explainability"}
    assert "Statistics" in arguments["ModelMetrics"]["ModelQuality"]


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.name)
def test_scripts_are_python_3_10(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 10))


def test_the_same_scripts_are_packed_to_the_same_bytes() -> None:
    packed = script("create").packed
    assert packed({"a": b"1", "b": b"2"}) == packed({"b": b"2", "a": b"1"}) != packed({"a": b"1", "b": b"3"})


def test_a_region_without_an_image_is_refused() -> None:
    assert script("create").image("eu-west-1").startswith("141502667606.dkr.ecr.eu-west-1.")
    with pytest.raises(SystemExit, match="moon-1"):
        script("create").image("moon-1")
