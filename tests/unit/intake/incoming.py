"""Events as they reach the door. They have the shape of AWS's own examples, docs:
sagemaker/latest/dg/automating-sagemaker-with-eventbridge,
AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge, step-functions/latest/dg/eventbridge-integration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interlock.intake.routing import route_event

Detail = dict[str, Any]


def event(source: str, detail_type: str, detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": "844e2571-85d4-695f-b930-0153b71dcb42",
        "detail-type": detail_type,
        "source": source,
        "account": "111122223333",
        "time": "1583831889050",
        "region": "us-east-2",
        "resources": [],
        "detail": detail,
    }


def routed(source: str, detail_type: str, detail: Any) -> Detail:
    """The command for an event, with every key that it has."""
    return dict(route_event(event(source, detail_type, detail)))


def asked(request: Any) -> Detail:
    """The command for a person's request."""
    return routed("interlock.operate", "Operator Request", request)


def becomes(command: Mapping[str, Any], case: str) -> tuple[str, str, str]:
    """The command after the machine has met ``case``, as kind, reason and sentence."""
    merged = {**command, **command["otherwise"][case]}
    return merged["kind"], merged["reason"], merged["sentence"]
