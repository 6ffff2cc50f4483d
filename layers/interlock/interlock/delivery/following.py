"""The stage that follows when a release has succeeded, so that whoever ends the release can hand the version on."""

from __future__ import annotations

from dataclasses import replace

from interlock.delivery.asked import Asked
from interlock.delivery.observed import Observed
from interlock.model.approval_words import entrance
from interlock.model.names import following_name
from interlock.model.plan import Decision, Plan
from interlock.model.reasons import Reason
from interlock.model.release_input import release_input
from interlock.model.request import Request
from interlock.policy.document import Policy


def continued(plan: Plan, release: str, observed: Observed, policy: Policy, endpoint: str, asked: Asked) -> Plan:
    """The ``plan`` of a release to ``endpoint``, and what follows when it has succeeded, if the ``policy`` has a stage
    after it. A version that is live on the endpoint already goes on, too. One that goes back goes no further."""
    goes = plan.decision is Decision.PROCEED or plan.reason == Reason.ALREADY_LIVE
    if not goes or asked.roll_back or policy.after(endpoint) is None:
        return plan
    return replace(plan, facts={**plan.facts, "following": _following(release, observed, policy, endpoint, asked)})


def _following(release: str, observed: Observed, policy: Policy, endpoint: str, asked: Asked) -> Request:
    """What the machine ``advance`` takes: the ``stage``, its ``endpoint`` and ``entrance``, the ``name`` and the
    ``input`` of the release to it, and the ``life_cycle`` that the package has now, which is no answer to what is not
    yet asked."""
    stage, first, version = policy.after(endpoint), asked.first or release, observed.version
    if stage is None:
        raise ValueError("after the last stage nothing follows")
    goes_on = release_input(
        observed.group,
        observed.number,
        asked.because,
        endpoint=stage.endpoint,
        despite_freeze=asked.despite_freeze,
        despite_alarms=[name for name in asked.despite_alarms if name in stage.alarms],
    )
    since = {} if observed.decided_at is None else {"decided_at": observed.decided_at}
    return {
        "stage": stage.name,
        "endpoint": stage.endpoint,
        "entrance": entrance(stage.endpoint),
        "name": following_name(first, policy.stages.index(stage) + 1, stage.name),
        "life_cycle": version.life_cycle if version else "",
        "input": {**goes_on, **since, "approved": list(observed.approved), "first": first},
    }
