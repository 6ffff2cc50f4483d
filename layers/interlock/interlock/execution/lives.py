"""What the history of an endpoint is told when another version is live on it from now on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interlock.model.ledger_item import number, text
from interlock.model.request import Request

if TYPE_CHECKING:
    from interlock.execution.settlement import Ending


def life_of(task: Ending) -> Request:
    """The version of this release is live."""
    facts = task["facts"]
    return {
        "group": task["group"],
        "version": task["version"],
        "release": task["release"],
        "config": facts.get("final_config", ""),
        "because": facts.get("because", ""),
    }


def life_after(back: Request | None, because: str) -> Request | None:
    """What is live again after a version was taken back (see put_back), ``because`` of that; without a release if
    nothing is. None if nothing was taken back."""
    if back is None:
        return None
    live = back.get("live", {}).get("M", {})
    return {
        "group": text(live, "model_group"),
        "version": number(live, "version"),
        "release": text(live, "release_id"),
        "config": text(live, "config"),
        "because": because,
    }
