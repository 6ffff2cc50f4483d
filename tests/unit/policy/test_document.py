from __future__ import annotations

import json
from typing import Any, get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some
from pydantic import BaseModel

from interlock.hosting.realtime import Realtime
from interlock.policy.document import THE_SECTIONS, Policy, read_policy
from interlock.policy.errors import PolicyError
from interlock.policy.stage import Stage
from tests.unit.examples import (
    ALL_AT_ONCE,
    CANARY,
    ENDPOINT,
    ERRORS_LIKE_STABLE,
    GROUP,
    ROLLING,
    SHADOW,
    document,
    stage,
)

SECTIONS: list[type[BaseModel]] = [
    Policy,
    *(
        section
        for found in THE_SECTIONS.values()
        for section in ([found] if isinstance(found, type) else found.values())
    ),
]


def problems(text: str, group: str = GROUP) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        read_policy(text, group)
    return [problem.text for problem in caught.value.problems]


def problem(**fields: Any) -> str:
    """The one problem of a policy whose stage has ``fields``."""
    (only,) = problems(document(**fields))
    return only


def test_a_policy_needs_little() -> None:
    read = stage(smoke=None, evidence=None, hosting={"instance_type": "ml.m5.large"}, strategy={"kind": "all_at_once"})
    assert (read.name, read.endpoint) == ("production", ENDPOINT)
    assert read.hosting == Realtime(instance_type="ml.m5.large", instances=1)
    assert (read.strategy.bakes, read.strategy.traffic, read.strategy.shares) == ((600,), "auto", (100,))
    assert (read.smoke, read.evidence, read.alarms) == (None, (), ())
    assert (read.inconclusive.extensions, read.inconclusive.then) == (2, "roll_back")


def test_quantities_are_read_in_the_units_of_the_metrics() -> None:
    rules = [{"metric": "error_rate", "max": "1%"}, {"metric": "p99_latency", "max": "250ms"}]
    read = stage(evidence=rules, strategy=CANARY | {"bake": "1h"})
    assert [rule.max for rule in read.evidence] == [0.01, 250_000]
    assert set(read.strategy.bakes) == {3600}


def test_what_the_rules_of_a_policy_say_is_what_the_rest_of_interlock_asks_them() -> None:
    rules = [
        {"metric": "error_rate", "max": "2%"},
        {"metric": "error_rate", "margin": "50%"},
        {"metric": "p99_latency", "better_by": "5%", "min_requests": 7},
        {"metric": "invocations", "min": 10},
    ]
    read = stage(evidence=rules)
    assert [(rule.bound, rule.value, rule.compares) for rule in read.evidence] == [
        ("max", 0.02, False),
        ("margin", 0.5, True),
        ("better_by", 0.05, True),
        ("min", 10.0, False),
    ]
    assert [rule.min_requests for rule in read.evidence] == [100, 100, 7, 100]
    assert read.compares
    assert not stage().compares


def test_json_is_read_like_yaml() -> None:
    as_yaml = yaml.safe_dump(json.loads(document()))
    assert read_policy(as_yaml, GROUP) == read_policy(document(), GROUP)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "Production"}, "stages.0.name: write lower-case letters, digits and hyphens, at most 31"),
        ({"endpoint": "my_churn"}, "stages.0.endpoint: write letters, digits and hyphens"),
        ({"endpoint": "a" + "-" * 80 + "b"}, "stages.0.endpoint: write at most 63 characters"),
        ({"endpoint": None}, "stages.0.endpoint: this field is required"),
        ({"hosting": {"kind": "lambda", "instance_type": "ml.m5.large"}}, "stages.0.hosting.kind: write"),
        ({"hosting": {"instance_type": "m5.large"}}, "stages.0.hosting.instance_type: write an instance type"),
        ({"hosting": {}}, "stages.0.hosting.instance_type: this field is required"),
        (
            {"hosting": "ml.m5.large"},
            "stages.0.hosting: write fields here: kind, image_digest, instance_type, instances, download_timeout",
        ),
        ({"hosting": {"instance_type": "ml.m5.large", "instances": 0}}, "instances: write at least"),
        ({"hosting": {"instance_type": "ml.m5.large", "instances": 1001}}, "instances: write at most"),
        ({"hosting": {"instance_type": "ml.m5.large", "instances": "two"}}, "instances: write a whole number"),
        (
            {"strategy": {"kind": "sliding"}},
            "strategy.kind: write 'all_at_once', 'canary', 'linear', 'rolling', 'shadow' or 'ab_test'; got 'sliding'",
        ),
        ({"strategy": {"kind": "rolling"}}, "strategy.batch: this field is required"),
        ({"strategy": ROLLING | {"batch": 4}}, "strategy.batch: write at least 5; got 4"),
        ({"strategy": ROLLING | {"batch": 51}}, "strategy.batch: write at most 50; got 51"),
        ({"strategy": ROLLING | {"rollback_batch": 51}}, "strategy.rollback_batch: write at most 50; got 51"),
        ({"strategy": ROLLING | {"bake": "59s"}}, "strategy.bake: a batch is watched from 1m to 1h, for example 10m;"),
        ({"strategy": ROLLING | {"bake": "61m"}}, "strategy.bake: a batch is watched from 1m to 1h, for example 10m;"),
        ({"strategy": ROLLING | {"traffic": "weights"}}, "strategy.traffic: rolling has no traffic; leave it out, or"),
        ({"strategy": ROLLING | {"looks": 5}}, "strategy.looks: rolling has no looks; leave it out, or write kind:"),
        (
            {"strategy": ROLLING, "evidence": [{"metric": "error_rate", "margin": "50%"}]},
            "error_rate margin compares with stable, which is not measured beside the candidate with kind: rolling",
        ),
        ({"strategy": {"kind": "linear"}}, "strategy.step: this field is required"),
        ({"strategy": {"kind": "linear", "step": 0}}, "strategy.step: write at least 1"),
        ({"strategy": {"kind": "linear", "step": 100}}, "strategy.step: write at most 99"),
        (
            {"strategy": {"kind": "linear", "step": 20, "steps": [5]}},
            "strategy.steps: linear has no steps; leave it out, or write kind: canary",
        ),
        (
            {"strategy": {"kind": "linear", "step": 20, "traffic": "native", "baseline": True}},
            "strategy.baseline: a baseline needs weights; write kind: linear and traffic: weights, or leave",
        ),
        ({"strategy": {"bake": "10m"}}, "strategy.kind: this field is required"),
        (
            {"strategy": {"kind": None}},
            "strategy.kind: write 'all_at_once', 'canary', 'linear', 'rolling', 'shadow' or 'ab_test'; got None",
        ),
        ({"strategy": {"kind": "shadow"}}, "strategy.sampling: this field is required"),
        ({"strategy": SHADOW | {"sampling": "0%"}}, "strategy.sampling: write from 1% to 100%, for example 20%; got"),
        ({"strategy": SHADOW | {"sampling": "101%"}}, "strategy.sampling: a share lies between 0 and 1"),
        (
            {"strategy": SHADOW | {"traffic": "native"}},
            "strategy: guardrails cannot give the candidate copies of requests; write traffic: weights, or leave the",
        ),
        (
            {
                "strategy": SHADOW,
                "hosting": {"kind": "serverless", "memory_mb": 2048, "max_concurrency": 5},
            },
            "stages.0.strategy: kind: serverless has one variant, so no shadow can stand beside it; write strategy:",
        ),
        ({"strategy": SHADOW | {"baseline": True}}, "strategy.baseline: shadow has no baseline; leave it out, or"),
        ({"strategy": CANARY | {"shadow": {}}}, "strategy.shadow: write a share such as 1% or 0.01"),
        (
            {"strategy": CANARY | {"shadow": "20%", "bake": ["1m"]}},
            "strategy: 5 steps, the shadow and 100 % included, need 5 bakes, or one for all",
        ),
        (
            {"strategy": CANARY | {"shadow": "20%", "traffic": "native"}},
            "strategy: guardrails cannot give the candidate copies of requests; write traffic: weights, or leave the",
        ),
        (
            {"strategy": CANARY | {"shadow": "20%", "baseline": True}, "evidence": [ERRORS_LIKE_STABLE]},
            "strategy: a shadow stands beside one variant only; leave out the baseline, or the shadow",
        ),
        ({"strategy": "canary"}, "strategy: write fields here: kind, bake, looks, traffic, baseline, shadow"),
        (
            {"hosting": {"kind": None}},
            "stages.0.hosting.kind: write 'realtime', 'serverless', 'async', 'multi_model', 'inference_components' or"
            " 'batch'; got None",
        ),
        ({"strategy": {"kind": "canary"}}, "strategy: a canary needs steps, for example steps: [5, 25, 50]"),
        (
            {"strategy": ALL_AT_ONCE | {"steps": [5]}},
            "strategy.steps: all_at_once has no steps; leave it out, or write kind: canary",
        ),
        (
            {"strategy": CANARY | {"steps": [50, 25]}},
            "strategy: steps must grow, for example [5, 25, 50]; got [50, 25]",
        ),
        ({"strategy": CANARY | {"steps": [5, 5]}}, "strategy: steps must grow"),
        ({"strategy": CANARY | {"steps": [0]}}, "strategy.steps.0: write at least 1; got 0"),
        (
            {"strategy": CANARY | {"steps": [100]}},
            "strategy.steps.0: write at most 99; got 100",
        ),
        ({"strategy": CANARY | {"steps": ["5%"]}}, "strategy.steps.0: write a whole number"),
        ({"strategy": CANARY | {"steps": 5}}, "strategy.steps: write a list, in brackets or with a hyphen"),
        ({"strategy": CANARY | {"bake": 600}}, "strategy.bake: write a number and one of s, m, h, d, for example 10m"),
        ({"strategy": CANARY | {"bake": "10 minutes"}}, "strategy.bake: write a number and one of s, m, h, d"),
        (
            {"strategy": CANARY | {"bake": "59s"}},
            "strategy.bake: a bake lasts from 1m to 30d, for example 10m; got 59 s",
        ),
        ({"strategy": CANARY | {"bake": "31d"}}, "strategy.bake: a bake lasts from 1m to 30d"),
        ({"strategy": CANARY | {"bake": "9" * 400 + "d"}}, "strategy.bake: write a number and one of"),
        ({"strategy": CANARY | {"traffic": "guardrails"}}, "strategy.traffic: write 'auto', 'native' or"),
        ({"smoke": {}}, "smoke.body: this field is required"),
        ({"smoke": {"body": ""}}, "smoke.body: write 1 or more characters"),
        ({"smoke": {"body": "x" * 6001}}, "smoke.body: write at most 6000 characters"),
        ({"evidence": {"metric": "error_rate"}}, "evidence: write a list"),
        ({"evidence": ["error_rate"]}, "evidence.0: write fields here: metric, max, min, margin, better_by, min_req"),
        ({"evidence": [{"max": "1%"}]}, "evidence.0.metric: this field is required"),
        (
            {"evidence": [{"metric": ["error_rate"], "max": "1ms"}]},
            "evidence.0.metric: write text, in quotes if it looks like a number",
        ),
        (
            {"evidence": [{"metric": "error_rate", "max": "1%", "min_requests": 0}]},
            "evidence.0.min_requests: write at least 1; got 0",
        ),
        ({"evidence": [{"metric": "error_rate", "max": "1%"}] * 21}, "evidence: write at most 20"),
        ({"inconclusive": {"extensions": -1}}, "inconclusive.extensions: write at least 0"),
        ({"inconclusive": {"extensions": 101}}, "inconclusive.extensions: write at most 100"),
        (
            {"inconclusive": {"then": "wait"}},
            "inconclusive.then: write 'roll_back', 'promote', 'hold' or 'ext",
        ),
        (
            {
                "strategy": CANARY | {"bake": "7d"},
                "evidence": [{"metric": "error_rate", "max": "1%"}],
                "inconclusive": {"extensions": 9},
            },
            ": 4 steps of 7 d, each baked up to 10 times, take 280 d, which is more than",
        ),
        (
            {"strategy": {"kind": "canary", "steps": [5, 10, 25, 50], "bake": "30d"}, "evidence": []},
            ": 5 steps of 30 d take 150 d, which is more than 120 d; write fewer steps, or a shorter",
        ),
        (
            {
                "strategy": CANARY | {"bake": "2d"},
                "evidence": [{"metric": "error_rate", "max": "1%"}],
                "inconclusive": {"then": "extend"},
            },
            "4 steps of 2 d, each baked up to 20 times, take 160 d",
        ),
        (
            {"strategy": CANARY | {"bake": "5h", "looks": 100}, "evidence": [{"metric": "error_rate", "max": "1%"}]},
            ": 4 steps of 100 looks, each baked up to 3 times, have 1200 looks, more than one execution can",
        ),
        (
            {"alarms": "churn-5xx"},
            "alarms: write a list, in brackets or with a hyphen before each item; got 'churn-5xx'",
        ),
        ({"alarms": list("abcdef")}, "alarms: write at most 5"),
        ({"alarms": [""]}, "alarms.0: write 1 or more characters"),
        ({"alarms": ["x" * 256]}, "alarms.0: write at most 255 characters"),
    ],
)
def test_a_wrong_value_is_named_once_with_what_would_be_right(fields: dict[str, Any], said: str) -> None:
    text = problems(document(**fields))[0]
    assert text.startswith("stages.0")
    assert said in text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"aproval": True}, "stages.0.aproval: no such field; allowed here: " + ", ".join(Stage.model_fields)),
        (
            {"strategy": CANARY | {"backe": 1}},
            "stages.0.strategy.backe: no such field; allowed here: kind, bake, looks, traffic, baseline, shadow",
        ),
        ({"smoke": {"body": "1", "url": "x"}}, "stages.0.smoke.url: no such field; allowed here: content_type, body"),
        (
            {"evidence": [{"metric": "error_rate", "maximum": "1%"}]},
            "stages.0.evidence.0.maximum: no such field; allowed here: metric, max, min, margin, better_by",
        ),
        ({"inconclusive": {"or": 1}}, "stages.0.inconclusive.or: no such field; allowed here: extensions, then"),
    ],
)
def test_an_unknown_field_is_answered_with_the_allowed_ones(fields: dict[str, Any], said: str) -> None:
    assert problem(**fields).startswith(said)


def test_an_unknown_field_at_the_top_is_answered_with_the_allowed_ones() -> None:
    text = json.dumps(json.loads(document()) | {"notify": "me"})
    assert problems(text) == ["notify: no such field; allowed here: " + ", ".join(Policy.model_fields)]


def test_every_section_of_a_policy_can_be_explained() -> None:
    sections = {
        name
        for section in SECTIONS
        for name, field in section.model_fields.items()
        if "Section" in {base.__name__ for inner in _models(field.annotation) for base in inner.__mro__}
    }
    assert sections == set(THE_SECTIONS)


def _models(annotation: Any) -> list[type]:
    return (
        [annotation] if isinstance(annotation, type) else [m for inner in get_args(annotation) for m in _models(inner)]
    )


def test_several_problems_are_reported_together() -> None:
    told = problems(document(endpoint="a b", strategy={"kind": "canary", "bake": "1"}))
    assert [text.partition(":")[0] for text in told] == ["stages.0.endpoint", "stages.0.strategy.bake"]


def test_a_long_wrong_value_is_not_repeated_at_length() -> None:
    assert len(problem(endpoint="x y " * 1000)) < 250


def test_a_policy_under_another_groups_name_is_refused() -> None:
    (said,) = problems(document(), group="fraud")
    assert said.startswith("model_package_group: says 'churn', but the parameter is named after 'fraud'")


@pytest.mark.parametrize(("count", "said"), [(0, "stages: write 1 or more"), (11, "stages: write at most 10")])
def test_a_policy_has_one_stage_or_several(count: int, said: str) -> None:
    policy = json.loads(document())
    (told,) = problems(json.dumps(policy | {"stages": policy["stages"] * count}))
    assert told.startswith(said)


@given(some.text(max_size=60) | some.text("{}[]:,&*!|>- \n\t\"'01ae", max_size=40))
def test_whatever_is_written_is_read_or_refused_in_words(text: str) -> None:
    assert all(problems(text))


@settings(max_examples=50)
@given(
    some.dictionaries(
        some.sampled_from([*Stage.model_fields, "typo"]),
        some.none() | some.integers() | some.text(max_size=5) | some.lists(some.integers() | some.text(max_size=5)),
    )
)
def test_whatever_stands_in_a_stage_it_is_read_or_refused_in_words(fields: dict[str, Any]) -> None:
    try:
        read_policy(document(**fields), GROUP)
    except PolicyError as refused:
        assert all(problem.text.startswith("stages.0.") for problem in refused.problems)
