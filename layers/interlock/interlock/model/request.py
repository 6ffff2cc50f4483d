"""A JSON object: a request to AWS or its answer, and whatever else a machine carries between functions."""

from __future__ import annotations

from typing import Any

Request = dict[str, Any]
