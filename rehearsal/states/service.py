"""The API of Step Functions: starting and stopping executions, answering task tokens, and looking at what happened."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any

from rehearsal.account.gateway import NotSimulated
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.states.execution import EXPRESS_SECONDS, MAX_PAYLOAD_BYTES, Execution, Machine, Status
from rehearsal.states.expressions import Recorder
from rehearsal.states.failures import TIMEOUT, Failure
from rehearsal.states.fibers import Fiber, Signal, Steps
from rehearsal.states.json_texts import read_json, write_json
from rehearsal.states.language import DefinitionError, Program, load
from rehearsal.states.options import Options
from rehearsal.states.tokens import SERVICE, TaskTokens
from rehearsal.states.visit import Gateway, Run
from rehearsal.states.walk import walk

Emit = Callable[[str, str, dict[str, Any], list[str]], None]
EVENT_PAYLOAD_BYTES = 248 * 1024  # docs: eventbridge-integration; what is longer is left out of the event


class StepFunctions:
    """The service simulator "stepfunctions". Requests and answers have botocore's form (`stateMachineArn`).

    `emit` gets the status changes of Standard executions; `watchers` each state that an execution enters, by its name;
    `record` every expression that is evaluated by executions
    that start from then on; `failed` the ARN of a machine whose execution has FAILED, which CloudWatch counts as
    ExecutionsFailed (docs: step-functions/latest/dg/procedure-cw-metrics). `executions` is everything that has run, in
    the order of its start.
    """

    def __init__(
        self,
        clock: Clock,
        gateway: Gateway,
        region: str,
        account: str,
        emit: Emit | None = None,
        record: Recorder | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        self._clock = clock
        self._gateway = gateway
        self._home = f"{region}:{account}"
        self._emit = emit
        self.record = record
        self.options = Options()
        self.watchers: list[Callable[[Execution, str], None]] = []
        self._failed = failed
        self._tokens = TaskTokens(clock)
        self._machines: dict[str, Machine] = {}
        self._running: dict[str, tuple[Fiber, Signal]] = {}
        self._by_arn: dict[str, Execution] = {}
        self._of_machine: defaultdict[str, list[Execution]] = defaultdict(list)

    @property
    def executions(self) -> list[Execution]:
        return list(self._by_arn.values())

    def create_state_machine(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """AwsError InvalidDefinition, with everything that is wrong, when the definition cannot be accepted."""
        name, kind = request["name"], request.get("type", "STANDARD")
        try:
            program = _program(request["definition"], kind == "EXPRESS")
        except DefinitionError as error:
            raise _refusal("InvalidDefinition", f"Invalid State Machine Definition: '{error}'") from error
        arn = f"arn:aws:states:{self._home}:stateMachine:{name}"
        size = len(request["definition"].encode())
        self._machines[arn] = Machine(arn, name, kind, request["roleArn"], program, size)
        return {"stateMachineArn": arn, "creationDate": self._clock.datetime()}

    def start_execution(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """A Standard name is idempotent while its execution runs with the same input, and taken otherwise.

        Source: botocore StartExecution. That a name is free again 90 days after its execution closed is left out: no
        rehearsal lasts so long. An Express name is not unique.
        """
        machine = self._machine(request["stateMachineArn"])
        name = request.get("name") or self._clock.uuid()
        known = self._by_arn.get(self._arn(machine, name)) if machine.type == "STANDARD" else None
        if known is None:
            execution = self._start(machine, name, _checked_input(request))
        elif known.status == "RUNNING" and known.input == request.get("input", "{}"):
            execution = known
        else:
            raise _refusal("ExecutionAlreadyExists", f"Execution Already Exists: '{known.arn}'")
        return {"executionArn": execution.arn, "startDate": self._clock.datetime(execution.start)}

    def start_sync_execution(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """An Express execution and its end. Any caller but a state machine gets the answer at the end.

        The call of a state machine or of a pipe is answered at once, provisionally: it awaits the end on the clock by
        itself (`nested`), and the answer that stands in the gateway's journal is completed then.
        """
        machine = self._machine(request["stateMachineArn"])
        if machine.type != "EXPRESS":
            raise _unsupported()
        name = request.get("name") or self._clock.uuid()
        execution = self._start(machine, name, _checked_input(request), caller.execution, synchronous=True)
        if not caller.execution:
            self._clock.run_while(lambda: execution.status == "RUNNING")
        return self._sync_answer(execution)

    def describe_execution(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """METADATA_ONLY leaves out what a customer's key may encrypt (botocore DescribeExecution includedData)."""
        execution = self._standard(request["executionArn"])
        if request.get("includedData") == "METADATA_ONLY":
            return self._summary(execution)
        answer = self._summary(execution) | {"input": execution.input}
        for name in ("output", "error", "cause"):
            if getattr(execution, name) is not None:
                answer[name] = getattr(execution, name)
        return answer

    def list_executions(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The newest first. One page. Not of an Express machine (recorded on AWS: localstack/localstack,
        test_sfn_api_express.snapshot.json)."""
        machine = self._machine(request["stateMachineArn"])
        if machine.type == "EXPRESS":
            raise _unsupported()
        wanted = request.get("statusFilter")
        found = [each for each in self._of_machine[machine.arn] if wanted in (None, each.status)]
        return {"executions": [self._summary(execution) for execution in reversed(found)]}

    def stop_execution(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ABORTED, with the error and cause of the request if it has them; one that has ended stays as it is."""
        execution = self._standard(request["executionArn"])
        if execution.status == "RUNNING":
            self._running[execution.arn][0].cancel()
            self._end(execution, "ABORTED", error=request.get("error"), cause=request.get("cause"))
        return {"stopDate": self._clock.datetime(execution.stop)}

    def redrive_execution(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """A Standard execution that ended badly goes on, under the same ARN, with the state in which it ended: that
        begins anew, with its input, all its attempts and the whole time of the machine (docs: redrive-executions).
        The rest of what AWS refuses (14 days, a year, the number of events) is left out: no rehearsal gets there.
        """
        execution = self._standard(request["executionArn"])
        if execution.status in ("RUNNING", "SUCCEEDED"):
            said = f"Execution is {execution.status} and cannot be redriven"
            raise _refusal("ExecutionNotRedrivable", said)
        if execution.place and execution.machine.program.states[execution.place.state].programs:
            raise NotSimulated("RedriveExecution inside a Map or Parallel: AWS repeats only what had not succeeded")
        execution.redrives += 1
        execution.status, execution.stop, execution.error, execution.cause = "RUNNING", None, None, None
        execution.count_transition()  # aws.amazon.com/step-functions/pricing, by redrive-executions
        execution.count_events(1)  # ExecutionRedriven
        self._go(execution)
        return {"redriveDate": self._clock.datetime()}

    def send_task_success(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The token is looked at before the output (recorded on AWS: localstack/localstack,
        services/test_aws_sdk_task_service.snapshot.json, test_sfn_send_task_outcome_with_no_such_token)."""
        self._tokens.waiting(request["taskToken"])
        try:
            output = read_json(request["output"])
        except ValueError as error:
            raise _refusal("InvalidOutput", f"Invalid Output: '{error}'") from error
        self._tokens.answer(request["taskToken"], output)
        return {}

    def send_task_failure(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        failure = Failure(request.get("error"), request.get("cause"))
        self._tokens.answer(request["taskToken"], failure)
        return {}

    def send_task_heartbeat(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        self._tokens.waiting(request["taskToken"]).heartbeat()
        return {}

    def _start(self, machine: Machine, name: str, data: str, parent: str = "", synchronous: bool = False) -> Execution:
        arn = self._arn(machine, name)
        execution = Execution(arn, name, machine, data, self._clock.now, parent, synchronous=synchronous)
        self._by_arn[arn] = execution
        self._of_machine[machine.arn].append(execution)
        self._go(execution)
        return execution

    def _go(self, execution: Execution) -> None:
        """From its place on, or from the beginning."""
        jitter = self._clock.random(f"states/{execution.arn}")
        run = Run(
            execution,
            self._clock,
            self._gateway,
            self._tokens,
            self.nested,
            jitter,
            self.options,
            self.watchers,
            self.record,
        )
        fiber = Fiber(self._clock, walk(run), partial(self._ended, execution))
        self._running[execution.arn] = fiber, Signal(self._clock)
        limit = execution.machine.program.timeout or (EXPRESS_SECONDS if execution.type == "EXPRESS" else None)
        if limit is not None:
            self._clock.after(limit, lambda: self._time_out(execution, fiber))
        self._status_changed(execution)

    def _time_out(self, execution: Execution, fiber: Fiber) -> None:
        """The whole execution took too long: it ends, uncaught, whatever it was doing."""
        if execution.status == "RUNNING" and self._running[execution.arn][0] is fiber:
            fiber.cancel()
            self._end(execution, "TIMED_OUT")

    def _ended(self, execution: Execution, result: Any, error: Exception | None) -> None:
        if error is None:
            output = write_json(result)
            self._end(execution, "SUCCEEDED", output=output)
        elif isinstance(error, Failure):
            self._end(execution, "FAILED", error=error.error, cause=error.cause)
        else:
            raise error  # a fault of the rehearsal, not of what is rehearsed

    def _end(self, execution: Execution, status: Status, **outcome: str | None) -> None:
        execution.status = status
        execution.stop = self._clock.now
        for name, value in outcome.items():
            setattr(execution, name, value)
        self._running.pop(execution.arn)[1].fire()
        self._status_changed(execution)
        if status == "FAILED" and self._failed:
            self._failed(execution.machine.arn)

    def nested(self, response: dict[str, Any], timeout: float | None) -> Steps:
        """The complete answer, once the execution has ended. States.Timeout when the calling Task has waited for as
        long as it may; the execution goes on."""
        execution = self._by_arn[response["executionArn"]]
        if execution.arn in self._running:
            ended = self._running[execution.arn][1]
            if timeout is not None:
                self._clock.after(timeout, lambda: ended.fire(Failure(TIMEOUT)))
            outcome = yield ended
            if isinstance(outcome, Failure):
                raise outcome
        response.update(self._sync_answer(execution))
        return response

    def _arn(self, machine: Machine, name: str) -> str:
        if machine.type == "STANDARD":
            return f"arn:aws:states:{self._home}:execution:{machine.name}:{name}"
        return f"arn:aws:states:{self._home}:express:{machine.name}:{name}:{self._clock.uuid()}"

    def _machine(self, arn: str) -> Machine:
        if arn not in self._machines:
            raise _refusal("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return self._machines[arn]

    def _standard(self, arn: str) -> Execution:
        """An Express execution cannot be looked at or stopped (botocore DescribeExecution, StopExecution)."""
        if ":express:" in arn:
            raise _refusal("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
        if arn not in self._by_arn:
            raise _refusal("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return self._by_arn[arn]

    def _summary(self, execution: Execution) -> dict[str, Any]:
        answer = {
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine.arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": self._clock.datetime(execution.start),
        }
        if execution.type == "STANDARD":
            answer["redriveCount"] = execution.redrives
        return answer if execution.stop is None else answer | {"stopDate": self._clock.datetime(execution.stop)}

    def _sync_answer(self, execution: Execution) -> dict[str, Any]:
        """botocore StartSyncExecution; there is an output only if the execution succeeded, but there are details of it
        also if it failed (recorded on AWS: localstack/localstack, express/test_express_sync.snapshot.json). The trace
        header is left out."""
        answer = self._summary(execution) | {"input": execution.input, "inputDetails": {"included": True}}
        answer.setdefault("stopDate", answer["startDate"])
        if execution.status == "RUNNING":
            answer["status"] = "SUCCEEDED"
        if execution.status == "TIMED_OUT":
            answer["error"] = TIMEOUT
        for name in ("output", "error", "cause"):
            if getattr(execution, name) is not None:
                answer[name] = getattr(execution, name)
        answer["outputDetails"] = {"included": True}
        answer["billingDetails"] = {
            "billedMemoryUsedInMB": execution.billed_mb,
            "billedDurationInMilliseconds": execution.billed_milliseconds,
        }
        return answer

    def _status_changed(self, execution: Execution) -> None:
        """ "Step Functions Execution Status Change" (docs: eventbridge-integration); Express executions send none."""
        if self._emit is None or execution.type == "EXPRESS":
            return
        detail = {
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine.arn,
            "name": execution.name,
            "status": execution.status,
            "startDate": round(execution.start * 1000),
            "stopDate": None if execution.stop is None else round(execution.stop * 1000),
            "error": execution.error,
            "cause": execution.cause,
        }
        for name in ("input", "output"):
            text = getattr(execution, name)
            fits = text is not None and len(text.encode()) <= EVENT_PAYLOAD_BYTES
            detail[name] = text if fits else None
            detail[f"{name}Details"] = None if text is None else {"included": fits}
        self._emit("aws.states", "Step Functions Execution Status Change", detail, [execution.arn])


@lru_cache(maxsize=64)  # a process that plays many scenarios deploys the same machines each time
def _program(definition: str, express: bool) -> Program:
    return load(json.loads(definition), express)


def _checked_input(request: Mapping[str, Any]) -> str:
    text = str(request.get("input", "{}"))
    if len(text.encode()) > MAX_PAYLOAD_BYTES:
        raise _refusal("InvalidExecutionInput", "Invalid State Machine Execution Input: 'The input is too long'")
    try:
        json.loads(text)
    except ValueError as error:
        raise _refusal("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'") from error
    return text


def _unsupported() -> AwsError:
    return _refusal("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")


def _refusal(code: str, message: str) -> AwsError:
    return AwsError(SERVICE, code, message)
