"""What a policy asks of a kind of hosting that this kind cannot do is refused when the policy is read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.policy.refused import refused

HOSTING = {"kind": "serverless", "memory_mb": 2048, "max_concurrency": 20, "provisioned_concurrency": 5}
ALL_AT_ONCE = {"kind": "all_at_once", "bake": "10m"}
SUBNETS = {"subnets": ["subnet-0123456789abcdef0"], "security_groups": ["sg-0123456789abcdef0"]}
NO_NETWORK = "protection: kind: serverless can neither be in a VPC nor be isolated from the network; leave out subnets"
NO_STEPS = "strategy: kind: serverless has one variant and no guardrails, so traffic cannot move by steps; write"
NOT_PUBLISHED = "SageMaker does not publish it for serverless endpoints"


def problems(hosting: dict[str, Any] | None = None, stage: Any = None, **sections: Any) -> list[str]:
    written = {"endpoint": "churn", "hosting": HOSTING | (hosting or {}), "strategy": ALL_AT_ONCE} | (stage or {})
    return refused(written, **sections)


@pytest.mark.parametrize(
    "stage",
    [
        {},
        {"hosting": HOSTING | {"provisioned_concurrency": 20}},
        {"hosting": {name: value for name, value in HOSTING.items() if name != "provisioned_concurrency"}},
        {"evidence": [{"metric": "cold_start", "max": "20s"}, {"metric": "memory", "max": "80%"}]},
        {"evidence": [{"metric": "p99_latency", "max": "250ms"}], "smoke": {"body": "1,2"}, "alarms": ["kpi"]},
    ],
)
def test_what_a_serverless_endpoint_can_do_is_taken(stage: dict[str, Any]) -> None:
    assert problems(stage=stage, protection={"volume_key": "alias/churn"}) == []


@pytest.mark.parametrize(
    ("hosting", "said"),
    [
        ({"memory_mb": 1536}, "memory_mb: write 1024, 2048, 3072, 4096, 5120 or 6144; got 1536"),
        ({"memory_mb": 10240}, "memory_mb: write 1024, 2048, 3072, 4096, 5120 or 6144; got 10240"),
        ({"max_concurrency": 201}, "max_concurrency: write at most 200; got 201"),
        ({"max_concurrency": 0}, "max_concurrency: write at least 1; got 0"),
        (
            {"provisioned_concurrency": 21},
            "provisioned_concurrency: write at most 20, which is max_concurrency; got 21",
        ),
        (
            {"data_capture": {"sampling": 20}},
            "data_capture: serverless has no data_capture; leave it out, or write kind",
        ),
        ({"instance_type": "ml.m5.large"}, "instance_type: serverless has no instance_type; leave it out, or write"),
        ({"instances": 2}, "instances: serverless has no instances; leave it out, or write kind: realtime"),
    ],
)
def test_numbers_and_fields_of_another_kind_are_named(hosting: dict[str, Any], said: str) -> None:
    (found,) = problems(hosting)
    assert found.startswith(f"stages.0.hosting.{said}")


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        ({"kind": "canary", "steps": [50]}, NO_STEPS),
        ({"kind": "linear", "step": 20, "traffic": "native"}, NO_STEPS),
        ({"kind": "canary", "steps": [50], "baseline": True}, NO_STEPS),
        ({"kind": "rolling", "batch": 50}, NO_STEPS),
        (
            ALL_AT_ONCE | {"traffic": "weights"},
            "strategy: traffic: weights is not possible with kind: serverless; leave",
        ),
        (ALL_AT_ONCE | {"traffic": "native"}, "strategy: traffic: native is not possible with kind: serverless; leave"),
    ],
)
def test_traffic_moves_at_once_and_by_interlocks_own_way(strategy: dict[str, Any], said: str) -> None:
    assert problems(stage={"strategy": strategy})[0].startswith(f"stages.0.{said}")


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("mean_overhead", "overhead includes cold starts, which every version has when it is new; judge cold_start"),
        *((name, NOT_PUBLISHED) for name in ("model_error_rate", "cpu", "disk", "gpu", "gpu_memory")),
    ],
)
def test_no_rule_blames_a_version_for_its_cold_starts_or_waits_for_what_nobody_publishes(
    metric: str, said: str
) -> None:
    limit = "1%" if metric == "model_error_rate" else "20ms" if metric == "mean_overhead" else "80%"
    (found,) = problems(stage={"evidence": [{"metric": metric, "max": limit}]})
    assert found.startswith(f"stages.0.evidence: {metric} is of no use with kind: serverless: {said}")


@pytest.mark.parametrize("protection", [SUBNETS, {"network_isolation": True}])
def test_a_network_of_ones_own_is_refused(protection: dict[str, Any]) -> None:
    assert problems(protection=protection)[0].startswith(NO_NETWORK)


def test_monitors_have_nothing_to_look_at() -> None:
    (found,) = problems(monitoring={"monitors": [{"name": "inputs", "kind": "data_quality", "every": "1h"}]})
    assert found.startswith(
        "monitoring: monitors look at captured traffic, and this hosting captures none; write kind: realtime under"
    )


def test_there_is_no_instance_to_add() -> None:
    (found,) = problems(remedies=[{"on": "alarm", "do": "scale"}])
    assert found.startswith("remedies: scale adds an instance to the model, and kind: serverless has none")
