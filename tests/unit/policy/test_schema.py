"""The schema of policies that editors read agrees with the core."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError
from policies.schema import SCHEMA, as_written
from tests.unit.examples import CANARY, GROUP, document

EXAMPLES = sorted(Path(SCHEMA).parent.glob("*.yaml"))


def test_the_committed_schema_is_the_generated_one() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == as_written(), "run: make schema"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_policy_is_a_policy_by_the_core_and_by_the_schema(path: Path) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validate(content, json.loads(SCHEMA.read_text(encoding="utf-8")))
    read_policy(path.read_text(encoding="utf-8"), content["model_package_group"])


@pytest.mark.parametrize(
    ("fields", "fits"),
    [
        ({}, True),
        ({"strategy": CANARY | {"bake": "1.5h"}}, True),
        ({"strategy": CANARY | {"bake": 600}}, False),
        ({"strategy": CANARY | {"bake": "10 minutes"}}, False),
        ({"evidence": [{"metric": "error_rate", "max": 0.01}]}, True),
        ({"evidence": [{"metric": "error_rate", "max": "1 %"}]}, True),
        ({"evidence": [{"metric": "p99_latency", "max": "250ms"}]}, True),
        ({"evidence": [{"metric": "p99_latency", "max": "250"}]}, False),
        ({"evidence": [{"metric": "p99_latency", "max": 250}]}, False),
        ({"evidence": [{"metric": "error_rate", "max": "250ms"}]}, False),
        ({"evidence": [{"metric": "error_rate", "max": 2}]}, False),
        ({"evidence": [{"metric": "cpu", "max": 80}]}, True),
        ({"evidence": [{"metric": "cpu", "max": "80ms"}]}, False),
        ({"evidence": [{"metric": "invocations", "min": 10}]}, True),
        ({"evidence": [{"metric": "p99_latency", "margin": "10%"}]}, True),
        ({"evidence": [{"metric": "p99_latency", "margin": 0.1}]}, False),
        ({"evidence": [{"metric": "p99_latency", "margin": "10%", "max": "1s"}]}, False),
        ({"evidence": [{"metric": "p99_latency"}]}, False),
        ({"evidence": [{"metric": "error_rate", "margin": "50%", "ignore_below": "1%"}]}, True),
        ({"strategy": CANARY | {"looks": 6, "baseline": False}}, True),
        ({"strategy": CANARY | {"looks": 101}}, False),
        ({"strategy": {"kind": "canary"}}, False),
        ({"strategy": {"kind": "linear"}}, False),
        ({"strategy": {"kind": "linear", "step": 20, "bake": "10m", "baseline": False}}, True),
        ({"strategy": {"kind": "linear", "step": 20, "steps": [5]}}, False),
        ({"strategy": {"kind": "rolling", "batch": 50, "rollback_batch": 5, "bake": "1h"}}, True),
        ({"strategy": {"kind": "rolling"}}, False),
        ({"strategy": {"kind": "rolling", "batch": 51}}, False),
        ({"strategy": {"kind": "rolling", "batch": 20, "traffic": "weights"}}, False),
        ({"inconclusive": {"then": "hold"}}, True),
        ({"hosting": {"instance_type": "m5.large"}}, False),
        ({"typo": 1}, False),
    ],
)
def test_an_editor_refuses_what_the_core_refuses(fields: dict[str, Any], fits: bool) -> None:
    content = json.loads(document(**fields))
    by_schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).is_valid(content)
    try:
        by_core = bool(read_policy(json.dumps(content), GROUP))
    except PolicyError:
        by_core = False
    assert (by_schema, by_core) == (fits, fits)
