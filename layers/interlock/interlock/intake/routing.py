"""The one door: from an event to a command for ``intake``."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from interlock.intake.commands import Command, ignore, refuse
from interlock.intake.events.reading import ANY_SOURCE, Name
from interlock.intake.events.registry import EVENTS
from interlock.model.reasons import Reason


class Event(BaseModel):
    """The envelope that every EventBridge event has (docs: eb-events-structure)."""

    model_config = ConfigDict(frozen=True)

    source: Name
    detail_type: Annotated[Name, Field(alias="detail-type")]
    detail: dict[str, Any]
    time: Any = ""
    account: Any = ""
    region: Any = ""


def route_event(event: object) -> Command:
    """The command for ``event``, which anybody may have sent. It may come as the one message of a queue.

    Never raises: an event that cannot be read is refused with the field and the remedy.
    """
    queue, told = _of_queue(event)
    try:
        envelope = Event.model_validate(told)
    except ValidationError as error:
        return refuse(Reason.EVENT_MALFORMED, f"Not an EventBridge event: {_fields(error)}")
    if elsewhere := _elsewhere(envelope, queue):
        return ignore(elsewhere)
    known = EVENTS.get((envelope.source, envelope.detail_type)) or EVENTS.get((ANY_SOURCE, envelope.detail_type))
    if known is None:
        routes = ", ".join(sorted({detail_type for _, detail_type in EVENTS}))
        said = f"No route for {envelope.detail_type!r} from {envelope.source!r}; known: {routes}."
        return refuse(Reason.EVENT_UNKNOWN, said)
    try:
        return known.command(envelope.detail, str(envelope.time), envelope.source)
    except ValidationError as error:
        return refuse(Reason.EVENT_MALFORMED, f"{envelope.detail_type}: {_fields(error)}")


def _of_queue(event: object) -> tuple[str, object]:
    """The ARN of a queue, and the event that its message carries as text: a pipe hands over a list, even of one message
    (docs: eventbridge/latest/userguide/eb-pipes-sqs). Anything else stays as it is, and came by no queue."""
    match event:
        case [{"body": str(body), "eventSource": "aws:sqs", "eventSourceARN": str(queue)}]:
            try:
                return queue, json.loads(body)
            except ValueError:
                return queue, body
    return "", event


def _elsewhere(envelope: Event, queue: str) -> str:
    """Why an event is of another account or Region than the queue that it came by; empty if it is not. A bus may get
    events from others, about things that have the same names. A transformed event says neither."""
    told_in = (envelope.region, envelope.account)
    here = tuple(queue.split(":")[3:5])
    if not here or all(not said or said == own for said, own in zip(told_in, here, strict=True)):
        return ""
    return f"The event is of account {envelope.account}, Region {envelope.region}, which is not here."


def _fields(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'event'}: {problem['msg']}" for problem in error.errors())
