"""Brings what EventBridge and Scheduler send to their targets: retries, and dead letters when nothing helps.

docs: EventBridge User Guide, "Event retry policy and using dead-letter queues"; Scheduler User Guide, "Configuring a
dead-letter queue". Refusals for want of permission, and targets that do not exist, are not retried. The spacing of
retries is exponential with jitter; its numbers are not documented and are ours.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.account.gateway import Gateway, NotSimulated
from rehearsal.aws import AwsError, Caller

_FIRST_RETRY, _LONGEST_RETRY = 1.0, 480.0
_NO_PERMISSION = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "KMSAccessDenied", "KmsAccessDenied"}
)
_NO_RESOURCE = frozenset(
    {"StateMachineDoesNotExist", "ResourceNotFoundException", "NotFound", "AWS.SimpleQueueService.NonExistentQueue"}
)
_THROTTLED = frozenset({"ThrottlingException", "TooManyRequestsException", "ExecutionLimitExceeded"})


@dataclass(frozen=True)
class Parcel:
    """Something to be delivered once. `principal` is the sending service and `source_arn` its rule or schedule;
    `body` gives the text for an attempt (0 is the first); `labels` turns the last failure into the dead letter's
    attributes; `letter` is the dead letter's body."""

    principal: str
    source_arn: str
    target_arn: str
    role_arn: str
    body: Callable[[int], str]
    name: str
    dead_letters: str
    letter: str
    labels: Callable[[Failure], Mapping[str, str]]
    most_retries: int = 185
    oldest: float = 86_400.0


@dataclass(frozen=True)
class Failure:
    """Why a delivery was given up, in the terms of a dead letter's attributes."""

    code: str
    message: str
    retries: int
    exhausted: str  # "" (not worth retrying), "MaximumRetryAttempts" or "MaximumEventAgeInSeconds"


@dataclass(frozen=True)
class Attempt:
    """One attempt as it happened; `error` is "" when the target took it."""

    at: float
    source_arn: str
    target_arn: str
    name: str
    retry: int
    error: str


class Courier:
    """Delivers parcels through the gateway; `attempts` has every attempt, `lost` what no dead-letter queue took."""

    def __init__(self, gateway: Gateway, jitter: random.Random) -> None:
        self.attempts: list[Attempt] = []
        self.lost: list[tuple[Parcel, Failure]] = []
        self._gateway = gateway
        self._jitter = jitter

    def deliver(self, parcel: Parcel, retry: int = 0, first_at: float | None = None) -> None:
        """Try once, now; on a failure worth it, put the next try on the clock."""
        clock = self._gateway.clock
        first_at = clock.now if first_at is None else first_at
        try:
            self._send(parcel, retry)
        except AwsError as error:
            self._note(parcel, retry, f"{error.code}: {error.message}")
            self._retry_or_give_up(parcel, retry, first_at, error)
        else:
            self._note(parcel, retry, "")

    def _send(self, parcel: Parcel, retry: int) -> None:
        service, operation, request = _request(parcel, parcel.body(retry))
        source = {"aws:SourceArn": parcel.source_arn, "aws:SourceAccount": self._gateway.place.account}
        if not parcel.role_arn:
            self._gateway.call(Caller(parcel.principal), service, operation, request, source)
            return
        if not self._gateway.iam.may_assume(parcel.role_arn, parcel.principal, source):
            message = f"{parcel.principal} is not authorized to assume {parcel.role_arn}"
            raise AwsError("sts", "AccessDenied", message, 403)
        self._gateway.call(Caller(parcel.role_arn), service, operation, request)

    def _retry_or_give_up(self, parcel: Parcel, retry: int, first_at: float, error: AwsError) -> None:
        clock = self._gateway.clock
        wait = min(_FIRST_RETRY * 2**retry, _LONGEST_RETRY) * self._jitter.uniform(0.5, 1.0)
        exhausted = ""
        if error.code not in _NO_PERMISSION | _NO_RESOURCE:
            if retry >= parcel.most_retries:
                exhausted = "MaximumRetryAttempts"
            elif clock.now + wait - first_at > parcel.oldest:
                exhausted = "MaximumEventAgeInSeconds"
            else:
                clock.after(wait, lambda: self.deliver(parcel, retry + 1, first_at))
                return
        self._bury(parcel, Failure(_error_code(error), error.message, retry, exhausted))

    def _bury(self, parcel: Parcel, failure: Failure) -> None:
        if not parcel.dead_letters:
            self.lost.append((parcel, failure))
            return
        labels = parcel.labels(failure)
        attributes = {name: {"DataType": "String", "StringValue": value} for name, value in labels.items() if value}
        queue = _queue_url(parcel.dead_letters)
        request = {"QueueUrl": queue, "MessageBody": parcel.letter, "MessageAttributes": attributes}
        # EventBridge sends dead letters itself, by the queue's policy; Scheduler sends them as the schedule's role.
        as_role = parcel.principal == "scheduler.amazonaws.com"
        try:
            if as_role:
                self._gateway.call(Caller(parcel.role_arn), "sqs", "SendMessage", request)
            else:
                source = {"aws:SourceArn": parcel.source_arn}
                self._gateway.call(Caller(parcel.principal), "sqs", "SendMessage", request, source)
        except AwsError:
            self.lost.append((parcel, failure))

    def _note(self, parcel: Parcel, retry: int, error: str) -> None:
        at = self._gateway.clock.now
        self.attempts.append(Attempt(at, parcel.source_arn, parcel.target_arn, parcel.name, retry, error))


def _request(parcel: Parcel, body: str) -> tuple[str, str, dict[str, Any]]:
    """The service, the operation and the request that bring the body to the target."""
    arn = parcel.target_arn
    service, resource = arn.split(":", 5)[2], arn.split(":", 5)[-1]
    if service == "states" and resource.startswith("stateMachine:"):
        return "stepfunctions", "StartExecution", {"stateMachineArn": arn, "name": parcel.name, "input": body}
    if service == "lambda":
        return "lambda", "Invoke", {"FunctionName": arn, "InvocationType": "Event", "Payload": body.encode()}
    if service == "sns":
        return "sns", "Publish", {"TopicArn": arn, "Message": body}
    if service == "sqs":
        return "sqs", "SendMessage", {"QueueUrl": _queue_url(arn), "MessageBody": body}
    raise NotSimulated(f"delivery to {arn} is not simulated")


def _queue_url(arn: str) -> str:
    region, account, name = arn.split(":")[3:6]
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"


def _error_code(error: AwsError) -> str:
    if error.code in _NO_PERMISSION:
        return "NO_PERMISSIONS"
    if error.code in _NO_RESOURCE:
        return "NO_RESOURCE"
    return "THROTTLING" if error.code in _THROTTLED else error.code
