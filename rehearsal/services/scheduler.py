"""EventBridge Scheduler: schedules that start a target with a role of their own.

After the Scheduler User Guide: templated targets get exactly their Input, with the context attributes filled in
("Adding context attributes"); a schedule that has fired for the last time stays unless ActionAfterCompletion is DELETE.
Invocations have a precision of a minute on AWS; here they come on the second.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.account.gateway import Gateway
from rehearsal.aws import AwsError, Caller
from rehearsal.services.delivery import Courier, Failure, Parcel
from rehearsal.services.options import Options
from rehearsal.services.schedule_expressions import next_after, utc

# docs: Scheduler "Using universal targets": the Input is the request of the API call.
_OPTIONS = Options()
_UNIVERSAL_START = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"


@dataclass(frozen=True)
class Schedule:
    """A schedule of the default group."""

    name: str
    arn: str
    expression: str
    timezone: str
    enabled: bool
    created: float
    target: Mapping[str, Any]


class Scheduler:
    """EventBridge Scheduler; `courier.attempts` has every attempt to start a target."""

    def __init__(self, gateway: Gateway, options: Options = _OPTIONS) -> None:
        self.schedules: dict[str, Schedule] = {}
        self.courier = Courier(gateway, gateway.clock.random("scheduler"))
        self._gateway, self._options = gateway, options

    def create_schedule(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """CreateSchedule; refused when the role does not let Scheduler assume it, as on AWS."""
        name, target = request["Name"], request["Target"]
        arn = self._gateway.place.arn("scheduler", f"schedule/{request.get('GroupName', 'default')}/{name}")
        if name in self.schedules:
            raise AwsError("scheduler", "ConflictException", f"Schedule {name} already exists.", 409)
        context = {"aws:SourceAccount": self._gateway.place.account, "aws:SourceArn": self._source(arn)}
        if not self._gateway.iam.may_assume(target["RoleArn"], "scheduler.amazonaws.com", context):
            words = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
            raise AwsError("scheduler", "ValidationException", words)
        schedule = Schedule(
            name=name,
            arn=arn,
            expression=request["ScheduleExpression"],
            timezone=request.get("ScheduleExpressionTimezone", "UTC"),
            enabled=request.get("State", "ENABLED") == "ENABLED",
            created=self._gateway.clock.now,
            target=target,
        )
        self.schedules[name] = schedule
        self._wait(schedule)
        return {"ScheduleArn": arn}

    def delete_schedule(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """DeleteSchedule."""
        if self.schedules.pop(request["Name"], None) is None:
            raise AwsError("scheduler", "ResourceNotFoundException", f"Schedule {request['Name']} does not exist.", 404)
        return {}

    def _source(self, schedule: str) -> str:
        """For which ARN a schedule's role is assumed."""
        group = schedule.replace(":schedule/", ":schedule-group/").rpartition("/")[0]
        return group if self._options.schedule_source == "group" else schedule

    def _wait(self, schedule: Schedule) -> None:
        clock = self._gateway.clock
        due = next_after(schedule.expression, clock.now, schedule.created, schedule.timezone)
        if due is not None:
            clock.at(due, lambda: self._fire(schedule, due))

    def _fire(self, schedule: Schedule, due: float) -> None:
        if self.schedules.get(schedule.name) is not schedule:
            return  # deleted or replaced meanwhile
        if schedule.enabled:
            self.courier.deliver(self._parcel(schedule, due))
        self._wait(schedule)

    def _parcel(self, schedule: Schedule, due: float) -> Parcel:
        target, execution = schedule.target, self._gateway.clock.uuid()
        retries = target.get("RetryPolicy", {})
        template = target.get("Input", "{}")
        machine = target["Arn"]
        if machine == _UNIVERSAL_START:
            given = json.loads(template)
            machine, template = given["StateMachineArn"], given.get("Input", "{}")

        def body(attempt: int) -> str:
            filled = {
                "<aws.scheduler.schedule-arn>": schedule.arn,
                "<aws.scheduler.scheduled-time>": utc(due),
                "<aws.scheduler.execution-id>": f"{execution[:-2]}{attempt:02x}",  # unique per attempt
                "<aws.scheduler.attempt-number>": str(attempt + 1),
            }
            text = template
            for keyword, value in filled.items():
                text = text.replace(keyword, value)
            return str(text)

        def labels(failure: Failure) -> dict[str, str]:
            return {
                "SCHEDULE_ARN": schedule.arn,
                "TARGET_ARN": target["Arn"],
                "ERROR_CODE": failure.code,
                "ERROR_MESSAGE": failure.message,
                "EXHAUSTED_RETRY_CONDITION": failure.exhausted,
                "RETRY_ATTEMPTS": str(failure.retries),
            }

        return Parcel(
            principal="scheduler.amazonaws.com",
            source_arn=self._source(schedule.arn),
            target_arn=machine,
            role_arn=target["RoleArn"],
            body=body,
            name=execution,
            dead_letters=target.get("DeadLetterConfig", {}).get("Arn", ""),
            letter=body(0),
            labels=labels,
            most_retries=retries.get("MaximumRetryAttempts", 185),
            oldest=retries.get("MaximumEventAgeInSeconds", 86_400),
        )
