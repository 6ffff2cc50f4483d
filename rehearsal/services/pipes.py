"""EventBridge Pipes: brings messages of a queue to a synchronous Express execution, until one succeeds.

After the EventBridge User Guide, "Amazon SQS as a source" (eb-pipes-sqs), "Batching and concurrency" and "Error
handling and troubleshooting". A poll that finds nothing is not simulated: a pipe hears of a message when a long poll
would return it. What the documentation leaves open stands in Options.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.account.gateway import Gateway, NoAnswer, NotSimulated
from rehearsal.aws import AwsError, Caller
from rehearsal.services.options import Options
from rehearsal.services.queues import Sqs
from rehearsal.states import StepFunctions
from rehearsal.states.failures import Failure
from rehearsal.states.fibers import Fiber, Steps

AT_ONCE_AT_FIRST, MORE_EACH_MINUTE, MOST_AT_ONCE = 5, 60, 1250  # docs: eb-pipes-sqs, eb-pipes-batching-concurrency
EXECUTION_SECONDS = 300.0  # docs: eb-pipes-batching-concurrency, "limited to a maximum of 5 minutes"
_POLL_SECONDS = 0.02  # ours: from a message to its receipt
_PAUSE_OF_OUR_OWN = 1.0  # ours: after an error of the service, which a pipe retries "an indefinite number of times"
_REFUSALS_UNTIL_DISABLED = 20
_OPTIONS = Options()


@dataclass
class Pipe:
    """A pipe: what it is made of, whether it polls, and how far it has been scaled up."""

    name: str
    arn: str
    source: str
    target: str
    role: str
    state: str
    reason: str = ""
    busy: int = 0
    busy_since: float = 0.0
    failures: int = 0
    refusals: int = 0
    paused_until: float = 0.0


class Pipes:
    """The service simulator "pipes"; `pipes` has them by name."""

    def __init__(
        self,
        gateway: Gateway,
        queues: Sqs,
        states: StepFunctions,
        options: Options = _OPTIONS,
    ) -> None:
        self.pipes: dict[str, Pipe] = {}
        self._gateway, self._clock, self._queues, self._states = gateway, gateway.clock, queues, states
        self._options = options

    def create_pipe(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """CreatePipe: a queue's messages, one at a time, to a synchronous Express execution. Refused when the role does
        not let Pipes assume it, or may not read the queue."""
        name = request["Name"]
        arn = self._gateway.place.arn("pipes", f"pipe/{name}")
        if name in self.pipes:
            raise AwsError("pipes", "ConflictException", f"Pipe {name} already exists.", 409)
        _understood(request)
        pipe = Pipe(name, arn, request["Source"], request["Target"], request["RoleArn"], "STOPPED")
        context = {"aws:SourceAccount": self._gateway.place.account, "aws:SourceArn": arn}
        if not self._gateway.iam.may_assume(pipe.role, "pipes.amazonaws.com", context):
            words = f"Pipes is not authorized to assume the role {pipe.role}."
            raise AwsError("pipes", "ValidationException", words)
        if pipe.source not in self._queues.queues:
            raise AwsError("pipes", "NotFoundException", f"Source {pipe.source} does not exist.", 404)
        url = self._queues.queues[pipe.source].url
        self._ask(pipe, "sqs", "GetQueueAttributes", QueueUrl=url, AttributeNames=["All"])
        self.pipes[name] = pipe
        self._queues.listen(pipe.source, lambda: self._poll(pipe))
        if request.get("DesiredState", "RUNNING") == "RUNNING":
            self._start(pipe)
        return self._told(pipe)

    def start_pipe(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """StartPipe."""
        pipe = self._pipe(request["Name"])
        self._start(pipe)
        return self._told(pipe)

    def stop_pipe(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """StopPipe: what is under way ends, and nothing more is received."""
        pipe = self._pipe(request["Name"])
        pipe.state, pipe.reason = "STOPPED", "USER_INITIATED"
        return self._told(pipe)

    def describe_pipe(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """DescribePipe."""
        pipe = self._pipe(request["Name"])
        return {**self._told(pipe), "StateReason": pipe.reason, "Source": pipe.source, "Target": pipe.target}

    def _start(self, pipe: Pipe) -> None:
        pipe.state, pipe.reason, pipe.refusals, pipe.failures, pipe.paused_until = "RUNNING", "", 0, 0, 0.0
        self._poll(pipe)

    def _poll(self, pipe: Pipe) -> None:
        """One process more reads from the queue, if the pipe may have so many: five at first, and 60 more for each
        minute in which it was never idle."""
        now = self._clock.now
        if pipe.busy == 0:
            pipe.busy_since = now
        allowed = AT_ONCE_AT_FIRST + MORE_EACH_MINUTE * int((now - pipe.busy_since) // 60)
        if pipe.state == "RUNNING" and pipe.busy < min(allowed, MOST_AT_ONCE):
            pipe.busy += 1
            Fiber(self._clock, self._read(pipe), lambda result, error: self._ended(pipe, error))

    def _read(self, pipe: Pipe) -> Steps:
        """Brings one message after the other to its execution, until none is left."""
        queue = self._queues.queues[pipe.source]
        while True:
            yield max(_POLL_SECONDS, pipe.paused_until - self._clock.now)
            if pipe.state != "RUNNING":
                return
            found = yield from self._use_queue(pipe, "ReceiveMessage", QueueUrl=queue.url, MaxNumberOfMessages=1)
            if not found:
                return
            if queue.visible:
                self._poll(pipe)
            (message,) = found["Messages"]
            if (yield from self._succeeded(pipe, message)):
                pipe.failures = pipe.refusals = 0
                receipt = message["ReceiptHandle"]
                yield from self._use_queue(pipe, "DeleteMessage", QueueUrl=queue.url, ReceiptHandle=receipt)
            else:
                self._failed(pipe, message["ReceiptHandle"])

    def _use_queue(self, pipe: Pipe, operation: str, **request: Any) -> Steps:
        """A call to the queue. "Retryable failures with the source service" are retried; a refusal ends the pipe."""
        while True:
            try:
                return self._ask(pipe, "sqs", operation, **request)
            except AwsError as error:
                if not _retryable(error):
                    raise
            yield _PAUSE_OF_OUR_OWN

    def _ended(self, pipe: Pipe, error: Exception | None) -> None:
        pipe.busy -= 1
        if isinstance(error, AwsError):
            pipe.state, pipe.reason = "STOPPED", f"The pipe cannot use its queue: {error}"
        elif error is not None:
            raise error  # a fault of the rehearsal

    def _succeeded(self, pipe: Pipe, message: Mapping[str, Any]) -> Steps:
        """Whether the execution succeeded. Errors of the service are retried here and counted nowhere."""
        text = json.dumps([_record(pipe, message, self._gateway.place.region)])
        while True:
            try:
                answer = self._ask(pipe, "stepfunctions", "StartSyncExecution", stateMachineArn=pipe.target, input=text)
            except AwsError as error:
                if not _retryable(error):
                    pipe.refusals += 1
                    return False
                yield _PAUSE_OF_OUR_OWN
                continue
            try:
                answer = yield from self._states.nested(answer, EXECUTION_SECONDS)
            except Failure:
                return False
            return answer["status"] == "SUCCEEDED"

    def _failed(self, pipe: Pipe, receipt: str) -> None:
        pipe.failures += 1
        if self._options.failing_pipe == "pauses":
            pause = min(2.0 ** (pipe.failures - 1), self._options.longest_pause)
            pipe.paused_until = self._clock.now + pause
        if self._options.refused_pipe == "disabled" and pipe.refusals >= _REFUSALS_UNTIL_DISABLED:
            pipe.state, pipe.reason = "STOPPED", "The pipe was disabled: its target refuses nearly every request."
        if self._options.failed_messages == "at once":
            self._queues.put_back(pipe.source, receipt)

    def _ask(self, pipe: Pipe, service: str, operation: str, **request: Any) -> dict[str, Any]:
        return self._gateway.call(Caller(pipe.role, pipe.arn), service, operation, request)

    def _pipe(self, name: str) -> Pipe:
        if name not in self.pipes:
            raise AwsError("pipes", "NotFoundException", f"Pipe {name} does not exist.", 404)
        return self.pipes[name]

    def _told(self, pipe: Pipe) -> dict[str, Any]:
        desired = "RUNNING" if pipe.state == "RUNNING" else "STOPPED"
        return {"Arn": pipe.arn, "Name": pipe.name, "DesiredState": desired, "CurrentState": pipe.state}


def _retryable(error: AwsError) -> bool:
    return isinstance(error, NoAnswer) or error.status >= 500 or "Throttling" in error.code


def _understood(request: Mapping[str, Any]) -> None:
    """Raises NotSimulated for a pipe that does more than is simulated."""
    source = request.get("SourceParameters", {})
    target = request.get("TargetParameters", {})
    machine = target.get("StepFunctionStateMachineParameters", {})
    if source != {"SqsQueueParameters": {"BatchSize": 1}}:
        raise NotSimulated(f"pipe {request['Name']}: a source other than a queue that is read one by one")
    if set(target) - {"StepFunctionStateMachineParameters"} or "Enrichment" in request:
        raise NotSimulated(f"pipe {request['Name']}: an enrichment, or a target that gets something else")
    if machine.get("InvocationType", "REQUEST_RESPONSE") != "REQUEST_RESPONSE":
        raise NotSimulated(f"pipe {request['Name']}: a target that is not called synchronously")


def _record(pipe: Pipe, message: Mapping[str, Any], region: str) -> dict[str, Any]:
    """A message as a target gets it, in a JSON array even if it is alone (docs: eb-pipes-sqs, "Example events")."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": message.get("MessageAttributes", {}),
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": pipe.source,
        "awsRegion": region,
    }
