"""The one door: from an event to a command for ``intake``."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from interlock.intake.commands import Command, refuse
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


def route_event(event: object) -> Command:
    """The command for ``event``, which anybody may have sent. It may come as the one message of a queue.

    Never raises: an event that cannot be read is refused with the field and the remedy.
    """
    try:
        envelope = Event.model_validate(_of_queue(event))
    except ValidationError as error:
        return refuse(Reason.EVENT_MALFORMED, f"Not an EventBridge event: {_fields(error)}")
    known = EVENTS.get((envelope.source, envelope.detail_type)) or EVENTS.get((ANY_SOURCE, envelope.detail_type))
    if known is None:
        routes = ", ".join(sorted({detail_type for _, detail_type in EVENTS}))
        said = f"No route for {envelope.detail_type!r} from {envelope.source!r}; known: {routes}."
        return refuse(Reason.EVENT_UNKNOWN, said)
    try:
        return known.command(envelope.detail, str(envelope.time), envelope.source)
    except ValidationError as error:
        return refuse(Reason.EVENT_MALFORMED, f"{envelope.detail_type}: {_fields(error)}")


def _of_queue(event: object) -> object:
    """The event that a message of a queue carries as text: a pipe hands over a list, even of one message (docs:
    eventbridge/latest/userguide/eb-pipes-sqs). Anything else stays as it is."""
    match event:
        case [{"body": str(body), "eventSource": "aws:sqs"}]:
            try:
                return json.loads(body)
            except ValueError:
                return body
    return event


def _fields(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, problem['loc'])) or 'event'}: {problem['msg']}" for problem in error.errors())
