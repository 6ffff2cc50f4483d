"""An endpoint changed its status."""

from __future__ import annotations

from interlock.intake.commands import Command, IfNothingToDo, Ignore, if_nothing_to_do, ignore
from interlock.intake.events.reading import Detail, EventType, Name
from interlock.model.reasons import Reason

SETTLED = frozenset({"inservice", "failed", "outofservice", "updaterollbackfailed", "deleted"})
"""Endpoint statuses that end a change, with case and underscores folded: events say IN_SERVICE where the API says
InService."""


class EndpointDetail(Detail):
    """SageMaker Endpoint State Change and Endpoint Deployment State Change have the same shape. Status is
    UPPER_SNAKE here, not CamelCase."""

    EndpointName: Name
    EndpointStatus: Name


class WakeEndpoint(Command):
    """Wake the release that waits for the endpoint."""

    endpoint: str
    otherwise: IfNothingToDo


def endpoint_changed(detail: EndpointDetail) -> WakeEndpoint | Ignore:
    """Only the end of a change matters."""
    if detail.EndpointStatus.replace("_", "").casefold() not in SETTLED:
        return ignore(f"Endpoint {detail.EndpointName} is {detail.EndpointStatus}: still changing.")
    sentence = f"Endpoint {detail.EndpointName} has settled as {detail.EndpointStatus}."
    return {
        "kind": "WakeEndpoint",
        "reason": str(Reason.ACCEPTED),
        "sentence": sentence,
        "endpoint": detail.EndpointName,
        "otherwise": if_nothing_to_do(sentence),
    }


ENDPOINT = EventType("aws.sagemaker", "SageMaker Endpoint State Change", EndpointDetail, endpoint_changed)
DEPLOYMENT = EventType("aws.sagemaker", "SageMaker Endpoint Deployment State Change", EndpointDetail, endpoint_changed)
