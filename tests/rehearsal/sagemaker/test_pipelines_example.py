"""examples/pipeline as it is, in the rehearsal: its definition interpreted, its scripts run, its model served."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.sagemaker import Options
from rehearsal.sagemaker.containers import Containers
from rehearsal.sagemaker.pipelines.example import FOLDER, register_twice
from tests.rehearsal.sagemaker.account import ROLE
from tests.rehearsal.sagemaker.example_pipeline import NAME, TOKEN, ExampleAccount, customers

EXECUTION = "SageMaker Model Building Pipeline Execution Status Change"
STEP = "SageMaker Model Building Pipeline Execution Step Status Change"
BASELINES = ["DataQualityBaseline", "ModelQualityBaseline", "BiasBaseline", "AttributionBaseline"]
COLUMNS = [
    *("tenure_months", "monthly_charge", "support_calls", "age", "data_gb", "minutes", "overdue_days"),
    *("contract", "region", "payment"),
]
SIGNAL = {
    "SignalKind": "data_quality",
    "SignalEvidence": "s3://monitoring/results/constraint_violations.json",
    "ChampionVersion": "7",
    "DataWindowStart": "2026-01-05T00:00:00Z",
    "DataWindowEnd": "2026-01-20T00:00:00Z",
    "RetrainingName": "churn-retrain-1",
}


def content(account: ExampleAccount, url: str) -> bytes:
    return account.objects["models", url.removeprefix("s3://models/")]


def test_an_execution_trains_evaluates_and_registers_a_version_that_waits_for_approval(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    ended = account.run(**SIGNAL)
    (package,) = account.packages()
    steps = account.steps(ended["PipelineExecutionArn"])

    assert ended["PipelineExecutionStatus"] == "Succeeded"
    assert list(steps) == ["Prepare", "Train", "Evaluate", "AccurateEnough", *BASELINES, "Churn-RegisterModel"]
    assert {step["StepStatus"] for step in steps.values()} == {"Succeeded"}
    assert steps["AccurateEnough"]["Metadata"]["Condition"]["Outcome"] == "True"
    assert steps["Churn-RegisterModel"]["Metadata"]["RegisterModel"]["Arn"] == package["ModelPackageArn"]
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["MetadataProperties"]["GeneratedBy"] == ended["PipelineExecutionArn"]
    assert package["CustomerMetadataProperties"] == {
        "signal_kind": "data_quality",
        "signal_evidence": SIGNAL["SignalEvidence"],
        "champion_version": "7",
        "data_window_start": SIGNAL["DataWindowStart"],
        "data_window_end": SIGNAL["DataWindowEnd"],
        "retraining": "churn-retrain-1",
    }


def test_every_metric_and_baseline_that_the_version_names_is_there(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    account.run()
    (package,) = account.packages()
    baselines, metrics = package["DriftCheckBaselines"], package["ModelMetrics"]

    def files(value: Any) -> list[str]:
        if "S3Uri" in value:
            return [value["S3Uri"]]
        return [url for each in value.values() for url in files(each)]

    assert sorted(baselines) == ["Bias", "Explainability", "ModelDataQuality", "ModelQuality"]
    for url in files(baselines) + files(metrics):
        assert json.loads(content(account, url))
    report = json.loads(content(account, metrics["ModelQuality"]["Statistics"]["S3Uri"]))
    accuracy = report["binary_classification_metrics"]["accuracy"]
    assert 0.6 < accuracy["value"] < 1 and 0 < accuracy["standard_deviation"] < 0.05
    assert report["dataset"]["item_count"] > 200
    found = {
        "statistics": baselines["ModelDataQuality"]["Statistics"],
        "quality": baselines["ModelQuality"]["Constraints"],
        "bias": baselines["Bias"]["PostTrainingConstraints"],
        "attribution": baselines["Explainability"]["Constraints"],
    }
    documents = {name: json.loads(content(account, each["S3Uri"])) for name, each in found.items()}
    assert [each["name"] for each in documents["statistics"]["features"]] == COLUMNS
    assert documents["quality"]["binary_classification_constraints"]["accuracy"]["threshold"] > 0.6
    assert documents["bias"]["post_training_bias_metrics"]["facets"]["region"][0]["value_or_threshold"] == "south"
    (explained,) = documents["attribution"]["explanations"]["kernel_shap"].values()
    values = explained["global_shap_values"]
    assert sorted(values) == sorted(COLUMNS) and max(values, key=values.get) in ("tenure_months", "monthly_charge")


def test_the_registered_model_is_served(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    account.run()
    (package,) = account.packages()
    url = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    container = Containers(account.read).start("AllTraffic", url)
    loyal, leaving = b"100,30.00,0,45,20.0,300,0,yearly,west,card", b"2,110.00,6,30,1.0,90,40,monthly,south,cash"
    reply = container.answer(leaving + b"\n" + loyal)

    assert reply.status == 200
    high, low = (float(line) for line in reply.body.split(b"\n"))
    assert high > 0.7 > 0.3 > low
    assert container.answer(b"1,2").status == 400
    assert container.answer(leaving, content_type="application/json").status == 400


def test_only_the_data_of_the_window_are_trained_on(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    whole, part = account.run(), account.run(DataWindowStart="2026-01-20T00:00:00Z")

    def rows(ended: Any) -> int:
        folder = ended["PipelineExecutionArn"].rpartition("/")[2]
        return content(account, f"s3://models/churn-train/executions/{folder}/train/data.csv").count(b"\n")

    assert 0.2 < rows(part) / rows(whole) < 0.5


def test_a_model_that_is_not_accurate_enough_is_not_registered(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    ended = account.run(MinimumAccuracy="0.99")
    steps = account.steps(ended["PipelineExecutionArn"])

    assert ended["PipelineExecutionStatus"] == "Succeeded"
    assert steps["AccurateEnough"]["Metadata"]["Condition"]["Outcome"] == "False"
    assert list(steps)[-1] == "AccurateEnough"
    assert account.packages() == []


def test_data_without_the_label_fail_the_execution_at_its_first_step(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    ended = account.run(Label="nonsense")
    steps = account.steps(ended["PipelineExecutionArn"])

    assert ended["PipelineExecutionStatus"] == "Failed"
    assert ended["FailureReason"] == "Step failure: One or multiple steps failed."
    assert list(steps) == ["Prepare"] and "AlgorithmError" in steps["Prepare"]["FailureReason"]


def test_an_interrupted_spot_instance_does_not_change_the_model(tmp_path: Path) -> None:
    models = []
    for interruptions in (0, 1):
        account = ExampleAccount(tmp_path, Options(spot_interruptions=interruptions))
        ended = account.run()
        job = account.steps(ended["PipelineExecutionArn"])["Train"]["Metadata"]["TrainingJob"]["Arn"]
        turns = [
            d["SecondaryStatus"]
            for d in account.told("SageMaker Training Job State Change")
            if d["TrainingJobArn"] == job
        ]
        assert ("Interrupted" in turns) is bool(interruptions)
        (package,) = account.packages()
        url = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
        container = Containers(account.read).start("AllTraffic", url)
        models.append(container.answer(b"2,110.00,6,30,1.0,90,40,monthly,south,cash").body)
    assert models[0] == models[1]


def test_the_on_demand_definition_trains_without_spot(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path, None, "--on-demand")
    ended = account.run()

    assert ended["PipelineExecutionStatus"] == "Succeeded"
    with pytest.raises(AwsError, match="Unknown parameter 'MaxWaitSeconds'"):
        account.start(TOKEN, MaxWaitSeconds="60")


def test_creating_it_again_updates_it_and_changes_nothing(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    before = account.call("describe_pipeline", PipelineName=NAME)
    objects = dict(account.objects)
    arn = account.install()
    after = account.call("describe_pipeline", PipelineName=NAME)

    assert arn == before["PipelineArn"] and account.objects == objects
    assert after["PipelineDefinition"] == before["PipelineDefinition"]
    document, emitted = json.loads(after["PipelineDefinition"]), json.loads((FOLDER / "definition.json").read_text())
    assert document["Steps"] == emitted["Steps"]
    assert {each["Name"] for each in document["Parameters"] if "DefaultValue" not in each} == set()


def test_a_version_trained_on_the_new_customers_is_better_for_them(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    account.objects["models", "churn-train/data/customers.csv"] = customers(3000)
    account.run()
    account.objects["models", "churn-train/data/customers.csv"] = customers(3000, turned=True)
    account.run()
    lines = [line.split(b",", 2) for line in customers(2000, turned=True, seed=9).splitlines()[1:]]

    def right(package: Any) -> float:
        url = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
        reply = Containers(account.read).start("AllTraffic", url).answer(b"\n".join(line[2] for line in lines))
        said = [float(chance) >= 0.5 for chance in reply.body.split(b"\n")]
        return sum(each == (line[0] == b"1") for each, line in zip(said, lines, strict=True)) / len(lines)

    old, new = account.packages()
    assert right(new) > right(old) + 0.1


def test_a_definition_with_two_register_steps_registers_two_versions(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    text = account.call("describe_pipeline", PipelineName=NAME)["PipelineDefinition"]
    account.call("update_pipeline", PipelineName=NAME, PipelineDefinition=register_twice(text), RoleArn=ROLE)
    ended = account.run()

    assert ended["PipelineExecutionStatus"] == "Succeeded"
    assert [package["ModelPackageVersion"] for package in account.packages()] == [1, 2]


def test_the_same_token_starts_one_execution(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    first, second = account.start(TOKEN), account.start(TOKEN)
    account.wait(90)

    assert first == second and len(account.packages()) == 1
    assert account.start(TOKEN) == first
    assert account.start("u" * 32) != first


def test_events_tell_of_the_execution_and_of_each_step(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    arn = account.run()["PipelineExecutionArn"]
    statuses = [
        (d.get("previousPipelineExecutionStatus"), d["currentPipelineExecutionStatus"]) for d in account.told(EXECUTION)
    ]
    steps = [(d["stepName"], d["currentStepStatus"]) for d in account.told(STEP)]
    (ended,) = [each for each in account.events if each.kind == EXECUTION and "executionEndTime" in each.detail]

    assert statuses == [(None, "Executing"), ("Executing", "Succeeded")]
    assert steps[:3] == [("Prepare", "Starting"), ("Prepare", "Executing"), ("Prepare", "Succeeded")]
    assert steps[-1] == ("Churn-RegisterModel", "Succeeded")
    assert ended.resources == [arn.partition("/execution/")[0], arn]
    last = account.told(STEP)[-1]
    assert last["metadata"]["registerModel"]["arn"] == account.packages()[0]["ModelPackageArn"]
