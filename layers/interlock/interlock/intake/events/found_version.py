"""The steward found an approved version whose event may have been lost."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from interlock.intake.commands import StartRelease, start_release
from interlock.intake.events.reading import Detail, EventType, Name


class FoundVersionDetail(Detail):
    """Approved Version Found, an event of Interlock's own."""

    group: Name
    version: Annotated[int, Field(ge=1)]


def version_found(detail: FoundVersionDetail) -> StartRelease:
    """A version that was found starts like one whose approval was told."""
    sentence = f"Version {detail.version} of {detail.group} is the newest approved one."
    return start_release(detail.group, detail.version, sentence)


FOUND_VERSION = EventType("interlock.steward", "Approved Version Found", FoundVersionDetail, version_found)
