"""Every event that Interlock understands."""

from __future__ import annotations

from typing import Any

from interlock.intake.events.alarm import ALARM, FOUND_ALARM
from interlock.intake.events.custom_signal import CUSTOM_SIGNAL
from interlock.intake.events.endpoint import DEPLOYMENT, ENDPOINT
from interlock.intake.events.execution import EXECUTION
from interlock.intake.events.found_run import CALENDAR, CANNOT_RUN, FOUND_RUN
from interlock.intake.events.found_version import FOUND_VERSION
from interlock.intake.events.live_found import LIVE_FOUND
from interlock.intake.events.model_package import DECISION_FOUND, MODEL_PACKAGE, VERSION_MISSED
from interlock.intake.events.operator_request import OPERATOR_REQUEST
from interlock.intake.events.parameter import PARAMETER
from interlock.intake.events.processing_job import PROCESSING_JOB
from interlock.intake.events.reading import EventType
from interlock.intake.events.retraining import AWAITED_EXECUTION, PIPELINE, TRAINING_JOB
from interlock.intake.events.stored_object import STORED_OBJECT
from interlock.intake.events.transform_job import TRANSFORM_JOB

_ALL: tuple[EventType[Any], ...] = (
    MODEL_PACKAGE,
    ENDPOINT,
    DEPLOYMENT,
    ALARM,
    EXECUTION,
    PARAMETER,
    FOUND_VERSION,
    FOUND_ALARM,
    DECISION_FOUND,
    VERSION_MISSED,
    OPERATOR_REQUEST,
    LIVE_FOUND,
    STORED_OBJECT,
    PROCESSING_JOB,
    CUSTOM_SIGNAL,
    FOUND_RUN,
    CALENDAR,
    CANNOT_RUN,
    PIPELINE,
    TRAINING_JOB,
    AWAITED_EXECUTION,
    TRANSFORM_JOB,
)

EVENTS: dict[tuple[str, str], EventType[Any]] = {(each.source, each.detail_type): each for each in _ALL}
"""By source and detail-type. The source ANY_SOURCE means that anybody may send it."""
