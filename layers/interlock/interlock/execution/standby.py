"""What is told and remembered of a version that is live while the one before it stands by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from interlock.execution.lives import life_of
from interlock.execution.serving import serves_candidate
from interlock.model.notices import about_version
from interlock.model.quantities import in_words, seconds_between
from interlock.model.reasons import Outcome, Reason
from interlock.model.request import Request

if TYPE_CHECKING:
    from interlock.execution.settlement import Ending, Settled


def went_live(task: Ending) -> Settled:
    """The version has all traffic, and the release goes on: so this decides nothing yet, but people, the ledger and the
    package are told."""
    group, version, endpoint = task["group"], task["version"], task["endpoint"]
    seconds = seconds_between(task["started"], task["now"])
    sentence = f"Version {version} of {group} is live on {endpoint} with all traffic. {_standing_by(task)}"
    body = [
        f"Live: {sentence}",
        "",
        f"Model package group: {group}",
        f"Version: {version}",
        f"Endpoint: {endpoint}",
        f"Took: {in_words(seconds)}",
        f"Release: {task['release']}",
    ]
    return {
        "outcome": str(Outcome.SUCCEEDED),
        "reason": str(Reason.DELIVERED),
        "sentence": sentence,
        "decides": 0,
        "keeps": 0,
        "quarantine": False,
        "live": True,
        "lived": life_of(task),
        "put_back": None,
        "hands_on": {},
        "tracked": False,
        "red": False,
        **about_version(group, version, "is live", "\n".join(body)),
        "document": {
            "release": task["release"],
            "group": group,
            "version": version,
            "endpoint": endpoint,
            "sentence": sentence,
            "seconds": round(seconds),
        },
    }


def _standing_by(task: Ending) -> str:
    """Until when one call takes the version back; a recovery gives that up."""
    if task["planned"] == Reason.RECOVERED_FORWARD:
        return "The version before it is removed now."
    until = datetime.fromisoformat(task["now"]) + timedelta(seconds=task["facts"]["standby"]["seconds"])
    return (
        f"The version before it stands by without traffic until {until:%Y-%m-%d %H:%M} UTC, or until another release"
        " begins. Until then, abort sends all traffic back to it with one call."
    )


def put_back(task: Ending, outcome: Outcome) -> Request | None:
    """What the ledger says again after a version was taken back while another one stood by: ``live`` and ``previous``
    as they were before, items of DynamoDB; empty if nothing was live. None if the ledger stays as it is."""
    standby, taken = task["facts"].get("standby"), outcome is Outcome.ROLLED_BACK
    if outcome is Outcome.FAILED:
        taken = serves_candidate(task["facts"], task["seen"]) is False
    if not standby or not taken:
        return None
    before: Request = standby["before"]
    return {**before, "previous": before.get("previous", before["live"])} if "live" in before else {}
