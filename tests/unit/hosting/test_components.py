"""Inference components: what a release asks SageMaker for, how it goes back, and what is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from interlock.model.names import GROUP_TAG, STACK_TAG
from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from tests.unit import examples
from tests.unit.awsmodel import input_of, unfit
from tests.unit.examples import COMPONENT, ENDPOINT, HOSTED, NO_COMPONENT, NOTHING_YET, ROLE, answers, component, found
from tests.unit.planned import actions, components, deliver, request, roll_back

ROLLING = examples.ROLLING_COMPONENT
AT_ONCE: dict[str, Any] = ROLLING | {"strategy": examples.ALL_AT_ONCE, "evidence": [examples.ERROR_RULE]}
MADE, BEFORE = "interlock-churn-v7-1", "churn-6"
GUARDS = ["PutMetricAlarm", "PutMetricAlarm"]  # errors, and the veto


def hosted(described: dict[str, Any] | None = None, **different: Any) -> dict[str, Any]:
    return answers(**HOSTED | {"component": found(described or component())} | different)


def stands(status: str = "InService", model: str = MADE, **fields: Any) -> dict[str, Any]:
    return hosted(component(status, model, **fields))


def nothing() -> dict[str, Any]:
    return answers(**NOTHING_YET, component=NO_COMPONENT)


def fits(plan: Any) -> None:
    """Every request is one that botocore takes."""
    for step in [*plan["steps"], plan["restore"]]:
        service = "cloudwatch" if "Metric" in step["action"] or "Alarm" in step["action"] else "sagemaker"
        if step["action"] not in ("Bake", "None", "InvokeEndpoint"):
            assert unfit(input_of(service, step["action"]), step["request"]) == [], step["action"]


def test_the_first_version_makes_an_endpoint_without_a_model_and_a_component_on_it() -> None:
    plan = deliver(nothing(), **ROLLING)
    assert actions(plan) == [
        "CreateModel",
        "CreateEndpointConfig",
        "CreateEndpoint",
        "CreateInferenceComponent",
        "InvokeEndpoint",
        "None",
    ]
    config = request(plan, "CreateEndpointConfig")
    assert config["ExecutionRoleArn"] == ROLE
    assert config["ProductionVariants"] == [
        {"VariantName": "AllTraffic", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    ]
    made = request(plan, "CreateInferenceComponent")
    assert (made["EndpointName"], made["VariantName"], made["RuntimeConfig"]) == (
        ENDPOINT,
        "AllTraffic",
        {"CopyCount": 2},
    )
    assert made["Specification"] == {"ModelName": MADE, "ComputeResourceRequirements": {"MinMemoryRequiredInMb": 1024}}
    assert {tag["Key"] for tag in made["Tags"]} >= {STACK_TAG, GROUP_TAG}
    assert request(plan, "InvokeEndpoint")["InferenceComponentName"] == COMPONENT
    fits(plan)


def test_instances_may_follow_the_copies_down_to_none() -> None:
    hosting = ROLLING["hosting"] | {"min_instances": 0, "max_instances": 3, "cpus": 0.5, "accelerators": 1}
    plan = deliver(nothing(), **ROLLING | {"hosting": hosting})
    (variant,) = request(plan, "CreateEndpointConfig")["ProductionVariants"]
    assert variant["ManagedInstanceScaling"] == {"Status": "ENABLED", "MinInstanceCount": 0, "MaxInstanceCount": 3}
    fits(plan)


def test_on_an_endpoint_that_exists_only_the_component_is_made() -> None:
    plan = deliver(hosted(component=NO_COMPONENT), **ROLLING | {"smoke": None})
    assert actions(plan) == ["CreateModel", "CreateInferenceComponent", "None"]


def test_a_release_is_one_update_with_the_releases_alarms_and_the_live_resources() -> None:
    plan = deliver(hosted(component(copies=5)), **ROLLING)
    assert (plan["traffic"], actions(plan)) == (
        "native",
        ["CreateModel", *GUARDS, "UpdateInferenceComponent", "DeleteAlarms"],
    )
    update = request(plan, "UpdateInferenceComponent")
    assert update["Specification"] == component()["Specification"] | {"ModelName": MADE}
    assert "RuntimeConfig" not in update  # so that the copies stay as many as autoscaling has made them
    policy = update["DeploymentConfig"]["RollingUpdatePolicy"]
    assert policy["MaximumBatchSize"] == {"Type": "COPY_COUNT", "Value": 2}
    watched = [each["AlarmName"] for each in update["DeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]]
    assert [request(plan, "PutMetricAlarm", index)["AlarmName"] for index in (0, 1)] == watched
    assert plan["restore"]["action"] == "PutMetricData"
    assert plan["restore_from"] == actions(plan).index("UpdateInferenceComponent")
    fits(plan)


def test_alarms_and_evidence_are_about_the_component() -> None:
    plan = deliver(hosted(), **AT_ONCE)
    of_component = [{"Name": "InferenceComponentName", "Value": COMPONENT}]
    (watched,) = [each for each in request(plan, "PutMetricAlarm")["Metrics"] if "MetricStat" in each][:1]
    assert watched["MetricStat"]["Metric"]["Dimensions"] == of_component
    (bake,) = [step["bake"] for step in plan["steps"] if "bake" in step]
    assert {str(each["MetricStat"]["Metric"]["Dimensions"]) for each in bake["queries"]} == {str(of_component)}


def test_all_copies_at_once_are_judged_afterwards() -> None:
    plan = deliver(hosted(component(copies=1)), **AT_ONCE)
    made = ["CreateModel", "PutMetricAlarm", "UpdateInferenceComponent", "InvokeEndpoint", "Bake", "DeleteAlarms"]
    assert (plan["traffic"], actions(plan)) == ("swap", made)
    assert "DeploymentConfig" not in request(plan, "UpdateInferenceComponent")
    fits(plan)


def test_a_component_without_copies_is_released_with_a_warning() -> None:
    plan = deliver(hosted(component(copies=0)), **AT_ONCE)
    assert any("no copies now" in warned for warned in plan["warnings"])


@pytest.mark.parametrize(
    ("copies", "said"), [(0, "replaces copies, and there are none"), (1, "needs at least two copies, and there is one")]
)
def test_too_few_copies_for_batches_are_refused(copies: int, said: str) -> None:
    plan = deliver(hosted(component(copies=copies)), **ROLLING)
    assert (plan["decision"], plan["reason"]) == ("Refuse", "StrategyImpossible")
    assert said in plan["why"]


HOST = HOSTED["endpoint_config"]["found"]


@pytest.mark.parametrize(
    ("different", "reason", "said"),
    [
        ({"tags": found({"Tags": []})}, "EndpointTaken", "was not made by this stack"),
        ({"component": found(component(EndpointName="other"))}, "EndpointTaken", "is on endpoint other, and its name"),
        (
            {"tags": found({"Tags": [{"Key": STACK_TAG, "Value": "interlock"}, {"Key": GROUP_TAG, "Value": "fraud"}]})},
            "EndpointTaken",
            "for model package group churn",
        ),
        (
            {"endpoint_config": found(HOST | {"ProductionVariants": [examples.production_variant()]})},
            "EndpointUnsupported",
            "its variant names a model of its own",
        ),
        ({"endpoint": examples.NO_ENDPOINT, "endpoint_config": {}}, "EndpointUnsupported", "that hosted it is gone"),
        (
            {"component": found(component(Specification={"Container": {"Image": "x"}}))},
            "EndpointUnsupported",
            "it names no model",
        ),
        ({"component": found(component("Failed", FailureReason="no room"))}, "EndpointFailed", "is Failed (no room)"),
        ({"component": examples.DENIED}, "AwsRefused", "could not be read"),
        (
            {
                "component": NO_COMPONENT,
                "tags": found(
                    {"Tags": [{"Key": STACK_TAG, "Value": "interlock"}, {"Key": GROUP_TAG, "Value": "fraud"}]}
                ),
            },
            "EndpointTaken",
            "is given to model package group fraud",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_name(different: dict[str, Any], reason: str, said: str) -> None:
    plan = deliver(hosted(**different), **ROLLING)
    assert (plan["decision"], plan["reason"]) == ("Refuse", reason)
    assert said in plan["why"]


def test_a_busy_component_is_looked_at_again_soon_and_a_busy_endpoint_awaited() -> None:
    busy = deliver(stands("Updating"), **ROLLING)
    assert (busy["decision"], busy["pause"]) == ("Wait", 60)
    assert busy["why"] == f"Inference component {COMPONENT} is Updating."
    late = deliver(stands("Updating"), waited=20_000, **ROLLING)
    assert late["pause"] == 300
    scaling = HOSTED["endpoint"]["found"] | {"EndpointStatus": "Updating"}
    assert deliver(hosted(endpoint=found(scaling)), **ROLLING)["why"] == f"Endpoint {ENDPOINT} is Updating."


def test_what_is_live_already_is_not_released_again() -> None:
    live = {"live": {"M": {"version": {"N": "7"}, "config": {"S": MADE}, "model_group": {"S": "churn"}}}}
    control = found({"Item": live})
    assert deliver(stands() | {"control": control}, **ROLLING)["reason"] == "AlreadyLive"


def test_a_key_that_the_endpoint_has_not_is_refused() -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/1"
    plan = deliver(hosted(), **ROLLING, protection={"volume_key": key})
    assert plan["reason"] == "LessProtected"
    assert deliver(nothing(), **ROLLING, protection={"volume_key": key})["decision"] == "Proceed"


@settings(max_examples=60)
@given(components, some.integers(0, 40), some.sampled_from(["there", "no component", "nothing"]))
def test_every_plan_and_its_way_back_has_only_requests_that_aws_takes(
    fields: dict[str, Any], copies: int, there: str
) -> None:
    seen = {"no component": hosted(component=NO_COMPONENT), "nothing": nothing()}
    observed = seen.get(there, hosted(component(copies=copies)))
    plan = deliver(observed, **fields)
    assert plan == deliver(observed, **fields)
    if plan["decision"] == "Refuse":
        assert copies * fields["strategy"].get("batch", 100) < 100 or copies < 2 or "batches take" in plan["why"]
        return
    fits(plan)
    for after in (hosted(component(copies=copies)), stands(), stands("Failed"), nothing()):
        fits(roll_back(after, plan))


# ---- the way back


def test_an_update_that_sagemaker_rolled_back_leaves_only_tidying() -> None:
    plan = roll_back(stands(model=BEFORE), deliver(hosted(), **ROLLING))
    assert actions(plan) == ["DeleteAlarms", "DeleteModel"]


@pytest.mark.parametrize("status", ["InService", "Failed"])
def test_stable_comes_back_with_its_own_specification(status: str) -> None:
    released = deliver(hosted(), **AT_ONCE)
    plan = roll_back(stands(status, MADE if status == "InService" else BEFORE), released)
    assert actions(plan) == ["UpdateInferenceComponent", "DeleteAlarms", "DeleteModel"]
    assert request(plan, "UpdateInferenceComponent") == {
        "InferenceComponentName": COMPONENT,
        "Specification": component()["Specification"],
    }
    fits(plan)


def test_while_the_update_is_under_way_the_rollback_waits_for_its_end() -> None:
    plan = roll_back(stands("Updating", BEFORE), deliver(hosted(), **ROLLING))
    assert (plan["decision"], plan["pause"]) == ("Wait", 60)


def test_what_the_first_version_made_is_removed_component_before_endpoint() -> None:
    released = deliver(nothing(), **ROLLING)
    host = HOSTED["endpoint"]["found"] | {"EndpointConfigName": MADE}
    gone = ["DeleteInferenceComponent", "DeleteEndpoint", "DeleteEndpointConfig", "DeleteModel"]
    assert actions(roll_back(stands("Failed") | {"endpoint": found(host)}, released)) == gone
    without = hosted(component=NO_COMPONENT, endpoint=found(host))
    assert actions(roll_back(without, released)) == gone[1:]
    assert actions(roll_back(nothing(), released)) == gone[2:]


def test_an_endpoint_that_was_there_before_stays() -> None:
    released = deliver(hosted(component=NO_COMPONENT), **ROLLING)
    assert actions(roll_back(stands(), released)) == ["DeleteInferenceComponent", "DeleteModel"]


@pytest.mark.parametrize(
    ("now", "reason"),
    [(stands(model="somebody-elses"), "EndpointMoved"), (hosted(component=NO_COMPONENT), "EndpointMoved")],
)
def test_what_somebody_else_did_is_left_for_a_person(now: dict[str, Any], reason: str) -> None:
    plan = roll_back(now, deliver(hosted(), **ROLLING))
    assert (plan["decision"], plan["reason"]) == ("Hold", reason)


def test_a_release_that_died_when_the_candidate_served_goes_forward() -> None:
    plan = roll_back(stands(), deliver(hosted(), **ROLLING), reason="ExecutionStopped")
    assert (plan["reason"], actions(plan)) == ("RecoveredForward", ["DeleteAlarms"])
    undecided = deliver(hosted(), **AT_ONCE)
    judged_not_yet = roll_back(stands(), undecided, reached=3, reason="ExecutionStopped")
    assert actions(judged_not_yet)[0] == "UpdateInferenceComponent"


# ---- what a policy may not ask for


@pytest.mark.parametrize(
    ("different", "said"),
    [
        ({"strategy": examples.CANARY}, "divides no requests, because a caller names the component, so traffic cannot"),
        ({"strategy": examples.SHADOW}, "no shadow can stand beside it"),
        ({"strategy": examples.ALL_AT_ONCE | {"traffic": "native"}}, "traffic: native is not possible"),
        ({"strategy": examples.ALL_AT_ONCE | {"traffic": "weights"}}, "traffic: weights is not possible"),
        ({"evidence": [{"metric": "cpu", "max": 80}]}, "its instances also run what is not this model"),
        (
            {"evidence": [{"metric": "invocations", "min": 5}]},
            "invocations min cannot be judged with kind: inference_components and rolling, where only alarms roll back",
        ),
        ({"evidence": [examples.ERRORS_LIKE_STABLE]}, "compares with stable"),
        (
            {"hosting": ROLLING["hosting"] | {"data_capture": {"sampling": 20}}},
            "inference_components has no data_capture",
        ),
        ({"hosting": ROLLING["hosting"] | {"min_instances": 0}}, "min_instances needs max_instances"),
        ({"hosting": ROLLING["hosting"] | {"instances": 3, "max_instances": 2}}, "write at least 3"),
        ({"protection": {"network_isolation": True}}, "has the network of its endpoint"),
    ],
)
def test_what_aws_does_not_allow_is_refused_with_a_remedy(different: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError) as refused:
        read_policy(examples.document(**ROLLING | different), "churn")
    assert said in str(refused.value)
