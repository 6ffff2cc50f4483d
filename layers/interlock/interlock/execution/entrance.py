"""What happens at the entrance of a stage: the release to it begins, a person is asked first, or it ends there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypedDict

from interlock.model.answers import how_to_answer
from interlock.model.approval_words import STAGE, asked_word, life_cycle_word
from interlock.model.ledger_item import number, text
from interlock.model.notices import Notice, about_version
from interlock.model.plan import ABORT
from interlock.model.quantities import in_words, seconds_between
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.model.version import read_life_cycle
from interlock.policy.in_force import PolicyUnusable, usable_policy
from interlock.policy.stage import Stage
from interlock.policy.step_approval import StepApproval


class EntranceTask(TypedDict):
    """A version before a stage. ``now``: ISO 8601; ``stack``: its name; ``me``: the execution that asks; ``following``:
    what ``deliver`` handed on (see continued), with ``known``, how the stage before ended. ``entrance``: the item of
    the ledger that ``me`` has taken; ``control``: that of the endpoint. ``observed``: the answer of ``observe``: policy
    and packages. ``over``: whether the time for the answer is over."""

    now: str
    stack: str
    me: str
    following: Request
    entrance: Request
    control: Request
    observed: Request
    over: bool


class Entrance(TypedDict):
    """``next``: Begin with ``input``; Ask with ``notice`` and wait ``seconds`` for what it ``hears``; Look again, as
    AWS could not answer; or End, as ``ended`` for ``reason`` with ``sentence``, ``by`` the release that took the
    place."""

    next: str
    input: Request
    hears: str
    seconds: int
    notice: Notice
    ended: str
    reason: str
    sentence: str
    by: str


def enter_stage(task: EntranceTask) -> Entrance:
    """What the version does at the entrance now. A yes that was given stands, unless it was taken back."""
    entrance, observed = task["entrance"], task["observed"]
    if text(entrance, "holder") != task["me"]:
        return _answer("End", ended="Superseded", reason=Reason.NEWER_VERSION_WAITING, by=text(entrance, "release_id"))
    if said := text(entrance, "abort_reason"):
        return _ended(Reason(said), text(entrance, "abort_sentence"))
    if text(entrance, "approved_at"):
        return _begins(task)
    written = observed.get("policy") or {}
    if "error" in written or observed.get("error"):
        return _answer("Look")
    try:
        policy, _ = usable_policy(_asked(task)["group"], written.get("document"), written.get("last_good"))
    except PolicyUnusable as unusable:
        return _ended(unusable.reason, str(unusable))
    stage = policy.at(_asked(task)["endpoint"]).stage
    live = task["control"].get("live", {}).get("M", {})
    if stage.approval is None or not stage.asks_first or number(live, "version") == _asked(task)["version"]:
        return _begins(task)
    return _asks(task, stage, stage.approval)


def _asked(task: EntranceTask) -> Request:
    asked: Request = task["following"]["input"]
    return asked


def _asks(task: EntranceTask, stage: Stage, approval: StepApproval) -> Entrance:
    """The registry is looked at when the question is put, and when its time is over: its event may have been lost."""
    wanted = str(approval.life_cycle) if approval.life_cycle else ""
    heard = "" if wanted == task["following"]["life_cycle"] else wanted
    package = (task["observed"].get("packages") or [{}])[0].get("found") or {}
    if heard and read_life_cycle(package.get("ModelLifeCycle")) == heard:
        return _begins(task)
    left = approval.within - seconds_between(text(task["entrance"], "held_since"), task["now"])
    if task["over"] or left < 1:
        said = f"Nobody approved version {_asked(task)['version']} for stage {stage.name} within"
        return _ended(Reason.APPROVAL_EXPIRED, f"{said} {in_words(approval.within)}. No answer is a refusal.")
    words = (ABORT, asked_word(_asked(task)["version"], STAGE), *((life_cycle_word(heard),) if heard else ()))
    notice = _notice(task, stage, heard, package.get("ModelPackageArn", ""), int(left))
    return _answer("Ask", hears="".join(f"|{word}" for word in words) + "|", seconds=int(left), notice=notice)


def _notice(task: EntranceTask, stage: Stage, heard: str, package: str, left: int) -> Notice:
    until = datetime.fromisoformat(task["now"]) + timedelta(seconds=left)
    group, version = _asked(task)["group"], _asked(task)["version"]
    no = {"endpoint": stage.endpoint, "before": STAGE}
    yes = {"endpoint": stage.endpoint, "version": version, "before": STAGE}
    body = (
        f"Waiting: release {task['following']['name']} asks whether version {version} of {group} may go to stage"
        f" {stage.name}, endpoint {stage.endpoint}. Nothing changes there before somebody says yes. What the stage"
        f" before showed: {task['following']['known']} No answer until {until:%Y-%m-%d %H:%M} UTC is a refusal: the"
        f" version goes no further.\n\n{how_to_answer(task['stack'], yes, no, package, heard)}"
    )
    return about_version(group, version, f"asks for approval of stage {stage.name}", body)


def _begins(task: EntranceTask) -> Entrance:
    return _answer("Begin", input={**_asked(task), "admitted": True})


def _ended(reason: Reason, sentence: str) -> Entrance:
    return _answer("End", ended="Refused", reason=reason, sentence=sentence)


def _answer(what: str, **fields: Any) -> Entrance:
    answer: Entrance = {
        "next": what,
        "input": {},
        "hears": "",
        "seconds": 0,
        "notice": {"subject": "", "body": ""},
        "ended": "",
        "reason": "",
        "sentence": "",
        "by": "",
    }
    return {**answer, **fields}  # type: ignore[typeddict-item]
