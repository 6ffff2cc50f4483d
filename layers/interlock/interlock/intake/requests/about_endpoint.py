"""Requests that steer the release that holds an endpoint: ``{"action": "promote", "endpoint": "churn"}``."""

from __future__ import annotations

from interlock.intake.commands import Command, IfNothingToDo, Ignore, if_nothing_to_do, ignore
from interlock.intake.requests.asking import Action, Asked
from interlock.model.fields import SageMakerName
from interlock.model.reasons import Reason
from interlock.model.request import Request


class AboutEndpoint(Asked):
    """A request that names an endpoint."""

    endpoint: SageMakerName


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
    """End a wait of the release on the endpoint: promote ends a bake, resume ends a pause. ``after``: as in Steer."""

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


def abort(asked: AboutEndpoint) -> Steer:
    """Roll the release back."""
    said = (
        f"{asked.sentence} This came too late: the release is being rolled back already, or its version is live with"
        " all traffic. To take back a version that is live, release the one before it."
    )
    otherwise: IfTooLate = {**if_nothing_to_do(asked.sentence), "TooLate": ignore(said, Reason.TOO_LATE)}
    return _steer("Abort", Reason.ABORTED_BY_PERSON, asked, otherwise)


def promote(asked: AboutEndpoint) -> EndWait:
    """End the running bake without a verdict. A bake that has just ended is being judged; nothing is promoted."""
    judged = f"{asked.sentence} The evidence was being judged at that moment; ask again in a minute."
    return _end_wait("Promote", asked, {"kind": "Ignore", "reason": str(Reason.NOTHING_TO_DO), "sentence": judged})


def resume(asked: AboutEndpoint) -> EndWait:
    """End a pause. A pause that has just ended is over either way."""
    return _end_wait("Resume", asked, {"kind": "Resume", "reason": str(Reason.ACCEPTED), "sentence": asked.sentence})


def _steer(kind: str, reason: Reason, asked: AboutEndpoint, otherwise: IfNothingToDo | IfTooLate) -> Steer:
    return {
        "kind": kind,
        "reason": str(reason),
        "sentence": asked.sentence,
        "after": _AFTER[kind],
        "endpoint": asked.endpoint,
        "otherwise": otherwise,
    }


def _end_wait(kind: str, asked: AboutEndpoint, wait_ended: Command) -> EndWait:
    return {
        "kind": kind,
        "reason": str(Reason.ACCEPTED),
        "sentence": asked.sentence,
        "after": _AFTER[kind],
        "endpoint": asked.endpoint,
        "otherwise": {**if_nothing_to_do(asked.sentence), "WaitEnded": wait_ended},
    }


_AFTER: dict[str, Request] = {
    "Pause": {"paused": True},
    "Abort": {"aborted": True},
    "Promote": {"promoted": True},
    "Resume": {"paused": False},
}


_EXAMPLE = '"endpoint": "churn"'
PROMOTE = Action("promote", AboutEndpoint, promote, _EXAMPLE)
PAUSE = Action("pause", AboutEndpoint, pause, _EXAMPLE)
RESUME = Action("resume", AboutEndpoint, resume, _EXAMPLE)
ABORT = Action("abort", AboutEndpoint, abort, _EXAMPLE)
