"""What a policy asks of a multi-model endpoint and it cannot do is refused when the policy is read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.policy.refused import refused

HOSTING = {"kind": "multi_model", "prefix": "s3://models/multi-model/churn", "instance_type": "ml.m5.large"}
ALL_AT_ONCE = {"kind": "all_at_once", "bake": "10m"}
SMOKE = {"body": "1,2"}


def problems(hosting: dict[str, Any] | None = None, stage: Any = None, **sections: Any) -> list[str]:
    written = {"endpoint": "churn", "hosting": HOSTING | (hosting or {}), "strategy": ALL_AT_ONCE, "smoke": SMOKE}
    written = {name: each for name, each in (written | (stage or {})).items() if each is not None}
    return refused(written, **sections)


@pytest.mark.parametrize(
    "stage",
    [
        {},
        {"evidence": [{"metric": "error_rate", "max": "1%"}, {"metric": "model_loading_wait", "max": "20s"}]},
        {"evidence": [{"metric": "cache_hit_rate", "min": "95%"}], "alarms": ["kpi"]},
    ],
)
def test_what_a_multi_model_endpoint_can_do_is_taken(stage: dict[str, Any]) -> None:
    assert problems({"cache": False, "instances": 3}, stage) == []


@pytest.mark.parametrize(
    ("hosting", "said"),
    [
        ({"prefix": "multi-model/churn"}, "prefix: write an S3 URI with a folder"),
        (
            {"data_capture": {"sampling": 20}},
            "data_capture: multi_model has no data_capture; leave it out, or write kind",
        ),
        ({"autoscaling": {"min": 1, "max": 2, "invocations_per_instance": 5}}, "autoscaling: multi_model has no"),
    ],
)
def test_a_wrong_field_is_named(hosting: dict[str, Any], said: str) -> None:
    (found,) = problems(hosting)
    assert found.startswith(f"stages.0.hosting.{said}")


NO_STEPS = "strategy: kind: multi_model has one pointer, which all callers follow, so traffic cannot move by steps"


@pytest.mark.parametrize(
    ("stage", "said"),
    [
        ({"smoke": None}, "smoke: with kind: multi_model only a request shows that a model can be loaded; write smoke"),
        ({"strategy": {"kind": "canary", "steps": [50]}}, NO_STEPS),
        ({"strategy": {"kind": "linear", "step": 50}}, NO_STEPS),
        ({"strategy": {"kind": "rolling", "batch": 50}}, NO_STEPS),
        (
            {"strategy": {"kind": "shadow", "sampling": "5%"}},
            "strategy: kind: multi_model has one variant, so no shadow",
        ),
        (
            {"strategy": ALL_AT_ONCE | {"traffic": "native"}},
            "strategy: traffic: native is not possible with kind: multi",
        ),
        ({"evidence": [{"metric": "error_rate", "margin": "5%"}]}, "evidence: error_rate margin compares with stable"),
        ({"evidence": [{"metric": "cold_start", "max": "5s"}]}, "evidence: cold_start is of no use with kind: multi_m"),
    ],
)
def test_what_it_cannot_do_is_refused_with_a_remedy(stage: dict[str, Any], said: str) -> None:
    (found, *_) = problems(stage=stage)
    assert found.startswith(f"stages.0.{said}")
    assert any(remedy in found for remedy in ("write", "leave", "judge"))


@pytest.mark.parametrize("kind", ["realtime", "async", "serverless"])
@pytest.mark.parametrize(
    "rule", [{"metric": "cache_hit_rate", "min": "9%"}, {"metric": "model_loading_wait", "max": "9s"}]
)
def test_no_other_kind_is_judged_by_what_only_this_one_has(kind: str, rule: dict[str, Any]) -> None:
    fields: dict[str, dict[str, Any]] = {
        "realtime": {"instance_type": "ml.m5.large"},
        "async": {"instance_type": "ml.m5.large", "output": "s3://results/churn"},
        "serverless": {"memory_mb": 2048, "max_concurrency": 5},
    }
    stage = {"hosting": {"kind": kind, **fields[kind]}, "smoke": None, "evidence": [rule]}
    assert any("SageMaker publishes it for multi-model endpoints only" in said for said in problems(stage=stage))


def test_monitors_have_nothing_to_look_at() -> None:
    monitors = {"monitors": [{"kind": "data_quality", "name": "inputs", "baseline": "s3://models/b/"}]}
    assert any("captured traffic" in said or "monitor" in said for said in problems(monitoring=monitors))
