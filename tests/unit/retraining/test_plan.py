from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from interlock.execution.retrainings import plan_retraining
from tests.unit.awsmodel import input_of, unfit
from tests.unit.retraining.trained import MACHINE, NAME, NOW, TEMPLATE, pipeline, task

EVERY = ("SignalKind", "SignalEvidence", "ChampionVersion", "DataWindowStart", "DataWindowEnd", "RetrainingName")
ARTIFACT = "s3://models/churn/7/model.tar.gz"


def package(url: Any = ARTIFACT) -> dict[str, Any]:
    """What ``observe`` answers about a version with this artifact."""
    return {"found": {"InferenceSpecification": {"Containers": [{"ModelDataUrl": url}]}}}


def planned(retraining: dict[str, Any] | None, **fields: Any) -> dict[str, Any]:
    return dict(plan_retraining(task(retraining, **fields)))  # type: ignore[arg-type]


def request(retraining: dict[str, Any], service: str = "sagemaker", **fields: Any) -> dict[str, Any]:
    """The request that starts the training; it fits botocore's model."""
    start = planned(retraining, **fields)["start"]
    assert unfit(input_of(service, start["action"]), start["request"]) == []
    return dict(start["request"])


def parameters(asked: dict[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in asked["PipelineParameters"]}


def test_a_pipeline_is_looked_at_before_it_is_started() -> None:
    answer = planned({"pipeline": "churn-train"})
    assert answer["status"] == "Look"
    assert answer["look"] == {"action": "DescribePipeline", "request": {"PipelineName": "churn-train"}}
    assert "start" not in answer


def test_a_pipeline_gets_the_parameters_that_it_declares_and_no_others() -> None:
    section = {"pipeline": "churn-train", "parameters": {"Depth": 3, "Spot": True, "Rate": 0.0005}}
    asked = request(section, pipeline=pipeline("SignalKind", "ChampionVersion", "Depth", "Spot", "Rate", "Other"))
    assert parameters(asked) == {
        "SignalKind": "data_quality",
        "ChampionVersion": "7",
        "Depth": "3",
        "Spot": "true",
        "Rate": "0.0005",
    }
    every = request({"pipeline": "churn-train"}, pipeline=pipeline(*EVERY))
    assert parameters(every)["DataWindowStart"] == "2026-01-01T00:00:00Z"
    assert parameters(every)["DataWindowEnd"] == NOW
    assert parameters(every)["RetrainingName"] == NAME


def test_a_pipeline_that_declares_it_gets_the_artifact_of_the_champion() -> None:
    asked = request({"pipeline": "p"}, pipeline=pipeline("ChampionVersion", "ChampionModelData"), package=package())
    assert parameters(asked) == {"ChampionVersion": "7", "ChampionModelData": ARTIFACT}
    assert parameters(request({"pipeline": "p"}, pipeline=pipeline("Depth"), package=package())) == {}
    template = TEMPLATE | {"HyperParameters": {"champion": "{ChampionModelData}"}}
    assert request({"training_job": template}, package=package())["HyperParameters"] == {"champion": ARTIFACT}
    own = request({"state_machine": MACHINE}, "stepfunctions", package=package())
    assert json.loads(own["input"])["ChampionModelData"] == ARTIFACT


JUNK = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=2)
        | some.dictionaries(
            some.sampled_from(["found", "error", "InferenceSpecification", "Containers", "ModelDataUrl"]), inner
        )
    ),
    max_leaves=8,
)


@example({"error": "SageMaker.SageMakerException", "cause": "ModelPackage does not exist."})
@example(package(None))
@example(package("https://models/churn"))
@example({"found": {"InferenceSpecification": {"Containers": []}}})
@example({"found": {"InferenceSpecification": {"Containers": [{"ModelDataUrl": ARTIFACT}] * 2}}})
@given(JUNK)
def test_a_champion_whose_artifact_is_not_known_is_left_to_the_default(answer: Any) -> None:
    asked = request({"pipeline": "p"}, pipeline=pipeline("ChampionModelData", "ChampionVersion"), package=answer)
    assert parameters(asked) == {"ChampionVersion": "7"}


def test_without_a_champion_no_artifact_is_passed() -> None:
    asked = request({"pipeline": "p"}, pipeline=pipeline("ChampionModelData"), champion=None, package=package())
    assert parameters(asked) == {}


def test_what_is_unknown_is_left_to_the_default_and_not_sent_empty() -> None:
    signal = {"kind": "calendar", "evidence": "", "sentence": "A week is over."}
    asked = request({"pipeline": "p"}, pipeline=pipeline(*EVERY), champion=None, signal=signal)
    assert set(parameters(asked)) == {"SignalKind", "DataWindowEnd", "RetrainingName"}


def test_a_constant_of_the_policy_comes_before_what_interlock_knows() -> None:
    section = {"pipeline": "p", "parameters": {"DataWindowStart": "2025-01-01"}}
    asked = request(section, pipeline=pipeline(*EVERY), window={"start": "2024-01-01", "end": "2024-02-01"})
    assert parameters(asked)["DataWindowStart"] == "2025-01-01"
    assert parameters(asked)["DataWindowEnd"] == "2024-02-01"


def test_a_second_attempt_asks_the_same_with_the_same_token() -> None:
    first, again = (request({"pipeline": "p"}, pipeline=pipeline(*EVERY)) for _ in range(2))
    assert first == again
    other = request({"pipeline": "p"}, pipeline=pipeline(*EVERY), name="churn-20260105-ffffffff")
    assert other["ClientRequestToken"] != first["ClientRequestToken"]
    assert 32 <= len(first["ClientRequestToken"]) <= 128


@given(name=some.text(max_size=120), sentence=some.text(max_size=4000))
def test_whatever_the_name_and_the_sentence_the_requests_fit(name: str, sentence: str) -> None:
    fields: dict[str, Any] = {"name": name, "signal": {"kind": "bias", "evidence": "", "sentence": sentence}}
    request({"pipeline": "p"}, pipeline=pipeline(), **fields)
    request({"training_job": TEMPLATE}, **fields)
    request({"state_machine": MACHINE}, "stepfunctions", **fields)


@pytest.mark.parametrize(
    ("section", "answer", "words"),
    [
        ({"parameters": {"Deep": 3}}, pipeline("Depth"), "declares no parameter Deep; it declares Depth"),
        ({}, pipeline("Depth", Data="String"), "needs Data, which has no default"),
        ({}, {"error": "X", "cause": "Pipeline churn-train does not exist."}, "could not be read: Pipeline churn"),
        (
            {},
            {"error": "X", "cause": "It is gone. (Service: SageMaker, Status Code: 400)"},
            "could not be read: It is gone.",
        ),
        ({}, {"found": {"PipelineDefinition": "{"}}, "not readable as JSON"),
        ({}, {"found": {"PipelineDefinition": "[]"}}, "not readable as JSON"),
        ({}, {"found": {}}, "not readable as JSON"),
    ],
)
def test_what_cannot_be_started_is_refused_with_the_name_of_the_fault(
    section: dict[str, Any], answer: dict[str, Any], words: str
) -> None:
    refused = planned({"pipeline": "churn-train"} | section, pipeline=answer)
    assert (refused["status"], refused["reason"]) == ("Refused", "RetrainingImpossible")
    assert words in refused["sentence"]
    assert "(Service: " not in refused["sentence"]
    assert words in refused["notice"]["body"]
    assert refused["notice"]["subject"] == "[Interlock] churn cannot be retrained"


def test_the_parameters_alone_are_enough_of_a_pipeline() -> None:
    asked = request({"pipeline": "p"}, pipeline={"found": {"parameters": ["SignalKind", "Depth"]}})
    assert parameters(asked) == {"SignalKind": "data_quality"}


def test_a_training_job_is_the_template_with_its_name_and_what_it_asks_for() -> None:
    asked = request({"training_job": TEMPLATE, "parameters": {"rounds": 100}})
    assert asked["TrainingJobName"] == f"interlock-{NAME}"
    assert asked["HyperParameters"] == {
        "depth": "3",
        "since": "2026-01-01T00:00:00Z",
        "champion": "v7",
        "rounds": "100",
    }
    assert asked["Tags"] == [
        {"Key": "interlock:stack", "Value": "interlock"},
        {"Key": "interlock:group", "Value": "churn"},
        {"Key": "interlock:retraining", "Value": NAME},
    ]
    assert planned({"training_job": TEMPLATE})["awaited"] == {"kind": "TrainingJob", "name": f"interlock-{NAME}"}


def test_a_template_that_asks_for_what_is_not_known_is_refused() -> None:
    refused = planned({"training_job": TEMPLATE}, champion=None)
    assert refused["reason"] == "RetrainingImpossible"
    assert "{DataWindowStart}" in refused["sentence"]


def test_a_machine_of_the_team_gets_all_of_it_as_input() -> None:
    asked = request({"state_machine": MACHINE, "parameters": {"depth": 3}}, "stepfunctions")
    assert (asked["stateMachineArn"], asked["name"]) == (MACHINE, NAME)
    told = json.loads(asked["input"])
    assert (told["group"], told["parameters"], told["ChampionVersion"]) == ("churn", {"depth": 3}, "7")


def test_without_a_policy_nothing_is_started() -> None:
    assert planned(None)["reason"] == "RetrainingNotConfigured"
    assert planned({"pipeline": "p"}, document=None)["reason"] == "PolicyMissing"
    assert planned({"pipeline": "p"}, document="- x")["reason"] == "PolicyInvalid"
