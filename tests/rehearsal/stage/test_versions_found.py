"""A version is found by its number, on whichever page of the registry's list it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.account.gateway import Call
from rehearsal.playing import rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.world import World
from tests.rehearsal.stage.test_told_once import WRITTEN

VERSIONS = 105
"""Two pages of the list, newest first."""


def asked(version: int, arns: str) -> list[Call]:
    """What `observe` calls for a dry run of a version, in a group with many."""
    request = {"action": "dry_run", "group": "digits", "version": version}
    written = WRITTEN | {
        "faults": [],
        "unsure": {"sagemaker": {"package_arns": arns}},
        "timeline": [{"at": "1m", "operate": request}],
    }
    result = rehearse(Scenario.model_validate(written), Path(), prepare=register).result
    return [call for call in result.calls if ":interlock-observe:" in call.caller.execution]


def register(world: World) -> None:
    world.ask("sagemaker", "CreateModelPackageGroup", ModelPackageGroupName="digits")
    for _ in range(VERSIONS):
        world.ask("sagemaker", "CreateModelPackage", ModelPackageGroupName="digits")


@pytest.mark.parametrize("arns", ["lower case", "as written"])
@pytest.mark.parametrize("version", [1, VERSIONS])
def test_a_version_is_described_by_the_arn_that_the_registry_lists(version: int, arns: str) -> None:
    described = [
        call.request["ModelPackageName"] for call in asked(version, arns) if call.operation == "DescribeModelPackage"
    ]

    assert [name.rpartition("model-package/")[2] for name in described] == [f"digits/{version}"]


def test_a_version_that_no_page_has_is_not_described() -> None:
    operations = [call.operation for call in asked(VERSIONS + 1, "as written")]

    assert "DescribeModelPackage" not in operations
    assert operations.count("ListModelPackages") == 2
