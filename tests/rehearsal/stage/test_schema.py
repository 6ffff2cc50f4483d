"""The published schema of scenario files says what the loader reads: it is written by `python -m rehearsal schema`."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from rehearsal.scenario.model import json_schema
from tests.rehearsal.proofs.rehearsals import FOLDER, SCENARIOS


def test_the_published_schema_is_the_loader_s() -> None:
    assert json.loads((FOLDER / "schema.json").read_text(encoding="utf-8")) == json_schema()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_fits_the_published_schema(scenario: str) -> None:
    text = SCENARIOS[scenario].read_text(encoding="utf-8")
    document = yaml.load(text, Loader=yaml.BaseLoader)  # editors see what is written
    as_written = json.loads(json.dumps(_numbers(document)))

    jsonschema.validate(as_written, json_schema())


def _numbers(value: object) -> object:
    """What BaseLoader leaves as text and YAML's own schema reads as numbers and booleans; instants stay text."""
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if not isinstance(value, str):
        return value
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, value, (True, False))
    return yaml.safe_load(value) if tag.rpartition(":")[2] in ("int", "float", "bool") else value
