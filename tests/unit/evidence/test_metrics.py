from __future__ import annotations

import pytest

from interlock.evidence.metrics import COMPARING, METRICS, in_unit
from interlock.policy.rules import BOUNDS, EvidenceRule


@pytest.mark.parametrize("bound", BOUNDS)
def test_the_rules_that_compare_are_those_with_a_difference(bound: str) -> None:
    rule = EvidenceRule.model_validate({"metric": "error_rate", bound: "20%"})
    assert rule.compares is (bound in COMPARING) is (bound in ("margin", "better_by"))


def test_sagemaker_has_rates_and_latencies_for_each_request() -> None:
    coarse = {"cold_start", "model_loading_wait", "cache_hit_rate", "invocations"}
    coarse |= {"cpu", "memory", "disk", "gpu", "gpu_memory"}
    assert {name for name, metric in METRICS.items() if not metric.each} == coarse


def test_a_value_is_said_in_the_unit_a_person_thinks_in() -> None:
    assert in_unit("share", 0.0123) == "1.23 %"
    assert in_unit("us", 250_000) == "250 ms"
    assert in_unit("EUR", 20.0) == "20 EUR"
    assert in_unit("", 20.0) == "20"
