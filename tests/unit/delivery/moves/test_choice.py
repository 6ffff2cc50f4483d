from __future__ import annotations

from typing import Any

import pytest

from interlock.delivery.moves.choice import MOVES
from tests.unit.examples import (
    ALL_AT_ONCE,
    AUTOSCALED,
    CANARY,
    DENIED,
    ERROR_RULE,
    NOTHING_YET,
    ROLLING,
    SCALED_BY_STEPS,
    STABLE_CONFIG,
    answers,
    endpoint,
    endpoint_config,
    found,
    live,
    package,
    production_variant,
    scaled,
)
from tests.unit.planned import LIKE_STABLE, WITH_BASELINE, deliver

ONCE = {"scaling": scaled(schedules=[{"ScheduledActionName": "launch", "Schedule": "at(2026-02-01T08:00:00)"}])}
LINEAR = {"kind": "linear", "step": 50, "bake": "30m"}
NATIVE_CANARY = {"kind": "canary", "steps": [50], "bake": "30m"}
PLAIN: dict[str, Any] = {"smoke": None, "evidence": None}
"""A policy that asks only for what guardrails can do."""
BOUGHT: dict[str, Any] = {"version": found(package())}
BOUGHT["version"]["found"]["InferenceSpecification"]["Containers"][0]["ProductId"] = "prod-1"
"""A version of a product of AWS Marketplace."""


@pytest.mark.parametrize(
    ("fields", "observed", "traffic", "why"),
    [
        (PLAIN | {"strategy": ALL_AT_ONCE}, {}, "native", "SageMaker's guardrails can carry out this strategy by them"),
        (PLAIN | {"strategy": NATIVE_CANARY}, {}, "native", "and roll back on an alarm without Interlock."),
        (PLAIN | {"strategy": LINEAR}, {}, "native", "and roll back on an alarm without Interlock."),
        (
            PLAIN | {"strategy": LINEAR | {"step": 20}},
            {},
            "weights",
            "because a guardrail step must be at least one instance",
        ),
        (LIKE_STABLE | {"strategy": LINEAR | {"baseline": True}}, {}, "weights", "guardrails cannot start a baseline"),
        ({"smoke": None, "strategy": NATIVE_CANARY}, {}, "weights", "because evidence is judged after every bake."),
        ({"evidence": None, "strategy": ALL_AT_ONCE}, {}, "weights", "the candidate is smoke-tested before it gets"),
        (PLAIN, {}, "weights", "because guardrails allow only one canary step, and the policy has several."),
        (PLAIN | {"strategy": NATIVE_CANARY | {"steps": [51]}}, {}, "weights", "a guardrail canary takes at most 50 %"),
        (PLAIN | {"strategy": NATIVE_CANARY | {"bake": "61m"}}, {}, "weights", "guardrails bake for at most an hour"),
        (
            PLAIN | {"strategy": NATIVE_CANARY},
            {"endpoint": found(endpoint("InService", STABLE_CONFIG, live(instances=1)))},
            "weights",
            "needs at least two instances, and the fleet has one",
        ),
        (
            PLAIN | {"strategy": ALL_AT_ONCE, "hosting": {"instance_type": "ml.inf1.xlarge"}},
            {},
            "weights",
            "guardrails do not work on Inf1",
        ),
        ({"strategy": NATIVE_CANARY}, AUTOSCALED, "weights", "because evidence is judged after every bake"),
        (
            {"strategy": NATIVE_CANARY},
            SCALED_BY_STEPS,
            "native",
            "because scaling policy team-steps is started by alarms of somebody else's, which name it by its ARN",
        ),
        ({"strategy": NATIVE_CANARY}, {"scaling": DENIED}, "native", "whether the endpoint is autoscaled could not be"),
        (
            LIKE_STABLE | {"smoke": None, "strategy": NATIVE_CANARY},
            {},
            "weights",
            "guardrails cannot compare the candidate with stable",
        ),
        (WITH_BASELINE, {}, "weights", "guardrails cannot start a baseline"),
        (PLAIN | {"strategy": ROLLING}, {}, "native", "SageMaker's guardrails can carry out this strategy by them"),
        (PLAIN | {"strategy": ROLLING}, AUTOSCALED, "native", "and roll back on an alarm without Interlock."),
        (PLAIN | {"strategy": ALL_AT_ONCE}, BOUGHT, "weights", "guardrails do not work with AWS Marketplace (prod-1)"),
        ({"strategy": ROLLING}, {}, "native", "because variant weights cannot replace the instances of a fleet in ba"),
        ({"strategy": CANARY | {"traffic": "weights"}}, {}, "weights", "The policy asks for traffic: weights."),
        ({"strategy": NATIVE_CANARY | {"traffic": "native"}}, {}, "native", "The policy asks for traffic: native."),
    ],
)
def test_traffic_is_moved_the_way_that_fits_and_the_plan_says_why(
    fields: dict[str, Any], observed: dict[str, Any], traffic: str, why: str
) -> None:
    plan = deliver(answers(**observed), **fields)
    assert (plan["decision"], plan["traffic"], plan["reason"]) == ("Proceed", traffic, "Accepted")
    assert plan["strategy"] == fields.get("strategy", CANARY)["kind"]
    assert why in plan["why"]


@pytest.mark.parametrize(
    ("strategy", "observed", "why"),
    [
        (
            CANARY | {"traffic": "native"},
            {},
            "The policy asks for traffic: native, but guardrails allow only one canary step",
        ),
        (CANARY | {"traffic": "native"}, {}, "Change the strategy, or write traffic: auto."),
        (
            CANARY | {"traffic": "weights"},
            SCALED_BY_STEPS,
            "The policy asks for traffic: weights, but scaling policy team-steps is started by alarms",
        ),
        (
            CANARY,
            SCALED_BY_STEPS,
            "Guardrails do not work: guardrails allow only one canary step, and the policy has several. Weights",
        ),
        (CANARY, SCALED_BY_STEPS, "by_steps under hosting.autoscaling). Change the strategy."),
        (CANARY, ONCE, "scheduled action launch acts once, at a time that may be over by then. Change the strategy."),
        (CANARY, {"scaling": DENIED}, "could not be read (SageMaker.SageMakerException: User: arn:"),
    ],
)
def test_a_strategy_that_neither_way_can_carry_out_is_refused_with_the_reason(
    strategy: dict[str, Any], observed: dict[str, Any], why: str
) -> None:
    plan = deliver(answers(**observed), strategy=strategy)
    assert (plan["decision"], plan["reason"], plan["steps"]) == ("Refuse", "StrategyImpossible", [])
    assert why in plan["why"]


def of(instances: int) -> dict[str, Any]:
    """An endpoint with so many instances."""
    return {"endpoint": found(endpoint("InService", STABLE_CONFIG, live(instances=instances)))}


SERVERLESS = production_variant() | {"ServerlessConfig": {"MaxConcurrency": 5, "MemorySizeInMB": 2048}}


@pytest.mark.parametrize(
    ("fields", "observed", "reason", "why"),
    [
        ({}, of(1), "StrategyImpossible", "a rolling deployment needs at least two instances, and there is one"),
        (
            {"strategy": ROLLING | {"batch": 20}},
            of(4),
            "StrategyImpossible",
            "20 % of 4 is less than one (write batch: 2",
        ),
        (
            {"strategy": ROLLING | {"batch": 5, "bake": "1h"}},
            of(20),
            "StrategyImpossible",
            "(write a larger batch, or a",
        ),
        ({}, BOUGHT, "StrategyImpossible", "guardrails do not work with AWS Marketplace (prod-1)"),
        ({"hosting": {"instance_type": "ml.inf1.xlarge"}}, {}, "StrategyImpossible", "guardrails do not work on Inf1"),
        (
            {},
            {"endpoint_config": found(endpoint_config(STABLE_CONFIG, SERVERLESS))},
            "EndpointUnsupported",
            "it is a serverless endpoint",
        ),
        (
            {},
            {
                "endpoint": found(endpoint("InService", STABLE_CONFIG, live("a"), live("b"))),
                "endpoint_config": found(endpoint_config(STABLE_CONFIG, *map(production_variant, "ab"))),
            },
            "EndpointUnsupported",
            "it has 2 production variants (a, b)",
        ),
    ],
)
def test_what_does_not_roll_is_refused_by_name(
    fields: dict[str, Any], observed: dict[str, Any], reason: str, why: str
) -> None:
    plan = deliver(answers(**observed), **PLAIN | {"strategy": ROLLING} | fields)
    assert (plan["decision"], plan["reason"], plan["steps"]) == ("Refuse", reason, [])
    assert why in plan["why"]


@pytest.mark.parametrize("scaling", [AUTOSCALED, {"scaling": DENIED}])
def test_guardrails_do_not_change_the_instance_type_of_an_autoscaled_variant(scaling: dict[str, Any]) -> None:
    """An update that changes the type of a scalable target fails (docs: endpoint-scaling)."""
    bigger = {"instance_type": "ml.c5.xlarge", "instances": 2}
    native = ALL_AT_ONCE | {"traffic": "native"}
    plan = deliver(answers(**scaling), strategy=native, hosting=bigger, **PLAIN)
    assert (plan["decision"], plan["reason"]) == ("Refuse", "StrategyImpossible")
    assert deliver(answers(**AUTOSCALED), strategy=ALL_AT_ONCE, hosting=bigger, **PLAIN)["traffic"] == "weights"
    assert deliver(strategy=ALL_AT_ONCE, hosting=bigger, **PLAIN)["traffic"] == "native"
    assert deliver(answers(**scaling), strategy=ALL_AT_ONCE, **PLAIN)["traffic"] == "native"


def test_what_autoscaling_forbids_names_the_variant_and_the_types() -> None:
    by_steps = answers(**SCALED_BY_STEPS)
    plan = deliver(by_steps, strategy=ALL_AT_ONCE, hosting={"instance_type": "ml.c5.large"}, **PLAIN)
    said = "variant AllTraffic is a scalable target, so it could not change from ml.m5.large to ml.c5.large"
    assert said in plan["why"]


def test_as_many_looks_as_an_execution_holds_go_ahead() -> None:
    assert deliver(strategy=CANARY | {"bake": "1d", "looks": 50})["decision"] == "Proceed"


@pytest.mark.parametrize(
    ("fields", "observed", "warning"),
    [
        ({}, NOTHING_YET, "First deployment: there is no stable variant to compare with or to roll back to."),
        (
            LIKE_STABLE,
            NOTHING_YET,
            "First deployment: the rules that compare with stable cannot be judged (error_rate, p99",
        ),
        ({"smoke": None}, {}, "No smoke test: the first request the candidate sees is a user's."),
        ({"smoke": None}, NOTHING_YET, "No smoke test: the first request the candidate sees is a user's."),
        ({"evidence": None}, {}, "No evidence rules: only alarms can roll the release back."),
        ({"strategy": NATIVE_CANARY | {"traffic": "native"}}, {}, "No smoke test: guardrails give no way to reach"),
        ({"strategy": NATIVE_CANARY | {"traffic": "native"}}, {}, "Evidence rules act as alarms only: guardrails do"),
        (
            {"strategy": NATIVE_CANARY | {"traffic": "native"}, "evidence": [ERROR_RULE, {"metric": "cpu", "max": 80}]},
            {},
            "No alarm can watch cpu max, so nothing judges it.",
        ),
        (
            {},
            {"endpoint": found(endpoint("InService", STABLE_CONFIG, live(instances=5)))},
            "Live capacity is kept: 5 instances; the policy says 2.",
        ),
    ],
)
def test_a_plan_warns_without_refusing(fields: dict[str, Any], observed: dict[str, Any], warning: str) -> None:
    assert any(text.startswith(warning) for text in deliver(answers(**observed), **fields)["warnings"])


def test_a_careful_policy_is_not_warned() -> None:
    assert deliver()["warnings"] == []
    assert deliver(**WITH_BASELINE)["warnings"] == []
    by_guardrails = deliver(strategy=ALL_AT_ONCE, **PLAIN)
    assert by_guardrails["traffic"] == "native"
    assert by_guardrails["warnings"] == []


def test_there_is_a_way_of_moving_traffic_for_every_one_that_can_be_chosen() -> None:
    assert set(MOVES) == {"create", "native", "weights", "swap", "pointer"}


def canary_of(percent: int, instances: int, traffic: str = "auto", scaling: Any = None) -> Any:
    """The plan of a canary that guardrails could carry out, on a fleet of so many instances."""
    fleet = {"endpoint": found(endpoint("InService", STABLE_CONFIG, live(instances=instances)))} | (scaling or {})
    strategy = NATIVE_CANARY | {"steps": [percent], "traffic": traffic}
    return deliver(answers(**fleet), **PLAIN, strategy=strategy)


@pytest.mark.parametrize(
    ("percent", "instances", "traffic"),
    [
        (5, 2, "weights"),
        (33, 2, "weights"),
        (34, 2, "native"),
        (25, 4, "native"),
        (10, 6, "weights"),
        (5, 20, "native"),
    ],
)
def test_weights_are_taken_where_guardrails_would_begin_with_half_as_much_again(
    percent: int, instances: int, traffic: str
) -> None:
    assert canary_of(percent, instances)["traffic"] == traffic


def test_the_plan_says_with_how_much_guardrails_would_begin() -> None:
    assert "would begin with 50 %, not 5 %" in canary_of(5, 2)["why"]


@pytest.mark.parametrize(
    ("percent", "instances", "warned"),
    [
        (5, 2, ["Guardrails shift whole instances: the first step is 50 % of 2 instances, not 5 %."]),
        (40, 3, ["Guardrails shift whole instances: the first step is 66.7 % of 3 instances, not 40 %."]),
        (50, 2, []),
        (25, 4, []),
    ],
)
def test_a_plan_by_guardrails_warns_of_the_share_that_is_really_exposed(
    percent: int, instances: int, warned: list[str]
) -> None:
    warnings = canary_of(percent, instances, "native")["warnings"]
    assert [each for each in warnings if "whole instances" in each] == warned


def test_where_weights_cannot_be_used_guardrails_are_and_the_plan_warns() -> None:
    plan = canary_of(5, 2, scaling=SCALED_BY_STEPS)
    assert plan["traffic"] == "native"
    assert any("the first step is 50 % of 2 instances" in each for each in plan["warnings"])
