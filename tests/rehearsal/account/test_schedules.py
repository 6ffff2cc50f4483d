from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.services.options import Options
from rehearsal.services.schedule_expressions import next_after, utc
from rehearsal.world import new_world
from tests.rehearsal.account.conftest import ACCOUNT, Account

BEGINS = datetime(2026, 1, 5, 9, tzinfo=UTC)
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("rate(1 minute)", "2026-01-05T09:01:00Z"),
        ("rate(15 minutes)", "2026-01-05T09:15:00Z"),
        ("rate(2 days)", "2026-01-07T09:00:00Z"),
        ("cron(0 9 * * ? *)", "2026-01-06T09:00:00Z"),
        ("cron(0/20 * ? * MON-FRI *)", "2026-01-05T09:20:00Z"),
        ("cron(30 8 ? * SUN *)", "2026-01-11T08:30:00Z"),
        ("cron(0 0 1 JAN,JUL ? *)", "2026-07-01T00:00:00Z"),
        ("cron(0 0 29 2 ? *)", "2028-02-29T00:00:00Z"),
        ("at(2026-01-06T10:00:00)", "2026-01-06T10:00:00Z"),
    ],
)
def test_when_a_schedule_is_due_next(expression: str, due: str) -> None:
    found = next_after(expression, MONDAY, MONDAY)
    assert found is not None
    assert utc(found) == due


def test_a_rate_counts_from_when_the_schedule_was_made() -> None:
    assert next_after("rate(10 minutes)", MONDAY + 601, MONDAY) == MONDAY + 1200


def test_a_schedule_follows_the_clock_of_its_time_zone() -> None:
    found = next_after("cron(0 9 * * ? *)", MONDAY, MONDAY, "America/New_York")
    assert found is not None
    assert utc(found) == "2026-01-05T14:00:00Z"


@pytest.mark.parametrize("expression", ["at(2026-01-05T08:00:00)", "cron(0 0 31 2 ? *)"])
def test_a_schedule_that_is_never_due_again(expression: str) -> None:
    assert next_after(expression, MONDAY, MONDAY) is None


@pytest.mark.parametrize(
    "expression",
    ["rate(1 minutes)", "rate(5 minute)", "rate(0 hours)", "rate(soon)", "cron(0 9 * *)", "cron(0 9 L * ? *)", "daily"],
)
def test_an_expression_that_aws_or_this_does_not_read_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"rate|cron"):
        next_after(expression, MONDAY, MONDAY)


def test_a_schedule_starts_its_target_with_the_moment_it_was_due(account: Account) -> None:
    account.deploy()
    account.let_pass(2 * 86_400)
    inputs = [execution.input for execution in account.states.executions]
    assert inputs == [f'{{"name": "everyone", "at": "2026-01-0{day}T08:00:00Z"}}' for day in (6, 7)]


@pytest.mark.parametrize("source", ["group", "schedule"])
def test_a_schedules_role_is_taken_for_its_group_or_for_itself(source: Any) -> None:
    world = new_world(BEGINS, 7, {}, delivery_options=Options(schedule_source=source))
    world.clock.run(BEGINS.timestamp() + 600)
    started = [call for call in world.gateway.journal if "SchedulerRole" in call.caller.principal]
    assert {call.operation for call in started} == {"StartExecution"}
    assert not any(call.error for call in started)


@pytest.mark.parametrize(
    "source",
    [
        {
            "aws:SourceAccount": "999999999999",
            "aws:SourceArn": "arn:aws:scheduler:eu-west-1:999999999999:schedule-group/default",
        },
        {
            "aws:SourceAccount": "123456789012",
            "aws:SourceArn": "arn:aws:scheduler:eu-west-1:123456789012:schedule-group/other",
        },
        {},
    ],
)
def test_a_schedule_of_somebody_else_cannot_take_our_role(source: dict[str, Any]) -> None:
    world = new_world(BEGINS, 7, {})
    role = world.stack.resources["SchedulerRole"].arn
    assert not world.gateway.iam.may_assume(role, "scheduler.amazonaws.com", source)


def test_a_schedule_whose_role_may_not_start_the_target_leaves_a_dead_letter(account: Account) -> None:
    stack = account.deploy()
    [(role, start)] = [(r, s) for r, s in account.iam.statements() if s.sid == "StartWelcome"]
    account.iam.remove(role, start)
    letter = {"Sid": "Letters", "Effect": "Allow", "Action": ["sqs:SendMessage", "kms:*"], "Resource": "*"}
    account.iam.put_policy(role, "letters", {"Statement": letter})
    account.let_pass(86_400)
    url = stack.ref("DeadLetters")
    [message] = account.ask("sqs", "ReceiveMessage", QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "NO_PERMISSIONS"
    assert (
        message["MessageAttributes"]["SCHEDULE_ARN"]["StringValue"]
        == account.scheduler.schedules[stack.ref("EveryMorning")].arn
    )


def test_a_role_that_scheduler_may_not_assume_is_refused_at_once(account: Account) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = account.iam.put_role("r", {"Statement": trust})
    with pytest.raises(AwsError, match="must allow AWS EventBridge Scheduler to assume the role"):
        account.ask(
            "scheduler",
            "CreateSchedule",
            Name="s",
            ScheduleExpression="rate(1 hour)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:m", "RoleArn": role.arn},
        )


def test_a_deleted_schedule_does_not_fire(account: Account) -> None:
    stack = account.deploy()
    account.ask("scheduler", "DeleteSchedule", Name=stack.ref("EveryMorning"))
    account.let_pass(2 * 86_400)
    assert account.states.executions == []
