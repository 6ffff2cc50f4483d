"""Why a release does not begin now, although nothing is wrong with it: a freeze."""

from __future__ import annotations

from datetime import datetime

from interlock.delivery.asked import Asked
from interlock.delivery.observed import Observed
from interlock.model.freezes import POLICY, Freeze, freeze_of, read_freezes
from interlock.model.plan import Decision, Plan
from interlock.model.quantities import in_iso
from interlock.model.reasons import Reason
from interlock.policy.document import Policy


def not_begun(observed: Observed, policy: Policy, asked: Asked, now: str) -> Plan | None:
    """The plan that refuses to begin ``now``, an ISO 8601 time; None if the release may begin."""
    if wrong := asked.disagreement(policy.stage):
        return Plan(Decision.REFUSE, Reason.INPUT_INVALID, wrong)
    if asked.ignores_freezes:
        return None
    if cause := observed.cause("freezes"):
        return Plan(Decision.REFUSE, Reason.AWS_REFUSED, f"The freezes could not be read: {cause}")
    freeze = _freeze(observed, policy, now)
    return _frozen(freeze, observed) if freeze else None


def _freeze(observed: Observed, policy: Policy, now: str) -> Freeze | None:
    """That of a person goes before that of the calendar: it may be ended at any time."""
    items = (observed.found("freezes") or {}).get("Items", [])
    begun = freeze_of(read_freezes(items, now), observed.group, policy.stage.endpoint)
    until = policy.releases.calendar.closed_until(datetime.fromisoformat(now))
    return begun or (Freeze(POLICY, until=in_iso(until)) if until else None)


def _frozen(freeze: Freeze, observed: Observed) -> Plan:
    ask = f'{{"action": "release", "group": "{observed.group}", "version": {observed.number}'
    said = f'{freeze.sentence} To release it all the same: operate {ask}, "despite_freeze": true, "because": "..."}}.'
    return Plan(Decision.REFUSE, Reason.RELEASES_FROZEN, said, frozen={"by": freeze.where, "until": freeze.until})
