"""Requests that steer the release that holds an endpoint: ``{"action": "promote", "endpoint": "churn"}``."""

from __future__ import annotations

from interlock.intake.commands import Command, IfNothingToDo, if_nothing_to_do
from interlock.intake.requests.asking import Action, Asked
from interlock.model.fields import SageMakerName
from interlock.model.reasons import Reason


class AboutEndpoint(Asked):
    """A request that names an endpoint."""

    endpoint: SageMakerName


class Steer(Command):
    """Pause or abort the release on the endpoint."""

    endpoint: str
    otherwise: IfNothingToDo


class IfNobodyWaits(IfNothingToDo):
    """``WaitEnded``: the release had just stopped waiting when the word came."""

    WaitEnded: Command


class EndWait(Command):
    """End a wait of the release on the endpoint: promote ends a bake, resume ends a pause."""

    endpoint: str
    otherwise: IfNobodyWaits


def pause(asked: AboutEndpoint) -> Steer:
    """Stop before the next step."""
    return _steer("Pause", Reason.ACCEPTED, asked)


def abort(asked: AboutEndpoint) -> Steer:
    """Roll the release back."""
    return _steer("Abort", Reason.ABORTED_BY_PERSON, asked)


def promote(asked: AboutEndpoint) -> EndWait:
    """End the running bake without a verdict. A bake that has just ended is being judged; nothing is promoted."""
    judged = f"{asked.sentence} The evidence was being judged at that moment; ask again in a minute."
    return _end_wait("Promote", asked, {"kind": "Ignore", "reason": str(Reason.NOTHING_TO_DO), "sentence": judged})


def resume(asked: AboutEndpoint) -> EndWait:
    """End a pause. A pause that has just ended is over either way."""
    return _end_wait("Resume", asked, {"kind": "Resume", "reason": str(Reason.ACCEPTED), "sentence": asked.sentence})


def _steer(kind: str, reason: Reason, asked: AboutEndpoint) -> Steer:
    return {
        "kind": kind,
        "reason": str(reason),
        "sentence": asked.sentence,
        "endpoint": asked.endpoint,
        "otherwise": if_nothing_to_do(asked.sentence),
    }


def _end_wait(kind: str, asked: AboutEndpoint, wait_ended: Command) -> EndWait:
    return {
        "kind": kind,
        "reason": str(Reason.ACCEPTED),
        "sentence": asked.sentence,
        "endpoint": asked.endpoint,
        "otherwise": {**if_nothing_to_do(asked.sentence), "WaitEnded": wait_ended},
    }


_EXAMPLE = '"endpoint": "churn"'
PROMOTE = Action("promote", AboutEndpoint, promote, _EXAMPLE)
PAUSE = Action("pause", AboutEndpoint, pause, _EXAMPLE)
RESUME = Action("resume", AboutEndpoint, resume, _EXAMPLE)
ABORT = Action("abort", AboutEndpoint, abort, _EXAMPLE)
