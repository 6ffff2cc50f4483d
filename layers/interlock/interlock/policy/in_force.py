"""Choose the policy in force: the written one, or the last good one."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal, NotRequired, TypedDict

from interlock.model.fields import LAST_VERSION
from interlock.model.names import pointer_name
from interlock.model.notices import Notice, about_version, refusal_notice
from interlock.model.reasons import Reason
from interlock.policy.document import Policy, read_policy
from interlock.policy.errors import PolicyError


class CheckPolicyTask(TypedDict):
    """A group and its policies. ``document`` is the policy as written and ``last_good`` the last good one; each is
    null when there is none. ``version`` is the version that is to be released, as a person may have typed it;
    ``release`` is its release, if there is one, and ``asked`` the input of that, as anybody may have written it."""

    release: NotRequired[str]
    asked: NotRequired[object]
    group: str
    version: object
    document: str | None
    last_good: str | None


class PolicyInForce(TypedDict):
    """The policy in force, and the endpoint and alarms of the stage that is meant, so that a state machine can look at
    them.

    ``batch``: whether there is no endpoint to look at.
    ``component``: the inference component on it that a release changes; empty if it changes the endpoint itself.
    ``signal_alarms``: names of the alarms that are signals, between bars, as the ledger has them. ``sentence`` says
    what is wrong, if anything is. ``notice`` tells a person that the policy was refused, ``queued`` that the release
    waits for the endpoint. ``pointer``: what the parameter is called that tells callers which version to name; empty
    where they name none. ``serving``: the endpoint of the last stage. ``newer``: what becomes of a release that finds
    another one under way; ``superseding``: why a release of an older version is rolled back for it."""

    status: Literal["Good", "LastGood", "Refused"]
    reason: str
    sentence: str
    document: str
    endpoint: str
    component: str
    alarms: list[str]
    signal_alarms: str
    batch: bool
    pointer: str
    serving: str
    newer: str
    superseding: str
    notice: NotRequired[Notice]
    queued: NotRequired[Notice]


def check_policy(task: CheckPolicyTask) -> PolicyInForce:
    """Choose between the policy as written and the last good one."""
    group, version, written, last_good = task["group"], task["version"], task["document"], task["last_good"]
    if not isinstance(version, int) or not 1 <= version <= LAST_VERSION:
        said = f"version: {version} is not the number of a version; write a whole number from 1, for example 7."
        return _refused(Reason.INPUT_INVALID, said)
    if written is None:
        said = f"There is no policy for model package group {group}; write one to the parameter that is named after it."
        return _refused(Reason.POLICY_MISSING, said)
    try:
        return _in_force("Good", written, task, Reason.ACCEPTED, "")
    except PolicyError as error:
        said = f"The policy of {group} is not valid: {error}."
    if last_good is not None:
        kept = f"{said} The last good one stays in force."
        with suppress(PolicyError):
            return _in_force("LastGood", last_good, task, Reason.POLICY_INVALID, kept)
    return _refused(Reason.POLICY_INVALID, said)


def _in_force(
    status: Literal["Good", "LastGood"], document: str, task: CheckPolicyTask, reason: Reason, sentence: str
) -> PolicyInForce:
    written = read_policy(document, task["group"])
    policy = written.at(_endpoint(task.get("asked")))
    stage, watched = policy.stage, policy.monitoring.alarms if policy.monitoring else ()
    release = task.get("release", "")
    waits = (
        f"Waiting: release {release} waits for {stage.hosting.place} {stage.endpoint}, which another release is"
        " changing. It goes on by itself."
    )
    return {
        "status": status,
        "reason": str(reason),
        "sentence": sentence,
        "document": document,
        "endpoint": stage.endpoint,
        "component": stage.hosting.inference_component,
        "alarms": list(stage.alarms),
        "signal_alarms": f"|{'|'.join(watched)}|",
        "batch": not stage.hosting.served,
        "pointer": pointer_name(stage.endpoint, task["group"]) if stage.hosting.published else "",
        "serving": written.stages[-1].endpoint,
        "newer": stage.newer,
        "superseding": (
            f"Version {task['version']} of {task['group']} is newer and waits for the {stage.hosting.place}, and the"
            " policy says newer: supersede."
        ),
        "queued": about_version(task["group"], _number(task["version"]), "waits", waits),
    }


def _endpoint(asked: object) -> str:
    """The endpoint that the input of a release names; empty if it names none."""
    named = asked.get("endpoint") if isinstance(asked, dict) else None
    return named if isinstance(named, str) else ""


def _number(version: object) -> int:
    return version if isinstance(version, int) else 0


def _refused(reason: Reason, sentence: str) -> PolicyInForce:
    return {
        "status": "Refused",
        "reason": str(reason),
        "sentence": sentence,
        "document": "",
        "endpoint": "",
        "component": "",
        "alarms": [],
        "signal_alarms": "",
        "batch": False,
        "pointer": "",
        "serving": "",
        "newer": "queue",
        "superseding": "",
        "notice": refusal_notice(reason, sentence),
    }


class PolicyUnusable(ValueError):
    """A group has no policy that can be used; the message says why, as a sentence."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


def usable_policy(group: str, written: str | None, last_good: str | None) -> tuple[Policy, str]:
    """The policy of ``group`` as written, else the last good one; and a sentence that says what is wrong with the
    written one, empty if nothing is. Raises PolicyUnusable."""
    if written is None:
        raise PolicyUnusable(Reason.POLICY_MISSING, f"There is no policy for model package group {group}.")
    try:
        return read_policy(written, group), ""
    except PolicyError as error:
        said = f"The policy of {group} is not valid: {error}."
    with suppress(PolicyError):
        if last_good is not None:
            return read_policy(last_good, group), f"{said} The last good one stays in force."
    raise PolicyUnusable(Reason.POLICY_INVALID, said)
