"""The published schema of scenario files says what the loader reads: it is written by `python -m rehearsal schema`."""

from __future__ import annotations

import json

import jsonschema
import pytest
import yaml

from rehearsal.scenario.model import json_schema
from tests.rehearsal.proofs.rehearsals import FOLDER, SCENARIOS

VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def test_the_published_schema_is_the_loader_s() -> None:
    assert json.loads((FOLDER / "schema.json").read_text(encoding="utf-8")) == json_schema()


def test_the_published_schema_is_a_schema() -> None:
    VALIDATOR.check_schema(json_schema())


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_fits_the_published_schema(scenario: str) -> None:
    text = SCENARIOS[scenario].read_text(encoding="utf-8")
    as_written = json.loads(json.dumps(_written(yaml.compose(text, yaml.BaseLoader))))

    VALIDATOR.validate(as_written)


def _written(node: yaml.Node | None) -> object:
    """A document as an editor's YAML reads it: instants stay text, and so does what is quoted."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: _written(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_written(item) for item in node.value]
    assert isinstance(node, yaml.ScalarNode)
    tag = yaml.SafeLoader("").resolve(yaml.ScalarNode, node.value, (node.style is None, node.style is not None))
    return yaml.safe_load(node.value) if tag.rpartition(":")[2] in ("int", "float", "bool") else node.value
