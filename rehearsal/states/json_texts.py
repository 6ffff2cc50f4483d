"""JSON as Step Functions reads and writes it."""

from __future__ import annotations

import json
from typing import Any


def read_json(text: str | bytes) -> Any:
    """JSON as JavaScript reads it: there is one kind of number, and 2.0 is 2."""
    return json.loads(text, parse_float=lambda digits: whole(float(digits)))


def write_json(value: Any) -> str:
    """JSON without spaces, as Step Functions writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def whole(number: float) -> float:
    return int(number) if number.is_integer() else number
