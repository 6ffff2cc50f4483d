"""Which policy is in force: the one that was written, or the last good one."""

from __future__ import annotations

from contextlib import suppress

from interlock.model.fields import LAST_VERSION
from interlock.model.plan import Request
from interlock.model.reasons import Reason
from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError


def check_policy(task: Request) -> Request:
    """Choose between ``task["document"]`` (as written; null when there is none) and ``task["last_good"]`` (null when
    there is none).

    Answers ``{"status": "Good" | "LastGood" | "Refused", "reason", "sentence", "document", "endpoint", "alarms"}``:
    the document in force, and the endpoint and the alarms it names, which a state machine needs before it can look
    at them.
    """
    group, written, last_good = task["group"], task["document"], task["last_good"]
    if not isinstance(task["version"], int) or not 1 <= task["version"] <= LAST_VERSION:
        said = f"version: {task['version']} is not the number of a version; write a whole number from 1, for example 7."
        return _refused(Reason.INPUT_INVALID, said)
    if written is None:
        said = f"There is no policy for model package group {group}; write one to the parameter named for it."
        return _refused(Reason.POLICY_MISSING, said)
    try:
        return _in_force("Good", written, group, "")
    except PolicyError as error:
        said = f"The policy of {group} is not valid: {'; '.join(error.problems)}."
    if last_good is not None:
        with suppress(PolicyError):
            return _in_force("LastGood", last_good, group, f"{said} The last good one stays in force.")
    return _refused(Reason.POLICY_INVALID, said)


def _in_force(status: str, document: str, group: str, sentence: str) -> Request:
    stage = read_policy(document, group).stage
    reason = Reason.POLICY_INVALID if sentence else Reason.ACCEPTED
    return {
        "status": status,
        "reason": str(reason),
        "sentence": sentence,
        "document": document,
        "endpoint": stage.endpoint,
        "alarms": list(stage.alarms),
    }


def _refused(reason: Reason, sentence: str) -> Request:
    return {
        "status": "Refused",
        "reason": str(reason),
        "sentence": sentence,
        "document": "",
        "endpoint": "",
        "alarms": [],
    }
