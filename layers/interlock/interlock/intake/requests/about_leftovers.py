"""The request to read what the next clean-up would delete: ``{"action": "list_leftovers"}``."""

from __future__ import annotations

from interlock.intake.commands import Command
from interlock.intake.requests.asking import Action, Asked
from interlock.model.reasons import Reason


def list_leftovers(asked: Asked) -> Command:
    """``operate`` starts a clean-up that deletes nothing."""
    return {"kind": "ListLeftovers", "reason": str(Reason.ACCEPTED), "sentence": asked.sentence}


LIST_LEFTOVERS = Action("list_leftovers", Asked, list_leftovers, "")
