"""What items of the ledger say, as DynamoDB writes them, in plain words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def attribute(item: Mapping[str, Any], name: str) -> str:
    """An attribute of an item, as text; empty if there is none."""
    return str(next(iter(item[name].values()))) if name in item else ""


def live_in(control: Mapping[str, Any], which: str) -> dict[str, Any] | None:
    """What is ``live`` on an endpoint, or was ``previous``: endpoint, version, config and since; None if nothing."""
    found = control.get(which, {}).get("M")
    if not found:
        return None
    return {
        "endpoint": attribute(control, "sk"),
        "version": int(attribute(found, "version")),
        "config": attribute(found, "config"),
        "since": attribute(found, "since"),
    }


def memory_of(remedy: Mapping[str, Any], decisions: list[str]) -> dict[str, Any]:
    """What the ledger remembers of a group, as remedies read it: the item REMEDY, and decisions as JSON, newest first.
    The last decision may stand in the item and not yet among the others."""
    latest = attribute(remedy, "latest")
    written = dict.fromkeys([*([latest] if latest else []), *decisions])
    retraining, since = attribute(remedy, "retraining"), attribute(remedy, "retraining_since")
    return {
        "decisions": [each for each in map(as_json, written) if each is not None],
        "remedy": {
            "revision": attribute(remedy, "revision"),
            "retraining": {"execution": retraining, "started_at": since} if retraining else None,
            "retrainings": retrainings_of(remedy),
        },
    }


def retrainings_of(remedy: Mapping[str, Any]) -> list[dict[str, Any]]:
    """When each retraining of a group began, and what it was thought to cost."""
    found = as_json(attribute(remedy, "retrainings") or "[]")
    return found if isinstance(found, list) else []


def as_json(text: str) -> Any:
    """What JSON text says; None if it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None
