"""Decide what follows from a signal, under the policy in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlock.model.reasons import Reason
from interlock.model.signal import read_signal
from interlock.policy.in_force import PolicyUnusable, usable_policy
from interlock.remedies.decide import Answer, decide, decide_without_policy
from interlock.remedies.facts import Facts


class RemedyTask(Facts):
    """A signal, the policies of its group (``document`` as written and ``last_good``; each null when there is none),
    and what is true now."""

    document: str | None
    last_good: str | None
    signal: Mapping[str, Any]


def decide_remedy(task: RemedyTask) -> Answer:
    """Which remedy follows from a signal. The same task gets the same answer."""
    group = task["group"]
    try:
        signal = read_signal(task["signal"])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        said = f"The signal could not be read ({type(error).__name__}: {str(error)[:200]})."
        return {"remedy": "ignore", "reason": str(Reason.EVENT_MALFORMED), "sentence": said}
    try:
        policy, warning = usable_policy(group, task["document"], task["last_good"])
    except PolicyUnusable as refused:
        said = f"{signal.sentence} {refused}"
        if refused.reason is Reason.POLICY_MISSING and signal.kind != "person":
            return {"remedy": "ignore", "reason": str(refused.reason), "sentence": said}
        return decide_without_policy(task, signal, refused.reason, said)
    answer = decide(task, signal, policy.remedies, policy.retraining.limits if policy.retraining else None)
    if warning:
        answer["sentence"] = f"{answer['sentence']} {warning}"
    return answer
