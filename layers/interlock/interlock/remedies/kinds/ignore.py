"""Do nothing; the ledger keeps the signal."""

from __future__ import annotations

from interlock.model.reasons import Reason
from interlock.remedies.case import Case, Decision, ignored
from interlock.remedies.kinds.remedy import EVERY_KIND, Remedy, seen


def weigh(case: Case) -> Decision:
    """Always possible."""
    return ignored(Reason.REMEDY_CHOSEN, f"{seen(case)} The policy asks to ignore this.")


REMEDY = Remedy("ignore", EVERY_KIND - {"person"}, weigh)
