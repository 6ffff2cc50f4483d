"""The registry says in a version's ModelLifeCycle how far it has come. A release may wait for that."""

from __future__ import annotations

from typing import Any

from interlock.intake.commands import Command, Ignore, ignore
from interlock.intake.requests.about_endpoint import IfNobodyWaits
from interlock.model.approval_words import life_cycle_word
from interlock.model.reasons import Reason
from interlock.model.request import Request


class ApproveInRegistry(Command):
    """End the wait for a person of the release of a version, if it hears this ``word``. The machine adds ``endpoint``.
    ``after``: what holds when it is done, for the journal."""

    group: str
    version: int
    word: str
    after: Request
    otherwise: IfNobodyWaits


def life_cycle_changed(group: str, version: int, life_cycle: Any) -> ApproveInRegistry | Ignore:
    """The command that follows when the ModelLifeCycle of a version was written (docs: sagemaker/latest/dg/
    automating-sagemaker-with-eventbridge: ``{"Stage", "StageStatus", "StageDescription"}``)."""
    match life_cycle:
        case {"Stage": str(stage), "StageStatus": str(status)}:
            said = f"{stage}/{status}"
        case _:
            return ignore(f"Version {version} of {group} changed in a ModelLifeCycle that the event does not tell.")
    sentence = f"The life cycle of version {version} of {group} says {said}."
    nothing = ignore(f"{sentence} No release asks for that now.", Reason.NOTHING_TO_DO)
    return {
        "kind": "ApproveInRegistry",
        "reason": str(Reason.ACCEPTED),
        "sentence": sentence,
        "group": group,
        "version": version,
        "word": f"|{life_cycle_word(said)}|",
        "after": {"approved": True},
        "otherwise": {"NothingToDo": nothing, "WaitEnded": nothing},
    }
