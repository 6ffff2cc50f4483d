"""Every event that Interlock understands."""

from __future__ import annotations

from typing import Any

from interlock.intake.events.alarm import ALARM
from interlock.intake.events.endpoint import DEPLOYMENT, ENDPOINT
from interlock.intake.events.execution import EXECUTION
from interlock.intake.events.found_version import FOUND_VERSION
from interlock.intake.events.model_package import MODEL_PACKAGE
from interlock.intake.events.operator_request import OPERATOR_REQUEST
from interlock.intake.events.parameter import PARAMETER
from interlock.intake.events.reading import EventType

_ALL: tuple[EventType[Any], ...] = (
    MODEL_PACKAGE,
    ENDPOINT,
    DEPLOYMENT,
    ALARM,
    EXECUTION,
    PARAMETER,
    FOUND_VERSION,
    OPERATOR_REQUEST,
)

EVENTS: dict[tuple[str, str], EventType[Any]] = {(each.source, each.detail_type): each for each in _ALL}
"""By source and detail-type."""
