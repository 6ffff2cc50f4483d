"""What a policy asks of an asynchronous endpoint and it cannot do is refused when the policy is read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.policy.refused import refused

HOSTING = {"kind": "async", "instance_type": "ml.m5.large", "output": "s3://results/churn"}
CANARY = {"kind": "canary", "steps": [50], "bake": "10m"}


def problems(hosting: dict[str, Any] | None = None, stage: Any = None, **sections: Any) -> list[str]:
    written = {"endpoint": "churn", "hosting": HOSTING | (hosting or {}), "strategy": CANARY} | (stage or {})
    return refused(written, **sections)


@pytest.mark.parametrize(
    "stage",
    [
        {},
        {"strategy": CANARY | {"traffic": "native"}},
        {"strategy": {"kind": "rolling", "batch": 50}},
        {"strategy": {"kind": "linear", "step": 25}},
        {"evidence": [{"metric": "error_rate", "max": "1%"}, {"metric": "mean_latency", "max": "2s"}]},
        {"evidence": [{"metric": "client_error_rate", "max": "1%"}], "alarms": ["backlog"]},
    ],
)
def test_what_an_asynchronous_endpoint_can_do_is_taken(stage: dict[str, Any]) -> None:
    assert problems(stage=stage, remedies=[{"on": "alarm", "do": "scale"}]) == []


@pytest.mark.parametrize(
    ("hosting", "said"),
    [
        ({"output": ""}, "output: write an S3 URI with a folder"),
        ({"output": "results/churn"}, "output: write an S3 URI with a folder"),
        ({"error_topic": "failed"}, "error_topic: write the ARN of an SNS topic"),
        ({"concurrency": 1001}, "concurrency: write at most 1000; got 1001"),
        ({"data_capture": {"sampling": 20}}, "data_capture: async has no data_capture; leave it out, or write kind"),
        ({"instances": 0}, "instances: write at least 1; got 0"),
    ],
)
def test_a_wrong_field_is_named(hosting: dict[str, Any], said: str) -> None:
    (found,) = problems(hosting)
    assert found.startswith(f"stages.0.hosting.{said}")


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ({"strategy": CANARY | {"traffic": "weights"}}, "strategy: traffic: weights is not possible with kind: async"),
        ({"strategy": CANARY | {"baseline": True}}, "strategy: a baseline is a variant beside stable, and kind: async"),
        ({"smoke": {"body": "1,2"}}, "smoke: kind: async says of a request only that it is queued"),
        (
            {"evidence": [{"metric": "error_rate", "margin": "10%"}]},
            "evidence: error_rate margin cannot be judged with kind: async, where only alarms roll back; write max",
        ),
        (
            {"evidence": [{"metric": "cpu", "max": "80%"}]},
            "evidence: cpu max cannot be judged with kind: async, where only alarms roll back; write max",
        ),
        (
            {"evidence": [{"metric": "invocations", "min": 5}]},
            "evidence: invocations is of no use with kind: async: SageMaker does not publish it for asynchronous",
        ),
        (
            {"evidence": [{"metric": "p99_latency", "max": "1s"}]},
            "evidence: p99_latency is of no use with kind: async: SageMaker names no percentiles for asynchronous",
        ),
    ],
)
def test_what_it_cannot_do_is_refused_with_what_to_write(stage: dict[str, Any], said: str) -> None:
    assert problems(stage=stage)[0].startswith(f"stages.0.{said}")


def test_monitors_have_nothing_to_look_at() -> None:
    (found,) = problems(monitoring={"monitors": [{"name": "inputs", "kind": "data_quality", "every": "1h"}]})
    assert found.startswith("monitoring: monitors look at captured traffic, and this hosting captures none; write kind")
