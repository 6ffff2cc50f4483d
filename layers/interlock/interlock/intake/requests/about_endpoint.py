"""Requests that steer the release that holds an endpoint: ``{"action": "promote", "endpoint": "churn"}``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from interlock.intake.commands import Command, IfNothingToDo, Ignore, if_nothing_to_do, ignore
from interlock.intake.requests.asking import Action, Asked
from interlock.model.approval_words import STAGE, asked_word, entrance
from interlock.model.fields import LAST_VERSION, SageMakerName
from interlock.model.plan import PROMOTE as PROMOTED
from interlock.model.reasons import Reason
from interlock.model.request import Request


class AboutEndpoint(Asked):
    """A request that names an endpoint."""

    endpoint: SageMakerName


class AboutStep(AboutEndpoint):
    """A request that names a step of a version by its percentage of the traffic, too, or the stage of the endpoint."""

    version: Annotated[int, Field(ge=1, le=LAST_VERSION)]
    before: Annotated[int, Field(ge=1, le=100)] | Literal["stage"]


class AboutRefusal(AboutEndpoint):
    """A request to end a release, or what asks before the stage of the endpoint."""

    before: Literal["stage"] | None = None


class IfTooLate(IfNothingToDo):
    """``TooLate``: a release holds the endpoint, but cannot be aborted any more."""

    TooLate: Ignore


class Steer(Command):
    """Pause or abort the release on the endpoint. ``after``: what holds when it is done, for the journal."""

    after: Request
    endpoint: str
    otherwise: IfNothingToDo | IfTooLate


class IfNobodyWaits(IfNothingToDo):
    """``WaitEnded``: the release had just stopped waiting when the word came."""

    WaitEnded: Command


class EndWait(Command):
    """End a wait of the release on the endpoint: promote ends a bake, approve the wait for a person, resume a pause.
    ``word``: what the release must hear, between bars as the ledger has it; not needed for a pause. ``after``: as in
    Steer."""

    word: str
    after: Request
    endpoint: str
    otherwise: IfNobodyWaits


def pause(asked: AboutEndpoint) -> Steer:
    """Stop before the next step."""
    said = (
        f"{asked.sentence} No release on {asked.endpoint} can be paused now. A pause means something only while"
        " Interlock shifts the traffic step by step: not while SageMaker's guardrails do, not in a first deployment or"
        " a rollback, and not when the version already has all traffic."
    )
    return _steer("Pause", Reason.ACCEPTED, asked, {"NothingToDo": ignore(said, Reason.NOTHING_TO_DO)})


def abort(asked: AboutRefusal) -> Steer:
    """Roll the release back, or refuse that a version begins the stage."""
    said = (
        f"{asked.sentence} This came too late: the release is being rolled back already, or its version is live with"
        f' all traffic. To take back a version that is live: {{"action": "roll_back", "endpoint": "{asked.endpoint}"}}.'
    )
    otherwise: IfTooLate = {**if_nothing_to_do(asked.sentence), "TooLate": ignore(said, Reason.TOO_LATE)}
    where = entrance(asked.endpoint) if asked.before else asked.endpoint
    return {**_steer("Abort", Reason.ABORTED_BY_PERSON, asked, otherwise), "endpoint": where}


def promote(asked: AboutEndpoint) -> EndWait:
    """End the running bake without a verdict. A bake that has just ended is being judged; nothing is promoted."""
    judged = f"{asked.sentence} The evidence was being judged at that moment; ask again in a minute."
    nothing = (
        f"{asked.sentence} No bake on {asked.endpoint} can be promoted now. A release that asks for an approval needs"
        " approve, with its version and its step, as the notice says."
    )
    return _end_wait("Promote", PROMOTED, asked, nothing, ignore(judged, Reason.NOTHING_TO_DO))


def approve(asked: AboutStep) -> EndWait:
    """Say yes to one step of one version. A wait that has just ended was not answered in time."""
    word = asked_word(asked.version, asked.before)
    if asked.before == STAGE:
        late = f"{asked.sentence} The time for the answer was just over; the version goes no further."
        may = f"before the stage of {asked.endpoint} asks now whether version {asked.version} may begin it"
        ends = _end_wait("Approve", word, asked, f"{asked.sentence} No release {may}.", ignore(late, Reason.TOO_LATE))
        return {**ends, "endpoint": entrance(asked.endpoint)}
    late = f"{asked.sentence} The time for the answer was just over; the release is rolled back."
    nothing = (
        f"{asked.sentence} No release on {asked.endpoint} asks now whether version {asked.version} may get"
        f" {asked.before} % of the traffic."
    )
    return _end_wait("Approve", word, asked, nothing, ignore(late, Reason.TOO_LATE))


def resume(asked: AboutEndpoint) -> EndWait:
    """End a pause. A pause that has just ended is over either way."""
    over: Command = {"kind": "Resume", "reason": str(Reason.ACCEPTED), "sentence": asked.sentence}
    return _end_wait("Resume", "", asked, f"{asked.sentence} There is nothing it could apply to.", over)


def _steer(kind: str, reason: Reason, asked: AboutEndpoint, otherwise: IfNothingToDo | IfTooLate) -> Steer:
    return {
        "kind": kind,
        "reason": str(reason),
        "sentence": asked.sentence,
        "after": _AFTER[kind],
        "endpoint": asked.endpoint,
        "otherwise": otherwise,
    }


def _end_wait(kind: str, word: str, asked: AboutEndpoint, nothing: str, wait_ended: Command) -> EndWait:
    return {
        "kind": kind,
        "reason": str(Reason.ACCEPTED),
        "sentence": asked.sentence,
        "word": f"|{word}|",
        "after": _AFTER[kind],
        "endpoint": asked.endpoint,
        "otherwise": {"NothingToDo": ignore(nothing, Reason.NOTHING_TO_DO), "WaitEnded": wait_ended},
    }


_AFTER: dict[str, Request] = {
    "Pause": {"paused": True},
    "Abort": {"aborted": True},
    "Promote": {"promoted": True},
    "Approve": {"approved": True},
    "Resume": {"paused": False},
}


_EXAMPLE = '"endpoint": "churn"'
PROMOTE = Action("promote", AboutEndpoint, promote, _EXAMPLE)
APPROVE = Action("approve", AboutStep, approve, f'{_EXAMPLE}, "version": 7, "before": 100')
PAUSE = Action("pause", AboutEndpoint, pause, _EXAMPLE)
RESUME = Action("resume", AboutEndpoint, resume, _EXAMPLE)
ABORT = Action("abort", AboutRefusal, abort, _EXAMPLE)
