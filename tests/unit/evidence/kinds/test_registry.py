from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import interlock.evidence.kinds
from interlock.evidence.kinds.registry import METHODS
from interlock.evidence.metrics import KINDS, METRICS
from tests.unit.examples import baked

RULES = [
    {"metric": metric, **bound}
    for metric, limit in (("p99_latency", {"max": "1s"}), ("cpu", {"max": 80}), ("complaints", {"max": "1%"}))
    for bound in (limit, {"margin": "20%"}, {"better_by": "20%"})
]


def test_every_kind_has_its_method_and_its_module() -> None:
    modules = {path.stem for path in _modules()}
    assert list(METHODS) == [kind.name for kind in KINDS]
    assert modules == {"__init__", "registry", *METHODS}


def _modules() -> Iterator[Path]:
    (folder,) = interlock.evidence.kinds.__path__
    return Path(folder).glob("*.py")


def test_every_kind_has_metrics() -> None:
    assert {metric.kind for metric in METRICS.values()} == set(KINDS)


@pytest.mark.parametrize("rule", RULES)
def test_what_is_asked_of_cloudwatch_ends_as_the_kind_says_and_what_is_needed_is_asked(rule: dict[str, str]) -> None:
    """The endings are reserved: a metric of the team's own cannot have such a name."""
    carried = baked([rule])
    (compiled,), names = carried["rules"], {query["Id"] for query in carried["queries"]}
    parts = {part for kind in KINDS if kind.name == compiled["kind"] for part in kind.parts}
    roles = {f"{role}_{rule['metric']}" for role in ("candidate", "stable")}
    others = names - roles - {"candidate_requests", "stable_requests"}
    assert others <= {f"{role}_{part}" for role in roles for part in parts}
    assert set(METHODS[compiled["kind"]].needed(compiled)) <= names
