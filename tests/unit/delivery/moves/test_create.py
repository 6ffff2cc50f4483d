from __future__ import annotations

from tests.unit.examples import NOTHING_YET, answers
from tests.unit.planned import actions, deliver, request


def test_a_first_deployment_creates_everything_then_asks_the_candidate() -> None:
    plan = deliver(answers(**NOTHING_YET))
    assert actions(plan) == ["CreateModel", "CreateEndpointConfig", "CreateEndpoint", "InvokeEndpoint", "None"]
    assert request(plan, "CreateEndpointConfig")["ProductionVariants"] == [
        {
            "VariantName": "AllTraffic",
            "ModelName": "interlock-churn-v7-1",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 2,
            "InitialVariantWeight": 1.0,
        }
    ]
    assert plan["steps"][2]["expect"] == {
        "config": "interlock-churn-v7-1",
        "shares": {"AllTraffic": 100.0},
        "candidate": "AllTraffic",
        "artifacts": [
            {"uri": "s3://models/churn/7/model.tar.gz", "etag": "0a1b2c3d", "written": "2026-01-05T08:00:00Z"}
        ],
    }
    assert request(plan, "InvokeEndpoint") == {
        "EndpointName": "churn-live",
        "TargetVariant": "AllTraffic",
        "ContentType": "text/csv",
        "Body": "1,2,3",
    }


def test_a_first_deployment_cannot_be_paused_and_at_its_last_step_not_be_aborted() -> None:
    """Until that step is written down, a word that was answered as done ends the release."""
    heard = [step["hears"] for step in deliver(answers(**NOTHING_YET))["steps"]]
    assert heard == ["|Abort|"] * 4 + ["|"]


def test_a_first_deployment_without_smoke_test_ends_with_the_endpoint() -> None:
    assert actions(deliver(answers(**NOTHING_YET), smoke=None))[-2:] == ["CreateEndpoint", "None"]
