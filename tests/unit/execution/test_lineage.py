"""What SageMaker's lineage is told of a retraining and a release, and in which order."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.execution.lineage import LONGEST_PROPERTY, Lineage, Progress, plan_lineage
from tests.unit.awsmodel import input_of, unfit

PACKAGE = "arn:aws:sagemaker:eu-central-1:111122223333:model-package/Churn/8"
EVIDENCE = "s3://monitoring/results/churn/inputs/2026/01/06/12/constraint_violations.json"
OF_ACTION = "arn:aws:sagemaker:eu-central-1:111122223333:action/interlock-retraining-churn-20260106-47863647"
OF_RELEASE = "arn:aws:sagemaker:eu-central-1:111122223333:action/interlock-release-churn-v8-1"
OF_PACKAGE = "arn:aws:sagemaker:eu-central-1:111122223333:artifact/8888"
OF_EVIDENCE = "arn:aws:sagemaker:eu-central-1:111122223333:artifact/eeee"
RETRAINING: dict[str, Any] = {
    "kind": "Retraining",
    "name": "churn-20260106-47863647",
    "execution": "arn:aws:states:eu-central-1:111122223333:execution:interlock-retrain:churn-20260106-47863647",
    "group": "churn",
    "version": 8,
    "endpoint": "churn-live",
    "package": PACKAGE,
    "evidence": EVIDENCE,
    "training": "arn:aws:sagemaker:eu-central-1:111122223333:pipeline/churn-train/execution/94r4p9ux3ujj",
    "failed": False,
    "reason": "GatePassed",
    "sentence": "Version 8 is better.",
}
RELEASE: dict[str, Any] = RETRAINING | {
    "kind": "Release",
    "name": "churn-v8-1",
    "execution": "arn:aws:states:eu-central-1:111122223333:execution:interlock-deliver:churn-v8-1",
    "evidence": "",
    "training": "",
    "reason": "Delivered",
}


def seen(action: str = "", **artifacts: list[str] | None) -> dict[str, Any]:
    """What observe answers: the ARNs for ``evidence`` and ``package``, None where it could not look."""
    sources = {"evidence": EVIDENCE, "package": PACKAGE}
    return {
        "packages": [{"found": {"ModelPackageArn": PACKAGE}}],
        "lineage": {
            "action": {"found": {"ActionArn": action}} if action else {"error": "SageMaker.ResourceNotFoundException"},
            "artifacts": [
                {"source": sources[name], "error": "Busy"} if arns is None else {"source": sources[name], "arns": arns}
                for name, arns in artifacts.items()
            ],
        },
    }


def told(tracked: dict[str, Any], looks: int = 0, found: Any = None, written: Any = ()) -> Lineage:
    task = {"tracked": tracked, "looks": looks, "seen": found or {}, "written": list(written)}
    return plan_lineage(cast(Progress, task))


def written(plan: Lineage, *arns: str, refused: str = "") -> list[dict[str, Any]]:
    """The writes of ``plan`` as act answered them: with these ARNs in order, or refused."""
    given = [*arns, *[""] * len(plan["writes"])]
    return [{**each, "arn": arn, "refused": refused} for each, arn in zip(plan["writes"], given, strict=False)]


def links(plan: Lineage) -> list[tuple[str, str, str]]:
    assert {each["action"] for each in plan["writes"]} <= {"AddAssociation"}
    requests = [each["request"] for each in plan["writes"]]
    return [(each["SourceArn"], each["AssociationType"], each["DestinationArn"]) for each in requests]


def test_before_anything_is_written_it_is_looked_for() -> None:
    plan = told(RETRAINING)
    assert (plan["next"], plan["writes"]) == ("Look", [])
    assert plan["look"] == {
        "packages": [PACKAGE],
        "lineage": {"action": "interlock-retraining-churn-20260106-47863647", "sources": [EVIDENCE]},
    }
    assert told(RELEASE)["look"]["lineage"] == {"action": "interlock-release-churn-v8-1", "sources": []}


def test_of_a_retraining_the_action_and_what_was_found_are_made() -> None:
    plan = told(RETRAINING, 1, seen(evidence=[], package=[OF_PACKAGE]))
    action, artifact = plan["writes"]
    assert action["request"] == {
        "ActionName": "interlock-retraining-churn-20260106-47863647",
        "ActionType": "Retraining",
        "Source": {"SourceUri": RETRAINING["execution"]},
        "Status": "Completed",
        "Properties": {
            "Group": "churn",
            "Version": "8",
            "Endpoint": "churn-live",
            "Reason": "GatePassed",
            "Sentence": "Version 8 is better.",
            "Training": RETRAINING["training"],
        },
    }
    assert artifact["request"] == {"ArtifactType": "DataSet", "Source": {"SourceUri": EVIDENCE}}


def test_what_was_found_led_to_the_retraining_and_that_to_the_version() -> None:
    found = seen(evidence=[], package=[OF_PACKAGE])
    made = written(told(RETRAINING, 1, found), OF_ACTION, OF_EVIDENCE)
    plan = told(RETRAINING, 1, found, made)
    assert links(plan) == [(OF_EVIDENCE, "ContributedTo", OF_ACTION), (OF_ACTION, "Produced", OF_PACKAGE)]
    end = told(RETRAINING, 1, found, made + written(plan))
    assert end["next"] == "End"
    assert end["document"]["written"] == ["CreateAction", "CreateArtifact", "AddAssociation", "AddAssociation"]


def test_the_version_led_to_its_release() -> None:
    found = seen(package=[OF_PACKAGE])
    made = written(told(RELEASE, 1, found), OF_RELEASE)
    assert [each["request"]["ActionType"] for each in made] == ["ModelDeployment"]
    assert links(told(RELEASE, 1, found, made)) == [(OF_PACKAGE, "ContributedTo", OF_RELEASE)]


def test_a_release_that_was_rolled_back_has_failed() -> None:
    (action,) = told(RELEASE | {"failed": True}, 1, seen(package=[OF_PACKAGE]))["writes"]
    assert action["request"]["Status"] == "Failed"


def test_an_artifact_that_sagemaker_did_not_make_is_made() -> None:
    plan = told(RELEASE, 1, seen(OF_RELEASE, package=[]))
    (artifact,) = plan["writes"]
    assert artifact["request"] == {"ArtifactType": "Model", "Source": {"SourceUri": PACKAGE}}


def test_what_is_there_already_is_not_made_again() -> None:
    plan = told(RETRAINING, 1, seen(OF_ACTION, evidence=[OF_EVIDENCE], package=[OF_PACKAGE]))
    assert links(plan) == [(OF_EVIDENCE, "ContributedTo", OF_ACTION), (OF_ACTION, "Produced", OF_PACKAGE)]


def test_a_name_that_is_taken_is_looked_for_once_more() -> None:
    """The answer of the first attempt may be lost."""
    found = seen(package=[OF_PACKAGE])
    made = written(told(RELEASE, 1, found), refused="Action with that name already exists.")
    assert told(RELEASE, 1, found, made)["next"] == "Look"
    assert links(told(RELEASE, 2, seen(OF_RELEASE, package=[OF_PACKAGE]), made))
    assert told(RELEASE, 2, found, made)["next"] == "End"


def test_what_could_not_be_looked_for_is_not_made() -> None:
    found = seen(evidence=None, package=None)
    made = written(told(RETRAINING, 1, found), OF_ACTION)
    assert [each["action"] for each in made] == ["CreateAction"]
    end = told(RETRAINING, 1, found, made)
    assert (end["next"], end["document"]["refused"]) == ("End", ["ListArtifacts: Busy", "ListArtifacts: Busy"])


def test_without_its_package_a_release_is_an_action_alone() -> None:
    found = {"packages": [{"error": "SageMaker.SageMakerException", "cause": "It does not exist."}], "lineage": {}}
    end = told(RELEASE, 1, found, written(told(RELEASE, 1, found), OF_RELEASE))
    assert (end["next"], end["document"]["refused"]) == ("End", ["DescribeModelPackage: It does not exist."])


def test_an_association_is_tried_once() -> None:
    found = seen(OF_RELEASE, package=[OF_PACKAGE])
    tried = written(told(RELEASE, 1, found), refused="Rate exceeded")
    end = told(RELEASE, 1, found, tried)
    assert (end["next"], end["document"]) == ("End", {"written": [], "refused": ["AddAssociation: Rate exceeded"]})


@given(
    some.sampled_from([RETRAINING, RELEASE]),
    some.text(min_size=1, max_size=80),
    some.text(max_size=3000),
    some.text(max_size=200),
)
def test_whatever_it_is_told_aws_takes_the_requests(of: dict[str, Any], name: str, sentence: str, reason: str) -> None:
    tracked = of | {"name": name, "sentence": sentence, "reason": reason}
    for write in told(tracked, 1, seen(evidence=[], package=[]))["writes"]:
        assert unfit(input_of("sagemaker", write["action"]), write["request"]) == []


@pytest.mark.parametrize("length", [LONGEST_PROPERTY, LONGEST_PROPERTY + 1])
def test_a_sentence_fits_a_property(length: int) -> None:
    (action,) = told(RELEASE | {"sentence": "x" * length}, 1, seen(package=[OF_PACKAGE]))["writes"]
    assert len(action["request"]["Properties"]["Sentence"]) == LONGEST_PROPERTY
