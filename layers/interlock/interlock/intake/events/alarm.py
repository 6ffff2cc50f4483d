"""A CloudWatch alarm changed its state."""

from __future__ import annotations

from datetime import UTC, datetime

from pydantic import Field

from interlock.intake.commands import Command, Ignore, Refuse, ignore, refuse
from interlock.intake.events.reading import Detail, EventType, Name
from interlock.model.reasons import Reason


class AlarmState(Detail):
    """State of an alarm; ``timestamp`` like ``2019-10-02T17:04:40.989+0000``."""

    value: Name
    timestamp: Name
    reason: str = ""


class AlarmConfiguration(Detail):
    """The settings that the alarm was made with; ``description`` is its AlarmDescription."""

    description: str = ""


class AlarmDetail(Detail):
    """CloudWatch Alarm State Change (docs: AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge)."""

    alarmName: Name
    state: AlarmState
    configuration: AlarmConfiguration = Field(default_factory=AlarmConfiguration)


class AbortWatchers(Command):
    """Abort every release that watches the alarm and began before ``at``."""

    alarm: str
    at: str


def alarm_changed(detail: AlarmDetail) -> AbortWatchers | Ignore | Refuse:
    """``at`` is written like the ledger's timestamps, so that the two compare as strings."""
    if detail.state.value != "ALARM":
        return ignore(f"Alarm {detail.alarmName} is {detail.state.value}.")
    try:
        at = _in_utc(detail.state.timestamp)
    except (ValueError, OverflowError):
        return refuse(Reason.EVENT_MALFORMED, f"state.timestamp: {detail.state.timestamp!r} is not an ISO 8601 time.")
    told = detail.configuration.description or detail.state.reason
    return {
        "kind": "AbortWatchers",
        "reason": str(Reason.ALARM_RAISED),
        "sentence": f"Alarm {detail.alarmName} was raised at {at:%H:%M:%S} UTC: {told.rstrip('.')}.",
        "alarm": detail.alarmName,
        "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _in_utc(timestamp: str) -> datetime:
    """``timestamp`` in UTC. One without an offset means UTC too, whatever the time zone of the machine."""
    at = datetime.fromisoformat(timestamp)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


ALARM = EventType("aws.cloudwatch", "CloudWatch Alarm State Change", AlarmDetail, alarm_changed)
