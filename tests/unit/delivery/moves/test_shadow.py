"""A candidate that is stable's shadow first: it gets copies of requests, and answers nobody."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.model.plan import PlanDocument
from tests.unit import examples
from tests.unit.examples import CANARY, RELEASE, SHADOW, STABLE, answers
from tests.unit.planned import actions, config, deliver, request, roll_back

SHADOWED = "interlock-churn-v7-1-shadow"
COMPARING: dict[str, Any] = {
    "strategy": SHADOW,
    "evidence": [examples.ERROR_RULE, examples.ERRORS_LIKE_STABLE, examples.LATENCY_LIKE_STABLE],
}
FIRST: dict[str, Any] = COMPARING | {
    "strategy": CANARY | {"steps": [50], "shadow": "100%", "bake": ["1h", "30m", "20m"]}
}


def bakes(plan: PlanDocument) -> list[dict[str, Any]]:
    return [step["bake"] for step in plan["steps"] if step["action"] == "Bake"]


def test_the_candidate_is_compared_as_a_shadow_then_smoke_tested_and_then_takes_all_traffic() -> None:
    plan = deliver(**COMPARING)
    assert (plan["strategy"], plan["traffic"]) == ("shadow", "weights")
    assert actions(plan) == [
        *["CreateModel", *["CreateEndpointConfig"] * 3, "PutMetricAlarm"],
        *["UpdateEndpoint", "Bake", "UpdateEndpoint", "InvokeEndpoint", "UpdateEndpointWeightsAndCapacities", "Bake"],
        *["UpdateEndpoint", "DeleteAlarms", "DeleteEndpointConfig", "DeleteEndpointConfig"],
    ]
    assert [bake["percent"] for bake in bakes(plan)] == [0, 100]
    assert plan["restore_from"] == actions(plan).index("UpdateEndpointWeightsAndCapacities")


def test_one_variant_answers_and_the_weight_of_the_shadow_is_the_share_that_is_copied() -> None:
    plan = deliver(**COMPARING)
    made = config(plan, SHADOWED)
    (answering,), (shadow,) = made["ProductionVariants"], made["ShadowProductionVariants"]
    assert (answering["VariantName"], answering["InitialVariantWeight"]) == (STABLE, 100.0)
    assert (shadow["VariantName"], shadow["InitialVariantWeight"]) == (RELEASE, 20.0)
    assert shadow["ModelName"] == request(plan, "CreateModel")["ModelName"]
    assert shadow["InitialInstanceCount"] == answering["InitialInstanceCount"]
    assert plan["steps"][5]["expect"]["shares"] == {STABLE: 100.0}
    assert [each for each in plan["steps"] if "artifacts" in each.get("expect", {})] == [plan["steps"][5]]


def test_the_judge_expects_copies_of_a_part_of_stables_requests() -> None:
    shadow, alone = bakes(deliver(**COMPARING))
    assert (shadow["copies"], shadow["split"]) == (20.0, {"candidate": 20.0, "stable": 100.0})
    assert [rule["bound"] for rule in shadow["rules"]] == ["max", "margin", "margin"]
    assert [rule["bound"] for rule in alone["rules"]] == ["max"]
    assert "copies" not in alone


def test_a_shadow_may_come_before_the_steps_of_another_strategy() -> None:
    plan = deliver(**FIRST)
    assert [(bake["percent"], bake["seconds"]) for bake in bakes(plan)] == [(0, 3600), (50, 1800), (100, 1200)]
    assert bakes(plan)[0]["split"] == {"candidate": 100.0, "stable": 100.0}
    horizons = {rule["horizon"] * bake["period"] for bake in bakes(plan) for rule in bake["rules"]}
    assert horizons == {5400}, "the tests are made for all the time that the two are beside each other"


def test_a_shadow_that_is_dropped_is_removed_and_nothing_is_asked_of_traffic() -> None:
    plan = deliver(**COMPARING)
    seen = examples.endpoint("InService", SHADOWED, examples.live(STABLE, 100.0))
    settings = examples.endpoint_config(SHADOWED, ShadowProductionVariants=[examples.production_variant(RELEASE)])
    observed = answers(endpoint=examples.found(seen), endpoint_config=examples.found(settings))
    back = roll_back(observed, plan, reached=6, reason="EvidenceFailed")
    assert back["decision"] == "Proceed"
    assert actions(back) == ["UpdateEndpoint", "DeleteAlarms", *["DeleteEndpointConfig"] * 3, "DeleteModel"]
    assert request(back, "UpdateEndpoint")["EndpointConfigName"] == examples.STABLE_CONFIG


BOUGHT = {
    "version": examples.found(
        examples.package(
            InferenceSpecification={
                "Containers": [{**examples.package()["InferenceSpecification"]["Containers"][0], "ProductId": "prod-1"}]
            }
        )
    )
}


@pytest.mark.parametrize("fields", [COMPARING, FIRST], ids=["shadow", "shadow first"])
@pytest.mark.parametrize(
    ("more", "observed", "why"),
    [
        ({"hosting": {"instance_type": "ml.inf1.xlarge"}}, {}, "SageMaker has no shadows on Inf1"),
        ({}, BOUGHT, "SageMaker runs no AWS Marketplace product (prod-1) as a shadow"),
        ({}, {"scaling": examples.DENIED}, "guardrails cannot give the candidate copies of requests"),
    ],
)
def test_what_can_have_no_shadow_is_refused_by_name(
    fields: dict[str, Any], more: dict[str, Any], observed: dict[str, Any], why: str
) -> None:
    plan = deliver(answers(**observed), **fields, **more)
    assert (plan["decision"], plan["reason"], plan["steps"]) == ("Refuse", "StrategyImpossible", [])
    assert why in plan["why"]


def test_a_smoke_test_is_after_the_copies_and_the_plan_says_so() -> None:
    said = "The smoke test comes after the copies: it cannot be said that a request reaches a shadow."
    assert said in deliver(**COMPARING)["warnings"]
    assert not any("smoke" in each.lower() for each in deliver(**COMPARING, smoke=None)["warnings"])


def test_the_first_release_has_nothing_to_be_a_shadow_of() -> None:
    plan = deliver(answers(**examples.NOTHING_YET), **COMPARING)
    assert plan["traffic"] == "create"
    assert "ShadowProductionVariants" not in str(plan["steps"])
    assert any("no stable variant to compare with" in each for each in plan["warnings"])


def test_an_autoscaled_stable_loses_no_instance_from_the_shadow_on_and_the_candidate_scales_once_it_may_answer() -> (
    None
):
    plan = deliver(answers(**examples.AUTOSCALED), **COMPARING)
    place = {action: index for index, action in reversed(list(enumerate(actions(plan))))}
    suspended = plan["steps"][place["RegisterScalableTarget"]]["request"]
    assert suspended["ResourceId"].endswith(f"variant/{STABLE}")
    assert suspended["SuspendedState"]["DynamicScalingInSuspended"] is True
    assert place["UpdateEndpoint"] < place["RegisterScalableTarget"] < place["Bake"]
    registered = [
        index
        for index, step in enumerate(plan["steps"])
        if step["action"] == "RegisterScalableTarget" and step["request"]["ResourceId"].endswith(RELEASE)
    ]
    assert place["Bake"] < registered[0] < place["UpdateEndpointWeightsAndCapacities"]
