"""The attribution monitor with a model behind a fake of InvokeEndpoint: drift, shards, budget, and refusals."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pandas as pd
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from monitor.attribution import kind as attribution
from monitor.attribution.endpoint_model import EndpointModel, call_settings, endpoint
from monitor.config import Config, UnusableSettingsError
from monitor.problems import Problems
from monitor.reading.capture import PROBE, Chunk
from monitor.results import Results

COLUMNS = ("tenure", "charge", "contract", "visits")
SETTINGS: dict[str, Any] = {"model_calls": 2000, "per_second": 1e6, "pairs": 2}
CONFIG = Config(kind="attribution", columns=COLUMNS, settings=SETTINGS)


def rows(seed: int, count: int = 600, spread: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> pd.DataFrame:
    chance = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "tenure": chance.normal(0, spread[0], count),
            "charge": chance.normal(0, spread[1], count),
            "contract": np.where(chance.random(count) < 0.5, "monthly", "yearly"),
            "visits": chance.normal(0, spread[2], count),
        }
    )


class Served:
    """A logistic model that answers CSV with a probability a line, as an endpoint does."""

    def __init__(self, weights: tuple[float, float, float, float] = (2.0, 1.0, 0.5, 0.1)) -> None:
        self.weights, self.asked = weights, 0

    def __call__(self, body: str) -> str:
        lines = [line.split(",") for line in body.split("\n")]
        self.asked += len(lines)
        return "\n".join(f"{self.score(line):.12g}" for line in lines)

    def score(self, fields: list[str]) -> float:
        tenure, charge, contract, visits = fields
        values = (float(tenure), float(charge), 1.0 if contract == "monthly" else -1.0, float(visits))
        return 1.0 / (1.0 + math.exp(-sum(w * x for w, x in zip(self.weights, values, strict=True))))


def chunk(frame: pd.DataFrame, ids: list[str] | None = None) -> Chunk:
    names = [f"event-{row}" for row in frame.index] if ids is None else ids
    return Chunk(frame.reset_index(drop=True), ["0.5"] * len(frame), names, [""] * len(frame))


def summary(frame: pd.DataFrame, folder: Path, invoke: Callable[[str], str], config: Config = CONFIG) -> dict[str, Any]:
    return attribution.summarise(iter([chunk(frame)]), config, Problems(), folder, invoke)


def baseline(folder: Path, invoke: Callable[[str], str] | None = None) -> dict[str, dict[str, Any]]:
    """The baseline's files, which also lie where the job finds them."""
    config = replace(CONFIG, task="baseline")
    made = attribution.baseline(summary(rows(1), folder, invoke or Served(), config), config)
    (folder / "baseline").mkdir(exist_ok=True)
    (folder / "baseline" / "background.json").write_text(json.dumps(made["background.json"]))
    return made


def run(frame: pd.DataFrame, folder: Path, invoke: Callable[[str], str], files: dict[str, Any]) -> Results:
    return attribution.results(json.loads(json.dumps(summary(frame, folder, invoke))), files, CONFIG)


def test_the_analysis_has_clarifys_form_and_the_order_of_the_weights(tmp_path: Path) -> None:
    about = baseline(tmp_path)["analysis.json"]["explanations"]["kernel_shap"]["label0"]
    values = about["global_shap_values"]
    assert sorted(values, key=values.get, reverse=True) == ["tenure", "charge", "contract", "visits"]
    assert 0.0 < about["expected_value"] < 1.0


def test_without_drift_there_is_no_violation(tmp_path: Path) -> None:
    files = baseline(tmp_path)
    for seed in range(2, 6):
        outcome = run(rows(seed), tmp_path, Served(), files)
        assert (outcome.status, outcome.violations) == ("Completed", [])
        assert outcome.details["interval"][0] <= outcome.details["ndcg"] <= outcome.details["interval"][1]
    assert outcome.details["background"] == "the baseline's"


def test_features_that_change_places_are_a_violation_as_clarify_writes_it(tmp_path: Path) -> None:
    """The same model, but the inputs now vary where they did not."""
    outcome = run(rows(3, spread=(0.01, 0.02, 30.0)), tmp_path, Served(), baseline(tmp_path))
    assert outcome.status == "CompletedWithViolations"
    assert outcome.violations == [
        {
            "label": "label0",
            "metric_name": "shap",
            "constraint_check_type": "feature_attribution_drift_check",
            "description": f"Feature attribution drift {outcome.details['ndcg']} exceeds threshold 0.9",
        }
    ]


def test_an_order_that_hangs_on_the_sample_is_no_violation(tmp_path: Path) -> None:
    """Two features are as large as each other: which comes first is luck, and NDCG is below 0.9 for the wrong one."""
    names = ["tenure", "charge", "contract", "visits"]
    given = {
        "explanations": {"kernel_shap": {"label0": {"global_shap_values": dict(zip(names, (1, 0, 0, 0), strict=True))}}}
    }
    for seed in range(4):
        outcome = run(rows(seed), tmp_path, Served((1.0, 1.0, 0.0, 0.0)), {"a.json": given})
        assert outcome.status == "Completed"
    sure = run(rows(1), tmp_path, Served((0.1, 3.0, 0.0, 0.0)), {"a.json": given})
    assert sure.status == "CompletedWithViolations"


def test_four_shards_in_any_order_equal_one_machine(tmp_path: Path) -> None:
    baseline(tmp_path)
    frame = rows(4)
    whole = summary(frame, tmp_path, Served())
    shards = [summary(frame.iloc[place::4], tmp_path, Served()) for place in range(4)]
    merged = attribution.merge(shards)
    for name in ("rows", "limit", "records", "columns", "background", "expected_value"):
        assert merged[name] == attribution.merge(shards[::-1])[name] == whole[name]
    assert attribution.merge([attribution.merge(shards[:2]), attribution.merge(shards[2:])]) == merged
    assert merged["sent"] > whole["sent"]
    chunks = [chunk(frame.iloc[start : start + 100]) for start in range(0, 600, 100)]
    assert attribution.summarise(iter(chunks), CONFIG, Problems(), tmp_path, Served())["rows"] == whole["rows"]


def test_the_budget_holds(tmp_path: Path) -> None:
    model = Served()
    found = summary(rows(5), tmp_path, model)
    assert model.asked == found["sent"] <= 2000
    assert len(found["rows"]) == (2000 - 1) // (1 + 2 * 2 * 3)


def test_json_requests_name_their_features(tmp_path: Path) -> None:
    def served(body: str) -> str:
        instances = json.loads(body)["instances"]
        scores = [Served().score([str(row[name]) for name in COLUMNS]) for row in instances]
        return json.dumps({"predictions": [{"score": score} for score in scores]})

    config = replace(CONFIG, settings={**SETTINGS, "content_type": "application/json"})
    found = summary(rows(6), tmp_path, served, config)
    by_csv = summary(rows(6), tmp_path, Served())
    assert [row[0] for row in found["rows"]] == [row[0] for row in by_csv["rows"]]
    assert np.array([row[2] for row in found["rows"]]) == pytest.approx(np.array([row[2] for row in by_csv["rows"]]))
    assert (found["failed"], by_csv["failed"]) == (0, 0)


class ThrottledError(Exception):
    """As botocore's ClientError, whose ``response`` has the code."""

    def __init__(self) -> None:
        super().__init__("slow down")
        self.response = {"Error": {"Code": "ThrottlingException"}}


def asked(
    invoke: Callable[[str], str], count: int = 100, **settings: Any
) -> tuple[EndpointModel, np.ndarray, list[float]]:
    waits: list[float] = []
    model = EndpointModel(invoke, ["a"], call_settings({"per_second": 10, **settings}), Problems(), waits.append)
    return model, model([[0.5]] * count), waits


def test_the_endpoint_is_asked_as_the_service_model_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real client of boto3, with botocore's Stubber in place of the network: it checks the request's parameters."""
    client = boto3.client(
        "sagemaker-runtime", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    monkeypatch.setattr(boto3, "client", lambda service: client)
    expected = {
        "EndpointName": "churn",
        "Body": b"1,2",
        "ContentType": "text/csv",
        "InferenceId": f"{PROBE}-reasons",
        "TargetVariant": "shadow",
    }
    config = replace(CONFIG, endpoint="churn", monitor="reasons", settings={"target_variant": "shadow"})
    with Stubber(client) as stub:
        answer = {"Body": StreamingBody(io.BytesIO(b"0.25\n"), 5), "ContentType": "text/csv"}
        stub.add_response("invoke_endpoint", answer, expected)
        stub.add_client_error("invoke_endpoint", "ThrottlingException", "Rate exceeded", 429)
        stub.add_response("invoke_endpoint", {**answer, "Body": StreamingBody(io.BytesIO(b"0.5"), 3)}, expected)
        invoke = endpoint(config, call_settings(config.settings))
        assert invoke("1,2") == "0.25\n"
        model = EndpointModel(invoke, ["a", "b"], call_settings(config.settings), Problems(), lambda seconds: None)
        assert model([[1, 2]]).tolist() == [0.5]


def test_requests_are_batched_and_keep_to_the_rate() -> None:
    bodies: list[str] = []

    def invoke(body: str) -> str:
        bodies.append(body)
        return body

    model, scores, waits = asked(invoke)
    assert [body.count("\n") + 1 for body in bodies] == [10] * 10
    assert sum(waits) == pytest.approx(100 / 10)
    assert (model.sent, model.failed, set(scores)) == (100, 0, {0.5})


def test_a_throttled_request_is_sent_again_later() -> None:
    refusals = iter([True, True, False])

    def invoke(body: str) -> str:
        if next(refusals, False):
            raise ThrottledError
        return body

    model, scores, waits = asked(invoke, 10)
    assert np.isfinite(scores).all()
    assert (model.sent, model.failed) == (30, 0)
    assert waits[:2] == [1.0, 2.0]


def test_rows_that_are_sent_again_count_into_the_budget() -> None:
    refusals = iter([True, True, True, False] * 100)

    def invoke(body: str) -> str:
        if next(refusals):
            raise ThrottledError
        return body

    model, _, _ = asked(invoke, 1000, model_calls=100)
    assert (model.sent, model.given_up) == (120, True)  # three requests of 10 rows, four times each


def test_an_endpoint_that_always_refuses_is_soon_left_alone() -> None:
    calls: list[str] = []

    def invoke(body: str) -> str:
        calls.append(body)
        raise PermissionError("not authorized to perform sagemaker:InvokeEndpoint")

    model, scores, _ = asked(invoke, 1000)
    assert (len(calls), model.given_up, bool(np.isnan(scores).all())) == (5, True, True)


def refuses(body: str) -> str:
    raise PermissionError("not authorized to perform sagemaker:InvokeEndpoint")


def often_fails(body: str) -> str:
    return Served()(body) if hash_of(body) % 5 else refuses(body)


def hash_of(text: str) -> int:
    return sum(text.encode())


SAID: dict[str, tuple[Callable[[str], str], dict[str, Any], str]] = {
    "refuses": (refuses, {}, "not authorized to perform sagemaker:InvokeEndpoint"),
    "often fails": (often_fails, {}, "did not answer"),
    "constant": (Served((0.0, 0.0, 0.0, 0.0)), {}, "answers the same whatever"),
    "no prediction": (
        lambda body: "\n".join("hello" for _ in body.split("\n")),
        {"problem": "regression"},
        "probability_attribute",
    ),
    "one answer for all": (lambda body: "0.5", {}, "batch: 1"),
    "small budget": (Served(), {"model_calls": 200}, "write more"),
    "no budget": (Served(), {"model_calls": -1}, "model_calls: -1 is not a number above 0"),
    "background of two columns": (Served(), {"background": [[1, 2]]}, "a value for each of"),
    "unknown content type": (Served(), {"content_type": "image/png"}, "text/csv or application/json"),
}


@pytest.mark.parametrize("case", SAID)
def test_what_cannot_be_judged_says_what_to_write(case: str, tmp_path: Path) -> None:
    invoke, settings, words = SAID[case]
    config = replace(CONFIG, settings={**SETTINGS, **settings})
    found = summary(rows(7), tmp_path, invoke, config)
    outcome = attribution.results(found, {}, config)
    assert (outcome.status, outcome.violations) == ("Unusable", [])
    assert words in outcome.sentence
    with pytest.raises(UnusableSettingsError):
        attribution.baseline(found, config)


def test_too_few_records_an_empty_window_and_a_missing_baseline_are_said(tmp_path: Path) -> None:
    assert run(rows(8, 50), tmp_path, Served(), {}).status == "TooThin"
    empty = attribution.summarise(iter([]), CONFIG, Problems(), tmp_path, Served())
    assert attribution.results(attribution.merge([empty, empty]), {}, CONFIG).status == "TooThin"
    assert run(rows(8), tmp_path, Served(), {}).status == "NoBaseline"
    other = {"explanations": {"kernel_shap": {"label0": {"global_shap_values": {"age": 1.0}}}}}
    outcome = run(rows(8), tmp_path, Served(), {"analysis.json": other})
    assert (outcome.status, "other features (age" in outcome.sentence) == ("NoBaseline", True)


def test_a_baseline_of_other_columns_is_said(tmp_path: Path) -> None:
    baseline(tmp_path)
    config = replace(CONFIG, columns=("tenure", "charge"))
    found = attribution.summarise(iter([chunk(rows(9)[["tenure", "charge"]])]), config, Problems(), tmp_path, Served())
    assert "The baseline explains the columns" in attribution.results(found, {}, config).sentence
