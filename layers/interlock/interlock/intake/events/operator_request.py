"""A person asked for something through operate."""

from __future__ import annotations

from pydantic import ConfigDict

from interlock.intake.commands import Command, refuse
from interlock.intake.events.reading import Detail, EventType
from interlock.intake.requests.registry import UnusableRequestError, read_request
from interlock.model.reasons import Reason


class OperatorDetail(Detail):
    """The input of operate, as the person wrote it. The registry of requests knows which fields fit."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    told_at: str = ""
    told_by: str = ""


def person_asked(detail: OperatorDetail) -> Command:
    """The command of the request, or a refusal that says what would be right."""
    try:
        return read_request(detail.model_extra or {}, detail.told_at)
    except UnusableRequestError as error:
        return refuse(Reason.INPUT_INVALID, str(error))


OPERATOR_REQUEST = EventType("interlock.operate", "Operator Request", OperatorDetail, person_asked, envelope=True)
