"""A team's own program sends a signal. Its JSON Schema is published as policies/signal.schema.json."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from interlock.intake.commands import Refuse, Weigh, refuse, told, weigh
from interlock.intake.events.reading import ANY_SOURCE, Detail, EventType, in_utc
from interlock.model.fields import NAME
from interlock.model.quantities import in_iso
from interlock.model.reasons import Reason

ResourceName = Annotated[str, Field(pattern=NAME, max_length=63)]


class InterlockSignal(Detail):
    """The detail of an event with the detail-type "Interlock Signal", from any source. Name the model package group or
    the endpoint."""

    kind: Literal["custom"] = "custom"
    group: ResourceName | Literal[""] = Field("", description="The model package group.")
    endpoint: ResourceName | Literal[""] = Field("", description="The endpoint, where the signal is about one.")
    severity: Literal["low", "medium", "high"] = "medium"
    since: Annotated[str, Field(max_length=64)] = Field(
        "", description="Since when, ISO 8601. Default: the time of the event."
    )
    run: Annotated[str, Field(max_length=200)] = Field(
        "", description="Identity of what is told: a repeated signal has the same. Default: since."
    )
    evidence: Annotated[str, Field(max_length=1024)] = Field("", description="S3 URI of what shows it.")
    sentence: Annotated[str, Field(min_length=1, max_length=500)] = Field(description="What happened, for people.")


class _Told(InterlockSignal):
    told_at: str
    told_by: str


def signal_sent(detail: _Told) -> Weigh | Refuse:
    """The signal as it was sent. Without an identity of its own, one source, group, endpoint and time are one
    signal."""
    if not detail.group and not detail.endpoint:
        return refuse(Reason.EVENT_MALFORMED, "Interlock Signal: write group or endpoint, for example group: churn.")
    since = detail.since or detail.told_at
    try:
        at = in_iso(in_utc(since))
    except (ValueError, OverflowError):
        return refuse(Reason.EVENT_MALFORMED, f"since: {since!r} is not an ISO 8601 time.")
    run = f"custom/{detail.told_by}/{detail.group}/{detail.endpoint}/{detail.run or at}"
    named = {"group": detail.group, "endpoint": detail.endpoint, "evidence": detail.evidence}
    return weigh(told("custom", run, at, detail.severity, detail.sentence, **named))


CUSTOM_SIGNAL = EventType(ANY_SOURCE, "Interlock Signal", _Told, signal_sent, envelope=True)
