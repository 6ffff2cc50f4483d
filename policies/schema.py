"""Write the JSON Schema of policies, for editors: ``make schema``."""

from __future__ import annotations

import json
from pathlib import Path

from interlock.policy import Policy

SCHEMA = Path(__file__).with_name("schema.json")


def as_written() -> str:
    """The schema of a policy in the form in which people write it (``10m``, not 600)."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Policy.model_json_schema(mode="validation")}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(as_written(), encoding="utf-8")
