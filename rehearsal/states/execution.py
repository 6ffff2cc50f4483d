"""State machines and their executions as the account remembers them, and the limits of an execution."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic_core import PydanticSerializationError, to_json

from rehearsal.states.failures import DATA_LIMIT, RUNTIME, Failure
from rehearsal.states.language import Program

# Virtual seconds that things take. AWS states none; these are of the order that executions on AWS show.
STATE_SECONDS = 0.025
API_SECONDS = 0.060
FUNCTION_SECONDS = 0.080

MAX_PAYLOAD_BYTES = 262_144  # docs: service-quotas, "Maximum input or output size for a task, state, or execution"
MAX_EVENTS = 25_000  # docs: service-quotas, "Maximum execution history size"; Standard only
EXPRESS_SECONDS = 300  # docs: choosing-workflow-type, "Maximum duration" of an Express workflow

# How an Express execution is billed (aws.amazon.com/step-functions/pricing): its duration is rounded up to 100 ms, and
# its memory to chunks of 64 MB; "Workflow memory utilized = 50 MB + state machine definition size + execution data size
# x Number of Parallel or Map Steps".
BILLED_MILLISECONDS = 100
BILLED_MB = 64
BASE_MB = 50

WorkflowType = Literal["STANDARD", "EXPRESS"]
Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]

# How many history events a visit of a state adds, its work not counted (docs: API_HistoryEvent): entered and exited,
# and for Map and Parallel also started and succeeded or failed.
EVENTS_OF_A_VISIT = {"Map": 4, "Parallel": 4, "Fail": 1}


@dataclass(frozen=True)
class Machine:
    """A state machine: its `program` is its definition as read, `role` the ARN that it calls AWS as,
    `definition_bytes` how long its definition is."""

    arn: str
    name: str
    type: WorkflowType
    role: str
    program: Program
    definition_bytes: int = 0


@dataclass(frozen=True)
class Entered:
    """An execution entered a state, `at` epoch seconds of virtual time."""

    at: float
    state: str
    type: str


@dataclass(frozen=True)
class Place:
    """Where an execution is, outside of any Map or Parallel: the state, its input, and the variables before it."""

    state: str
    input: Any
    variables: Mapping[str, Any]


@dataclass
class Execution:
    """One execution. Times are epoch seconds of virtual time, `input` and `output` JSON texts. `parent` is the ARN of
    the execution that called this one synchronously, "" when none did.

    `transitions` are the state transitions that a Standard workflow is billed for: one each time a state is entered,
    in the branches of a Map or Parallel too, and one more for each retry ("Step Functions counts a state transition
    each time a step of your workflow is executed, … including retries", aws.amazon.com/step-functions/pricing; docs:
    concepts-error-handling, "Retries are treated as state transitions"). An Express workflow is billed by requests and
    duration and has none.
    """

    arn: str
    name: str
    machine: Machine
    input: str
    start: float
    parent: str = ""
    stop: float | None = None
    status: Status = "RUNNING"
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    entered: list[Entered] = field(default_factory=list)
    transitions: int = 0
    functions_invoked: int = 0
    branches: int = 0  # steps of a Map or Parallel: each item, each branch
    events: int = 1  # of its history; the first is ExecutionStarted
    place: Place | None = None
    redrives: int = 0
    synchronous: bool = False  # StartSyncExecution started it

    @property
    def type(self) -> WorkflowType:
        return self.machine.type

    @property
    def billed_milliseconds(self) -> int:
        """Of an Express execution, until its end."""
        lasted = round(((self.stop or self.start) - self.start) * 1000, 3)  # smaller parts are rounding errors
        return math.ceil(lasted / BILLED_MILLISECONDS) * BILLED_MILLISECONDS

    @property
    def billed_mb(self) -> int:
        """Of an Express execution. AWS does not say which data counts: here the longer of input and output does, once
        when there is neither Map nor Parallel."""
        data = max(len(text.encode()) for text in (self.input, self.output or ""))
        used = BASE_MB + (self.machine.definition_bytes + data * max(1, self.branches)) / 2**20
        return math.ceil(used / BILLED_MB) * BILLED_MB

    def count_transition(self) -> None:
        if self.type == "STANDARD":
            self.transitions += 1

    def count_events(self, number: int) -> None:
        """Adds to the history. Failure when it is full: the execution fails (docs: service-quotas)."""
        self.events += number
        if self.type == "STANDARD" and self.events > MAX_EVENTS:
            raise Failure(RUNTIME, f"The execution reached the maximum number of history events ({MAX_EVENTS}).")


def _bytes(value: Any) -> int:
    try:
        return len(to_json(value))
    except PydanticSerializationError:  # half of a surrogate pair, which UTF-8 cannot write
        return len(json.dumps(value, separators=(",", ":")))


def within_limit(value: Any, state: str) -> Any:
    """`value`, if it is small enough to be passed on. Failure (States.DataLimitExceeded) if not; `state` names the
    state, or what a Task has called ("lambda"): recorded on AWS (localstack/localstack,
    error_handling/test_states_errors.snapshot.json)."""
    if _bytes(value) > MAX_PAYLOAD_BYTES:
        cause = f"The state/task '{state}' returned a result with a size exceeding the maximum number of bytes"
        raise Failure(DATA_LIMIT, f"{cause} service limit.")
    return value
