from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from interlock.monitoring.section import Monitoring
from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from policies.schema import SCHEMA, SIGNAL_SCHEMA, of_signals
from tests.unit.monitoring.watched import ACCURACY, BY_CLARIFY, CLARIFY_IMAGE, FAIRNESS, INPUTS, REASONS, document


def section(*monitors: dict[str, Any], **monitoring: Any) -> Monitoring:
    found = read_policy(document(*monitors, **monitoring), "churn").monitoring
    assert found
    return found


def problem(*monitors: dict[str, Any], **monitoring: Any) -> str:
    with pytest.raises(PolicyError) as caught:
        section(*monitors, **monitoring)
    (only,) = caught.value.problems
    return only.text


def test_a_policy_without_monitoring_watches_nothing() -> None:
    without = json.loads(document())
    del without["monitoring"]
    assert read_policy(json.dumps(without), "churn").monitoring is None


def test_what_a_person_writes_is_what_the_program_is_told() -> None:
    found = section(INPUTS, ACCURACY, FAIRNESS, REASONS)
    told = {monitor.kind: monitor.settings() for monitor in found.monitors}
    assert told["data_quality"] == {"significance": 0.005}
    assert told["model_quality"]["labels"] == {"at_least": 0.8}
    assert (told["model_quality"]["problem"], told["model_quality"]["positive"]) == ("binary_classification", "1")
    assert told["bias"]["facets"] == [{"name": "contract", "values": ["monthly"]}]
    assert told["bias"]["positive"] == "1"
    asked = {"model_calls": 20000, "per_second": 20, "content_type": "text/csv"}
    assert told["attribution"] == asked | {"positive": "1", "classes": []}
    assert [monitor.every for monitor in found.monitors] == [3600, 86400, 86400, 86400]


@pytest.mark.parametrize(("written", "value"), [(True, "true"), (1, "1"), (1.5, "1.5"), ("yes", "yes")])
def test_a_value_is_text_as_the_capture_has_it(written: object, value: str) -> None:
    (monitor,) = section(FAIRNESS | {"positive": written}).monitors
    assert monitor.settings()["positive"] == value


@pytest.mark.parametrize(
    ("monitors", "said"),
    [
        (
            [INPUTS, ACCURACY | {"name": "inputs"}],
            "monitoring.monitors: each monitor has a name of its own; got inputs twice",
        ),
        ([{"kind": "data_quality", "every": "1h"}], "monitoring.monitors.0.name: this field is required"),
        (
            [INPUTS | {"every": "2h"}],
            "monitoring.monitors.0.every: windows are whole hours or days of UTC, as those of Mo",
        ),
        ([INPUTS | {"kind": "drift"}], "monitoring.monitors.0.kind: write 'data_quality', 'model_quality',"),
        ([{"name": "x", "every": "1h"}], "monitoring.monitors.0.kind: this field is required"),
        ([INPUTS | {"facets": []}, INPUTS], "monitoring.monitors: each monitor has a name of its own"),
        (
            [INPUTS | {"model_calls": 7}],
            "monitoring.monitors.0.model_calls: data_quality has no model_calls; leave it out, or write kind: attr",
        ),
        (
            [{k: v for k, v in ACCURACY.items() if k != "problem"}],
            "monitoring.monitors.0.problem: this field is required",
        ),
        (
            [ACCURACY | {"labels": {"wait": "6d"}}],
            "monitoring.monitors.0.labels: give_up must not be shorter than wait",
        ),
        (
            [ACCURACY | {"labels": {"give_up": "90d"}}],
            "monitoring.monitors.0.labels: give_up is at most 60 d; got 90 d",
        ),
        (
            [ACCURACY | {"labels": {"at_least": 80}}],
            "monitoring.monitors.0.labels.at_least: a share lies between 0 and 1",
        ),
        (
            [FAIRNESS | {"facets": []}],
            "monitoring.monitors.0.facets: a bias monitor needs facets, for example facets: [{n",
        ),
        (
            [{k: v for k, v in FAIRNESS.items() if k != "facets"}],
            "monitoring.monitors.0.facets: a bias moni",
        ),
        (
            [FAIRNESS | {"facets": [{"name": "tenure"}]}],
            "monitoring.monitors.0.facets.0: say who is in the group in one way",
        ),
        (
            [FAIRNESS | {"facets": [{"name": "sex", "values": [1]}]}],
            "monitoring.monitors: fairness names sex, wh",
        ),
        ([FAIRNESS | {"metrics": ["DPPL", "XX"]}], "monitoring.monitors.0.metrics.1: write 'CI', 'DPL'"),
        (
            [FAIRNESS | {"metrics": ["CDDL"]}],
            "monitoring.monitors.0.metrics: CDDL compares within groups; write group:",
        ),
        (
            [REASONS | {"per_second": 0.5}],
            "monitoring.monitors.0.per_second: write a whole number",
        ),
        (
            [REASONS | {"every": "1h", "per_second": 1}],
            "monitoring.monitors.0: 20000 calls at 1 a second take 5 h 33 min, which is more than half a window",
        ),
        ([INPUTS | {"name": f"m{n}"} for n in range(11)], "monitoring.monitors: write at most 10"),
        (
            [FAIRNESS | {"clarify_image": "clarify:1.0"}],
            "monitoring.monitors.0.clarify_image: write the URI of the image sagemaker-clarify-processing in your Reg",
        ),
        (
            [REASONS | {"clarify_image": CLARIFY_IMAGE}],
            "monitoring.monitors.0: Clarify's container makes an endpoint of its own for attributions, and Interlock's",
        ),
        (
            [INPUTS | {"clarify_image": CLARIFY_IMAGE}],
            "monitoring.monitors.0.clarify_image: data_quality has no clarify_image; leave it out, or write kind: bias",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_what_to_write(monitors: list[dict[str, Any]], said: str) -> None:
    assert problem(*monitors).startswith(said)


@pytest.mark.parametrize(
    ("monitoring", "said"),
    [
        ({"columns": ["a", "b", "a"]}, "monitoring.columns: each column has a name of its own; got a twice"),
        ({"training_data": "training/"}, "monitoring.training_data: write an S3 URI with a folder"),
        ({"instances": 0}, "monitoring.instances: write at least 1"),
        ({"monitor": []}, "monitoring.monitor: no such field; allowed here: columns, monitors, alarms, training_data"),
    ],
)
def test_a_wrong_value_of_the_section_is_named(monitoring: dict[str, Any], said: str) -> None:
    assert problem(**monitoring).startswith(said)


def refused(change: Any) -> str:
    policy = json.loads(document(FAIRNESS))
    change(policy)
    with pytest.raises(PolicyError) as caught:
        read_policy(json.dumps(policy), "churn")
    return "; ".join(problem.text for problem in caught.value.problems)


def test_monitors_need_captured_traffic() -> None:
    said = refused(lambda policy: policy["stages"][0]["hosting"].pop("data_capture"))
    assert said.startswith(
        "monitoring: monitors look at captured traffic, and this hosting captures none; write data_cap"
    )


def test_columns_must_be_written_where_requests_do_not_name_them() -> None:
    def csv(policy: Any) -> None:
        policy["stages"][0]["smoke"] = {"body": "1,2"}
        del policy["monitoring"]["columns"]

    assert refused(csv).startswith("monitoring: fairness names columns, and a request in CSV does not; write columns:")


def test_alarms_alone_need_no_capture() -> None:
    policy = json.loads(document())
    policy["monitoring"] = {"alarms": ["churn-business-alarm"]}
    policy["stages"][0]["hosting"].pop("data_capture")
    found = read_policy(json.dumps(policy), "churn").monitoring
    assert found and found.alarms == ("churn-business-alarm",)


def test_the_schema_takes_the_example_and_refuses_another_window() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(document(INPUTS, ACCURACY, BY_CLARIFY, REASONS)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(document(INPUTS | {"every": "2h"})), schema)


def test_the_committed_schema_of_signals_is_the_generated_one() -> None:
    assert SIGNAL_SCHEMA.read_text(encoding="utf-8") == of_signals(), "run: make schema"


def test_what_is_left_out_is_left_to_the_program() -> None:
    renamed = ACCURACY | {"training_columns": {"label": "churned"}, "labels": {"id_attribute": "order"}}
    bias = FAIRNESS | {"group": "contract", "metrics": ["CDDL"], "label": "churned"}
    accuracy, fairness = section(renamed, bias, columns=["contract"]).monitors
    assert accuracy.settings()["baseline"]["ground_truth_attribute"] == "churned"
    assert accuracy.settings()["labels"] == {"at_least": 0.8, "id_attribute": "order"}
    told = fairness.settings()
    assert (told["methods"], told["group_variable"], told["label"]) == (["CDDL"], "contract", "churned")
    assert not {"methods", "group_variable", "label", "labels", "problem"} & set(
        section(FAIRNESS).monitors[0].settings()
    )
