"""A CloudWatch on its own clock, whose events are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rehearsal.clock import Clock
from rehearsal.cloudwatch import CloudWatch, Options
from tests.rehearsal.checked_calls import checked

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@dataclass
class Account:
    clock: Clock = field(default_factory=lambda: Clock(START, seed=1))
    options: Options = field(default_factory=Options)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    actions: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cloudwatch = CloudWatch(
            self.clock,
            lambda source, detail_type, detail, resources: self.events.append((detail_type, detail)),
            "eu-central-1",
            "111122223333",
            options=self.options,
            act=lambda arn, message: self.actions.append((arn, message)),
        )

    def call(self, operation: str, **request: Any) -> Any:
        return checked("cloudwatch", self.cloudwatch, operation, request)

    def wait(self, minutes: float) -> None:
        self.clock.run(self.clock.now + minutes * 60)

    def alarm(self, name: str = "errors", **changes: Any) -> None:
        request = {
            "AlarmName": name,
            "Namespace": "Test",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0,
            "TreatMissingData": "notBreaching",
        }
        self.call("put_metric_alarm", **{key: value for key, value in (request | changes).items() if value is not None})

    def state(self, name: str = "errors") -> str:
        return str(self.call("describe_alarms", AlarmNames=[name])["MetricAlarms"][0]["StateValue"])

    def changes(self) -> list[tuple[str, str]]:
        return [
            (detail["previousState"]["value"], detail["state"]["value"])
            for kind, detail in self.events
            if kind == "CloudWatch Alarm State Change"
        ]
