"""Write the JSON Schemas of policies, for editors, and of custom signals: ``make schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from interlock.evidence.metrics import METRICS
from interlock.intake.events.custom_signal import InterlockSignal
from interlock.model.fields import METRIC_NAME
from interlock.policy.document import Policy
from interlock.policy.rules import BOUNDS

SCHEMA = Path(__file__).with_name("schema.json")
SIGNAL_SCHEMA = Path(__file__).with_name("signal.schema.json")
DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}

Schema = dict[str, Any]

PERCENT = {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*%\s*$"}
LIMITS: dict[str, Schema] = {
    "share": {"anyOf": [{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, PERCENT]},
    "us": {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(us|ms|s)\s*$"},
    "%": {"anyOf": [{"type": "number", "minimum": 0}, PERCENT]},
    "requests": {"type": "number"},
}
"""How a limit is written, by the unit of a metric of Interlock's own."""


def as_written() -> str:
    """The schema of a policy in the form in which people write it (``10m``, not 600)."""
    schema = DIALECT | Policy.model_json_schema(mode="validation")
    _with_metrics(schema["$defs"]["EvidenceRule"])
    return json.dumps(_without_nulls(schema), indent=2, ensure_ascii=False) + "\n"


def of_signals() -> str:
    """The schema of the detail of an event with the detail-type "Interlock Signal"."""
    one_of_them = [{"required": [name], "properties": {name: {"minLength": 1}}} for name in ("group", "endpoint")]
    schema = DIALECT | InterlockSignal.model_json_schema() | {"anyOf": one_of_them}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _with_metrics(rule: Schema) -> None:
    """What depends on the metric: its names to choose from, how its limit is written, and that a rule has one."""
    rule["properties"]["metric"] |= {"anyOf": [{"enum": list(METRICS)}, {"pattern": METRIC_NAME}]}
    rule["oneOf"] = [{"required": [bound]} for bound in BOUNDS]
    rule["allOf"] = [
        {
            "if": {"properties": {"metric": {"enum": [name for name, each in METRICS.items() if each.unit == unit]}}},
            "then": {"properties": {"max": limit, "min": limit}},
        }
        for unit, limit in LIMITS.items()
    ]


def _without_nulls(schema: Any) -> Any:
    """Absent is how a policy says none: null is no default to offer."""
    if isinstance(schema, list):
        return [_without_nulls(item) for item in schema]
    if isinstance(schema, dict):
        return {name: _without_nulls(item) for name, item in schema.items() if not (name == "default" and item is None)}
    return schema


if __name__ == "__main__":
    SCHEMA.write_text(as_written(), encoding="utf-8")
    SIGNAL_SCHEMA.write_text(of_signals(), encoding="utf-8")
