"""The sections ``remedies`` and ``retraining``: what they mean, and what is refused with what to write."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from interlock.model.signal import KINDS
from interlock.policy.document import Policy, read_policy
from interlock.policy.errors import PolicyError
from interlock.remedies.kinds.registry import REMEDIES
from interlock.retraining.section import ALLOWED, NEEDED, as_text
from policies.schema import SCHEMA
from tests.unit.awsmodel import input_of
from tests.unit.examples import GROUP
from tests.unit.remedies.weighed import policy
from tests.unit.retraining.trained import MACHINE, TEMPLATE

PIPELINE = {"pipeline": "churn-train"}
WRITTEN = """
remedies:
  - {on: data_quality, do: retrain, runs: 2 of 3, features: [tenure]}
  - {on: model_quality, do: roll_back, severity: high}
retraining:
  pipeline: churn-train
  parameters: {Depth: 3}
  cooldown: 12h
  at_most: 3 per 7d
  budget: {usd_per_month: 200, usd_per_run: 12}
  quiet_hours: [{from: "22:00", to: "06:00"}]
  freeze: [{from: 2026-12-20, until: 2027-01-03}]
  every: 7d
  regulated: [age]
  gate:
    approve: automatically
    better: [{metric: accuracy, by: 1%}, {metric: mae, by: 2%}]
    not_worse: [{metric: auc, by: 0.5%}]
    bias: [{metric: DPPL, facet: contract, at_most: 0.1}]
    min_samples: 500
"""


def read(remedies: Any = None, retraining: Any = None) -> Policy:
    return read_policy(policy(remedies, retraining), GROUP)


def problem(remedies: Any = None, retraining: Any = None) -> str:
    """The one problem of a policy."""
    with pytest.raises(PolicyError) as caught:
        read(remedies, retraining)
    (only,) = caught.value.problems
    return only.text


def test_what_a_person_writes_is_what_the_rest_of_interlock_asks() -> None:
    written = yaml.safe_dump(json.loads(policy())).replace("remedies: []\n", "")
    found = read_policy(written + WRITTEN, GROUP)
    first, second = found.remedies
    assert (first.on, first.do, first.runs, first.features) == ("data_quality", "retrain", (2, 3), ("tenure",))
    assert (second.runs, second.severity) == ((1, 1), "high")
    assert found.retraining is not None
    limits, gate = found.retraining.limits, found.retraining.gate
    assert (limits.cooldown, limits.at_most, limits.window) == (43_200, 3, 604_800)
    assert (limits.usd_per_month, limits.usd_per_run) == (200.0, 12.0)
    assert limits.quiet == ((time(22), time(6)),)
    assert limits.freezes == ((datetime(2026, 12, 20, tzinfo=UTC), datetime(2027, 1, 3, tzinfo=UTC)),)
    assert limits.regulated == {"age"}
    assert [(rule.metric, rule.by, rule.sign) for rule in gate.better] == [("accuracy", 0.01, 1), ("mae", 0.02, -1)]
    assert (gate.not_worse[0].by, gate.bias[0].at_most, gate.min_samples) == (0.005, 0.1, 500)


def test_a_retraining_needs_little() -> None:
    found = read([], PIPELINE).retraining
    assert found is not None
    assert (found.gate.approve, found.gate.min_samples, found.every) == ("by_person", 200, None)
    assert (found.limits.cooldown, found.limits.at_most, found.limits.usd_per_month) == (86_400, None, None)


def test_the_word_on_is_read_though_yaml_takes_it_for_true() -> None:
    assert yaml.safe_load("on: x") == {True: "x"}
    assert read([{"on": "alarm", "do": "notify"}]).remedies[0].on == "alarm"


@pytest.mark.parametrize("name", REMEDIES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_row_names_a_remedy_that_can_help(kind: str, name: str) -> None:
    row = {"on": kind, "do": name}
    if kind in REMEDIES[name].answers:
        assert read([row]).remedies[0].do == name
    else:
        assert problem([row]).startswith("remedies.0: ")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"do": "notify"}, "remedies.0.on: this field is required"),
        ({"on": "alarm"}, "remedies.0.do: this field is required"),
        ({"on": "weather", "do": "notify"}, "remedies.0.on: write 'data_quality'"),
        ({"on": "alarm", "do": "pray"}, "remedies.0.do: write 'notify', 'retrain'"),
        ({"on": "data_quality", "do": "roll_back"}, "remedies.0: every version gets the same inputs"),
        ({"on": "bias", "do": "scale"}, "remedies.0: scale is no answer to bias; write notify, retrain, roll_back"),
        ({"on": "alarm", "do": "notify", "runs": "2 of 3"}, "remedies.0: a signal alarm has no runs; leave it out"),
        ({"on": "alarm", "do": "notify", "features": ["x"]}, "remedies.0: a signal alarm has no features"),
        ({"on": "bias", "do": "notify", "runs": 2}, "remedies.0.runs: write how many of the last runs"),
        ({"on": "bias", "do": "notify", "runs": "3 of 2"}, "remedies.0.runs: write from 1 of 1 to 20 of 20"),
        ({"on": "bias", "do": "notify", "runs": "0 of 2"}, "remedies.0.runs: write from 1 of 1"),
        ({"on": "bias", "do": "notify", "runs": "2 of 21"}, "remedies.0.runs: write from 1 of 1"),
        ({"on": "bias", "do": "notify", "severity": "awful"}, "remedies.0.severity: write 'low', 'medium'"),
        ({"on": "bias", "do": "notify", "features": "x"}, "remedies.0.features: write a list"),
        ({"on": "bias", "do": "notify", "feature": ["x"]}, "remedies.0.feature: no such field; allowed here: on, do,"),
        ("retrain", "remedies.0: write fields here: on, do, runs, features, checks, severity; got 'retrain'"),
    ],
)
def test_a_wrong_row_is_named_with_what_would_be_right(row: Any, said: str) -> None:
    assert problem([row]).startswith(said)


def gate(**fields: Any) -> dict[str, Any]:
    return {"gate": fields}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pipeline": None}, ": write exactly one of pipeline, training_job, state_machine; got none"),
        ({"state_machine": MACHINE}, ": write exactly one of pipeline, training_job, state_machine; got pipeline and"),
        ({"pipeline": "my pipeline"}, ".pipeline: write the name or the ARN of a SageMaker pipeline; got"),
        ({"pipeline": None, "state_machine": "x"}, ".state_machine: write the ARN of a state machine"),
        ({"pipeline": None, "training_job": {}}, ".training_job: the template lacks AlgorithmSpecification, Output"),
        ({"pipeline": None, "training_job": {"TrainingJobName": "x"}}, ".training_job: leave out TrainingJobName"),
        ({"pipeline": None, "training_job": TEMPLATE | {"X": 1}}, ".training_job: the template must not have X; all"),
        ({"pipeline": None, "training_job": "x"}, ".training_job: write entries, each with a name and a value"),
        ({"parameters": {"a b": 1}}, ".parameters: 'a b' is no name of a parameter; write letters"),
        ({"parameters": {"a": [1]}}, ".parameters: a must be text, a number, true or false; got [1]"),
        ({"parameters": {"a": ""}}, ".parameters: a must be a value of 1 to 1024 characters"),
        ({"parameters": {"a": "x" * 1025}}, ".parameters: a must be a value of 1 to 1024 characters"),
        ({"parameters": [1]}, ".parameters: write entries, each with a name and a value"),
        ({"cooldown": "1m"}, ".cooldown: a cooldown lasts from 1h to 90d, for example 24h; got 1 min"),
        ({"cooldown": 24}, ".cooldown: write a number and one of s, m, h, d"),
        ({"at_most": 3}, ".at_most: write a number and a window, for example 3 per 7d; got 3"),
        ({"at_most": "0 per 7d"}, ".at_most: write a number and a window"),
        ({"at_most": "3 per 7"}, ".at_most: write a number and one of s, m, h, d"),
        ({"at_most": "3 per 500d"}, ".at_most: the window lasts from 1h to 366d"),
        ({"budget": {"usd_per_month": 5}}, ".budget.usd_per_run: this field is required"),
        ({"budget": {"usd_per_month": 5, "usd_per_run": 12}}, ".budget: usd_per_run exceeds usd_per_month"),
        ({"budget": {"usd_per_month": 5, "usd_per_run": 0}}, ".budget.usd_per_run: write more than 0"),
        (
            {"quiet_hours": [{"from": 1320, "to": "06:00"}]},
            ".quiet_hours.0.from: write a time of the day in quotes, fo",
        ),
        ({"quiet_hours": [{"from": "24:00", "to": "06:00"}]}, ".quiet_hours.0.from: write a time of the day"),
        ({"quiet_hours": [{"from": "06:00", "to": "06:00"}]}, ".quiet_hours.0: both ends are the same"),
        ({"quiet_hours": [{"from": "06:00"}]}, ".quiet_hours.0.to: this field is required"),
        ({"freeze": [{"from": "2026-12-20", "until": "2026-12-19"}]}, ".freeze.0: until lies before from"),
        ({"freeze": [{"from": "2026-12-32", "until": "2027-01-01"}]}, ".freeze.0.from: write a day, for example 2026"),
        ({"freeze": [{"from": 5, "until": "2027-01-01"}]}, ".freeze.0.from: write a day"),
        ({"freeze": ["Christmas"]}, ".freeze.0: write fields here: from, until; got 'Christmas'"),
        ({"every": "10m"}, ".every: write from 1h to 366d, for example 7d; got 10 min"),
        ({"every": "12h"}, ".every: the cooldown of 1 d is longer"),
        ({"regulated": "age"}, ".regulated: write a list"),
        (gate(approve="maybe"), ".gate.approve: write 'automatically' or 'by_person'"),
        (gate(approve="automatically"), ".gate: approve: automatically needs a comparison; write better"),
        (gate(better=[{"metric": "auc", "by": 0.01}]), ".gate.better.0.by: write a percentage, for example 10%"),
        (gate(better=[{"metric": "auc"}]), ".gate.better.0.by: this field is required"),
        (gate(better=[{"metric": "auc", "by": "2000%"}]), ".gate.better.0.by: write 0% to 1000%"),
        (gate(better=[{"metric": "auc", "by": "1%"}] * 2), ".gate.better: auc stands here more than once"),
        (gate(not_worse=[{"metric": "auc", "by": "0%"}]), ".gate.not_worse.0.by: write 0.01% to 1000%"),
        (gate(bias=[{"metric": "DPPL", "facet": "x", "at_most": 0}]), ".gate.bias.0.at_most: write more than"),
        (gate(min_samples=5), ".gate.min_samples: write at least 30"),
        (gate(worse=1), ".gate.worse: no such field; allowed here: approve, better, not_worse, bias, min_samples"),
        (
            {"pipelines": "x"},
            ".pipelines: no such field; allowed here: quiet_hours, quiet_days, freeze, pipeline, training_job",
        ),
    ],
)
def test_a_wrong_field_is_named_with_what_would_be_right(fields: dict[str, Any], said: str) -> None:
    written = {name: value for name, value in (PIPELINE | fields).items() if value is not None}
    assert problem([], written).startswith(f"retraining{said}")


def test_a_metric_is_better_or_not_worse_and_not_both() -> None:
    rule = [{"metric": "auc", "by": "1%"}]
    assert "auc is in better and in not_worse" in problem([], PIPELINE | gate(better=rule, not_worse=rule))


def test_the_fields_of_a_template_are_those_of_create_training_job() -> None:
    shape = input_of("sagemaker", "CreateTrainingJob")
    assert set(ALLOWED) <= set(shape.members)
    assert set(shape.required_members) - {"TrainingJobName"} <= set(NEEDED) <= ALLOWED


@given(some.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_passed_exactly_and_without_an_exponent(value: float) -> None:
    text = as_text(value)
    assert "e" not in text
    assert float(text) == value


@pytest.mark.parametrize(
    ("retraining", "fits"),
    [
        (yaml.safe_load(WRITTEN)["retraining"] | {"freeze": []}, True),
        (PIPELINE | {"freeze": [{"from": "2026-12-20", "until": "2027-01-03"}]}, True),
        (PIPELINE | {"at_most": "3 per week"}, False),
        (PIPELINE | {"quiet_hours": [{"from": "25:00", "to": "06:00"}]}, False),
        (PIPELINE | {"cooldown": 24}, False),
        (PIPELINE | {"parameters": {"a": [1]}}, False),
        (PIPELINE | gate(better=[{"metric": "auc", "by": 0.01}]), False),
        ({"training_job": TEMPLATE}, True),
    ],
)
def test_an_editor_refuses_what_the_core_refuses(retraining: dict[str, Any], fits: bool) -> None:
    content = json.loads(policy([{"on": "bias", "do": "retrain", "runs": "2 of 3"}], retraining))
    schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    try:
        by_core = bool(read_policy(json.dumps(content), GROUP))
    except PolicyError:
        by_core = False
    assert (schema.is_valid(content), by_core) == (fits, fits)
