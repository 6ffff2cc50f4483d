"""An execution at one of its states, and everything it needs to go on."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from rehearsal.aws import Caller
from rehearsal.clock import Clock
from rehearsal.states.execution import Execution, within_limit
from rehearsal.states.expressions import QueryFailed, Recorder, Template
from rehearsal.states.failures import QUERY, Failure
from rehearsal.states.fibers import Steps
from rehearsal.states.json_texts import write_json
from rehearsal.states.language import Exit, State
from rehearsal.states.options import Options
from rehearsal.states.tokens import TaskTokens


class Gateway(Protocol):
    """The one way to AWS."""

    def call(self, caller: Caller, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Run:
    """An execution and all it needs to go on. `nested` awaits the end of a synchronous execution it has started, for so
    many seconds at most."""

    execution: Execution
    clock: Clock
    gateway: Gateway
    tokens: TaskTokens
    nested: Callable[[dict[str, Any], float | None], Steps]
    jitter: random.Random
    options: Options
    watchers: Sequence[Callable[[Execution, str], None]] = ()
    record: Recorder | None = None


@dataclass
class Visit:
    """An execution at a state: what the state's expressions can see (`$states` and the variables of its scope).

    `input` and `context` are replaced, never changed: whoever records an evaluation keeps what it saw.
    """

    run: Run
    state: State
    input: Any
    variables: dict[str, Any]
    context: dict[str, Any]
    event: int  # the id of the history event with which the state was entered
    failed: dict[int, int] = field(default_factory=dict)  # retrier: how often it has been used

    def value(self, template: Template | None, default: Any = None, **more: Any) -> Any:
        """A field's value; `more` is what `$states` holds besides input and context: result, errorOutput."""
        if template is None:
            return default
        states = {"input": self.input, "context": self.context, **more}
        try:
            return template.evaluate({**self.variables, "states": states}, self.run.record)
        except QueryFailed as error:
            raise self.failure(QUERY, str(error)) from error

    def field(self, name: str, default: Any = None) -> Any:
        return self.value(self.state.fields.get(name), default)

    def number(self, name: str) -> float | None:
        """A field that says how many, a whole number; None when the state does not have it. (states-language.net: each
        of them "must be a non-negative integer" or an expression that gives one; recorded on AWS for a path:
        localstack/localstack, base/test_wait.snapshot.json, test_base_wait_seconds_path)."""
        if name not in self.state.fields:
            return None
        value = self.field(name)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.unexpected(self.state.fields[name], "number", value)
        if value < 0 or value != int(value):
            raise self.failure(QUERY, f"The {name} field must be a whole number that is not negative, but was {value}")
        return value

    def text(self, name: str) -> str | None:
        """A field that is a text; None when the state does not have it."""
        if name not in self.state.fields:
            return None
        value = self.field(name)
        if not isinstance(value, str):
            raise self.unexpected(self.state.fields[name], "string", value)
        return value

    def unexpected(self, template: Template, expected: str, value: Any) -> Failure:
        """A field's value has the wrong type. The words were recorded on AWS for Items: localstack/localstack,
        scenarios/test_base_scenarios.snapshot.json, test_map_state_items_eval_jsonata_fail."""
        written = write_json(value)
        source = template.sources[0] if template.sources else written
        what = f"The JSONata expression '{source}' specified for the field '{template.where}'"
        found = f"returned an unexpected result type. Expected '{expected}', but was '{_type_of(value)}' for value:"
        return self.failure(QUERY, f"{what} {found} {written}")

    def failure(self, error: str, cause: str) -> Failure:
        """A failure found by Step Functions itself, whose cause AWS begins with the state and its event."""
        where = f"the state '{self.state.name}' (entered at the event id #{self.event})"
        return Failure(error, f"An error occurred while executing {where}. {cause}")

    def leave(self, exit_: Exit, default: Any, **more: Any) -> tuple[Any, str | None]:
        """The output and the next state. Output and Assign both see the variables as they were before Assign."""
        output = default  # which was within the limit when it came
        if exit_.assign is not None or exit_.output is not None:
            assigned = within_limit(self.value(exit_.assign, {}, **more), self.state.name)
            output = within_limit(self.value(exit_.output, default, **more), self.state.name)
            self.variables.update(assigned)
        return output, exit_.next


def _type_of(value: Any) -> str:
    """As JSON calls it."""
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")
