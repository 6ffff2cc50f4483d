"""Intake looked up what is live on the endpoint on which a person wants to go back."""

from __future__ import annotations

from typing import Any

from interlock.intake.commands import Ignore, ignore
from interlock.intake.events.reading import Detail, EventType
from interlock.intake.requests.about_live import AboutWayBack
from interlock.intake.requests.about_version import StartAsked, start_asked
from interlock.model.ledger_item import number, text
from interlock.model.names import release_name
from interlock.model.reasons import Reason
from interlock.model.release_input import release_input


class LiveDetail(Detail):
    """Live Found, an event of Interlock's own. ``asked``: the request; ``control``: the item of the endpoint."""

    asked: AboutWayBack
    control: dict[str, Any]


def live_found(detail: LiveDetail) -> StartAsked | Ignore:
    """The release of the version that was asked for, or of the one before the live one."""
    asked = detail.asked
    live, before = (detail.control.get(which, {}).get("M", {}) for which in ("live", "previous"))
    group, serves, version = text(live, "model_group"), number(live, "version"), asked.version
    if not group:
        said = f"{asked.sentence} Interlock has brought no version live on endpoint {asked.endpoint}."
        return ignore(said, Reason.NOTHING_TO_DO)
    if version is None:
        version = number(before, "version")
        if version in (0, serves):
            said = f"{asked.sentence} No version was live on {asked.endpoint} before version {serves} of {group}."
            return ignore(f'{said} Name one: "version": 7.', Reason.NO_VERSION_TO_ROLL_BACK_TO)
    if version == serves:
        said = f"{asked.sentence} Version {serves} of {group} is live on {asked.endpoint}."
        return ignore(said, Reason.ALREADY_LIVE)
    goes_back = release_input(group, version, asked.sentence, roll_back=True, endpoint=asked.endpoint)
    return start_asked("Release", asked.sentence, release_name(group, version), goes_back)


LIVE_FOUND = EventType("interlock.intake", "Live Found", LiveDetail, live_found)
