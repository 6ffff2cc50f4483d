"""A Step Functions on its own clock, whose calls to other services are answered by the test."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.states import Evaluation, Execution, StepFunctions

PERSON = Caller("person")
ROLE = "arn:aws:iam::111122223333:role/machine"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR = 3600

Answer = Callable[[dict[str, Any]], dict[str, Any]]
SEND = "arn:aws:states:::aws-sdk:sns:publish"
SEND_AND_WAIT = "arn:aws:states:::aws-sdk:sns:publish.waitForTaskToken"
INVOKE = "arn:aws:states:::lambda:invoke"


@dataclass
class Account:
    """`answers` is what (service, operation) does; Step Functions answers for itself. `calls` is what was asked."""

    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    calls: list[tuple[Caller, str, str, dict[str, Any]]] = field(default_factory=list)
    events: list[tuple[str, str, dict[str, Any], list[str]]] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = Clock(START, seed=1)
        self.states = StepFunctions(
            self.clock, self, "eu-central-1", "111122223333", self._emit, self.evaluations.append
        )
        self.answers.setdefault(("sns", "Publish"), lambda request: {"MessageId": "m"})

    def _emit(self, source: str, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
        self.events.append((source, detail_type, detail, resources))

    def call(self, caller: Caller, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """The gateway's part."""
        self.calls.append((caller, service, operation, request))
        if service == "stepfunctions":
            method = {"StartSyncExecution": "start_sync_execution", "SendTaskSuccess": "send_task_success"}[operation]
            answer: dict[str, Any] = getattr(self.states, method)(request, caller)
            return answer
        return self.answers[service, operation](request)

    def create(self, definition: dict[str, Any], name: str = "machine", type: str = "STANDARD") -> str:
        request = {"name": name, "type": type, "roleArn": ROLE, "definition": json.dumps(definition)}
        return str(self.states.create_state_machine(request, PERSON)["stateMachineArn"])

    def start(self, machine: str, data: Any = None, name: str = "") -> Execution:
        request = {"stateMachineArn": machine, "input": json.dumps({} if data is None else data)} | (
            {"name": name} if name else {}
        )
        arn = self.states.start_execution(request, PERSON)["executionArn"]
        return next(execution for execution in self.states.executions if execution.arn == arn)

    def pass_time(self, seconds: float) -> None:
        self.clock.run(self.clock.now + seconds)

    def token(self) -> str:
        """The task token that the last SNS message gave away."""
        return next(str(request["Message"]) for _, service, _, request in reversed(self.calls) if service == "sns")

    def succeed(self, token: str, output: Any = None) -> None:
        self.states.send_task_success({"taskToken": token, "output": json.dumps(output)}, PERSON)


def machine(start: str, states: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", "StartAt": start, "States": states, **more}


def run(states: dict[str, Any], data: Any = None, account: Account | None = None, hours: float = 1) -> Execution:
    """An execution of these states, begun with the first of them, after so many hours."""
    account = account or Account()
    execution = account.start(account.create(machine(next(iter(states)), states)), data)
    account.pass_time(hours * HOUR)
    return execution


def output(execution: Execution) -> Any:
    assert execution.status == "SUCCEEDED", (execution.error, execution.cause)
    return json.loads(execution.output or "")


def lasted(execution: Execution) -> float:
    """Virtual seconds from its start to its end."""
    assert execution.stop is not None
    return execution.stop - execution.start


def refuse(service: str, code: str, message: str = "no", times: int = 1_000, answer: Any = None) -> Answer:
    """An answer that refuses so many times and then is `answer`."""
    left = [times]

    def act(request: dict[str, Any]) -> dict[str, Any]:
        left[0] -= 1
        if left[0] >= 0:
            raise AwsError(service, code, message)
        return answer or {}

    return act
