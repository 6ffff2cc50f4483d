"""Tell a person, and do nothing else."""

from __future__ import annotations

from interlock.model.reasons import Reason
from interlock.remedies.case import Case, Decision
from interlock.remedies.kinds.remedy import EVERY_KIND, Remedy, seen


def weigh(case: Case) -> Decision:
    """Always possible."""
    return Decision("notify", Reason.REMEDY_CHOSEN, f"{seen(case)} The policy asks to tell you, and nothing else.")


REMEDY = Remedy("notify", EVERY_KIND, weigh)
