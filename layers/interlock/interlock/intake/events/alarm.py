"""A CloudWatch alarm changed its state."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from interlock.intake.commands import Command, Ignore, Refuse, ignore, refuse, told
from interlock.intake.events.reading import Decoration, Detail, EventType, Name, in_utc
from interlock.model.names import EXECUTION_NAME_LIMIT, SAGEMAKER_NAME_LIMIT, response_name
from interlock.model.quantities import in_iso
from interlock.model.reasons import Reason
from interlock.model.request import Request


class AlarmState(Detail):
    """State of an alarm; ``timestamp`` like ``2019-10-02T17:04:40.989+0000``."""

    value: Name
    timestamp: Name
    reason: Decoration = ""


class AlarmConfiguration(Detail):
    """The settings that the alarm was made with; ``description`` is its AlarmDescription."""

    description: Decoration = ""


_Configuration = Annotated[AlarmConfiguration, BeforeValidator(lambda value: value if isinstance(value, dict) else {})]


class AlarmDetail(Detail):
    """CloudWatch Alarm State Change (docs: AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge)."""

    alarmName: Name
    state: AlarmState
    configuration: _Configuration = Field(default_factory=AlarmConfiguration)


class AbortWatchers(Command):
    """Abort every release that watches the alarm and began before ``at``.

    The alarm is a signal, too, for the policies that name it: ``signal`` is as that of Weigh, and ``name`` the stem of
    the name under which each of their groups weighs it; the machine adds ``-<group>``.
    """

    alarm: str
    at: str
    name: str
    signal: Request


def alarm_changed(detail: AlarmDetail) -> AbortWatchers | Ignore | Refuse:
    """``at`` is written like the ledger's timestamps, so that the two compare as strings."""
    if detail.state.value != "ALARM":
        return ignore(f"Alarm {detail.alarmName} is {detail.state.value}.")
    try:
        at = in_utc(detail.state.timestamp)
    except (ValueError, OverflowError):
        return refuse(Reason.EVENT_MALFORMED, f"state.timestamp: {detail.state.timestamp!r} is not an ISO 8601 time.")
    why = detail.configuration.description or detail.state.reason
    sentence = f"Alarm {detail.alarmName} was raised at {at:%H:%M:%S} UTC: {why.rstrip('.')}."
    run = f"alarm/{detail.alarmName}/{in_iso(at)}"
    return {
        "kind": "AbortWatchers",
        "reason": str(Reason.ALARM_RAISED),
        "sentence": sentence,
        "alarm": detail.alarmName,
        "at": in_iso(at),
        "name": response_name(run, EXECUTION_NAME_LIMIT - SAGEMAKER_NAME_LIMIT - 1),
        "signal": told("alarm", run, in_iso(at), "high", sentence),
    }


ALARM = EventType("aws.cloudwatch", "CloudWatch Alarm State Change", AlarmDetail, alarm_changed)

FOUND_ALARM = EventType("interlock.steward", "Alarm Found", AlarmDetail, alarm_changed)
"""The steward found that an alarm is raised which a release watches: the same words, because the same follows."""
