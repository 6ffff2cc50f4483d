"""What SageMaker's lineage shows after a retraining and a release, whatever AWS answers to what nobody could try."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.account.gateway import Fault
from rehearsal.playing import rehearse
from rehearsal.scenario.model import Scenario
from rehearsal.world import World

ROOT = Path(__file__).parents[3]
EVIDENCE = "s3://monitoring/results/Churn/inputs/2026/01/06/12/constraint_violations.json"
TOLD: dict[str, Any] = {"group": "Churn", "version": 1, "endpoint": "churn", "failed": False, "sentence": "It is."}
RETRAINING = {"kind": "Retraining", "name": "Churn-20260106-47863647", "reason": "GatePassed", "evidence": EVIDENCE}
RELEASE = {"kind": "Release", "name": "Churn-v1-1", "reason": "Delivered", "evidence": ""}
WHOLE = ["interlock-release-Churn-v1-1", "Model", "interlock-retraining-Churn-20260106-47863647", "DataSet"]
WITHOUT_ARTIFACTS = WHOLE[:1]
WITHOUT_EVIDENCE = WHOLE[:3]

ANSWERS = [
    dict(zip(("package_artifact", "create_artifact", "repeated_association", "lineage_arns"), each, strict=True))
    for each in itertools.product(
        ("made", "absent"), ("anywhere", "inside SageMaker"), ("taken", "refused"), ("lower case", "as given")
    )
]


def account(**unsure: str) -> World:
    """An account with one version of Churn, in which nothing happens."""
    scenario = {
        "scenario": "tracking",
        "about": "Somebody registers a version.",
        "start": "2026-01-05T09:00:00Z",
        "lasts": "1m",
        "unsure": {"sagemaker": unsure},
        "timeline": [{"at": "0m", "register": {"group": "Churn", "model": "plain"}}],
        "expect": [{"requests_lost": 0}],
    }
    return rehearse(Scenario.model_validate(scenario), ROOT / "scenarios").world


def track(world: World, tracked: dict[str, Any]) -> dict[str, list[str]]:
    """What the machine answers."""
    package = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/churn/1"
    ids = {"execution": f"arn:aws:states:eu-west-1:123456789012:execution:x:{tracked['name']}", "training": ""}
    given = json.dumps(TOLD | ids | {"package": package} | tracked)
    answer = world.ask("stepfunctions", "StartSyncExecution", stateMachineArn=world.machine("track"), input=given)
    assert answer["status"] == "SUCCEEDED", answer
    return dict(json.loads(answer["output"]))


def led_to(world: World, action: str) -> list[str]:
    """What QueryLineage would show before an action: names, or types where there is no name."""
    actions = [each for each in world.sagemaker.lineage.entities.values() if each.name == action]
    if not actions:
        return []
    shown, end = [each.name for each in actions], actions[0].arn
    while found := world.ask("sagemaker", "ListAssociations", DestinationArn=end)["AssociationSummaries"]:
        (before,) = found
        end = before["SourceArn"]
        shown.append(before.get("SourceName", before["SourceType"]))
    return shown


def whole(answers: dict[str, str]) -> list[str]:
    if answers["create_artifact"] == "anywhere":
        return WHOLE
    return WITHOUT_EVIDENCE if answers["package_artifact"] == "made" else WITHOUT_ARTIFACTS


@pytest.mark.parametrize("answers", ANSWERS, ids=lambda answers: ", ".join(answers.values()))
def test_under_every_answer_lineage_shows_once_what_led_to_a_release(answers: dict[str, str]) -> None:
    world = account(**answers)
    for tracked in (RETRAINING, RELEASE):
        track(world, tracked)
    lineage = world.sagemaker.lineage
    before = list(lineage.entities), list(lineage.associations)
    assert led_to(world, WHOLE[0]) == whole(answers)

    for tracked in (RETRAINING, RELEASE):
        assert set(track(world, tracked)["written"]) <= {"AddAssociation"}
    assert (list(lineage.entities), list(lineage.associations)) == before


def test_a_release_without_a_retraining_shows_its_version() -> None:
    world = account()
    assert track(world, RELEASE) == {"written": ["CreateAction", "AddAssociation"], "refused": []}
    assert led_to(world, WHOLE[0]) == WHOLE[:2]


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        ("CreateAction", []),
        ("DescribeAction", WHOLE),
        ("CreateArtifact", WITHOUT_EVIDENCE),
        ("ListArtifacts", WITHOUT_ARTIFACTS),
        ("AddAssociation", WITHOUT_ARTIFACTS),
        ("DescribeModelPackage", WITHOUT_ARTIFACTS),
    ],
)
def test_a_refusal_takes_away_no_more_than_itself(operation: str, left: list[str]) -> None:
    world = account()
    world.gateway.inject([Fault("sagemaker", operation, "AccessDeniedException", "No.")])
    answers = [track(world, tracked) for tracked in (RETRAINING, RELEASE)]
    assert led_to(world, WHOLE[0]) == left
    refused = {each.partition(":")[0] for answer in answers for each in answer["refused"]}
    assert refused == ({operation} if left != WHOLE else set())


def test_an_action_that_was_not_seen_and_whose_name_is_taken_is_looked_for_again() -> None:
    world = account()
    world.gateway.inject([Fault("sagemaker", "AddAssociation", "ThrottlingException", "Rate exceeded")])
    track(world, RELEASE)
    world.gateway.inject([Fault("sagemaker", "DescribeAction", "ThrottlingException", "Rate exceeded", first=1)])
    track(world, RELEASE)
    assert led_to(world, WHOLE[0]) == WHOLE[:2]
