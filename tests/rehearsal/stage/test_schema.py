"""The published schema of scenario files says what the loader reads: it is written by `python -m rehearsal schema`."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from rehearsal.scenario.model import json_schema

FOLDER = Path(__file__).parents[3] / "scenarios"


def test_the_published_schema_is_the_loader_s() -> None:
    assert json.loads((FOLDER / "schema.json").read_text(encoding="utf-8")) == json_schema()


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_scenario_fits_the_published_schema(file: Path) -> None:
    document = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # editors see what is written
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
