"""The Amazon States Language, JSONata only: a definition is read into a `Program`, or refused with all that is wrong.

Source of the rules: states-language.net, and for what Step Functions refuses beyond it the API reference of
ValidateStateMachineDefinition. A field or a construct that this account does not offer (JSONPath, Distributed Map,
ItemReader, Activities, .sync) is refused too, so that no definition is half understood; so are Output and Assign of
a Choice itself, beside those of its rules: states-language.net has them apply when Default is taken, docs: state-choice
whichever rule matches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.states import expressions
from rehearsal.states.expressions import Template, compile_field
from rehearsal.states.integrations import Integration, resolve

MAX_SECONDS = 99_999_999  # docs: state-task, TimeoutSeconds


class DefinitionError(ValueError):
    """A definition that Step Functions or this account does not accept; `problems` says everything that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Exit:
    """A way out of a state: where to, and what Output and Assign say on that way."""

    next: str | None  # None: the end of the program
    output: Template | None = None
    assign: Template | None = None


@dataclass(frozen=True)
class Retrier:
    """states-language.net, "Retrying after error", with its defaults."""

    error_equals: tuple[str, ...]
    interval: float = 1
    max_attempts: int = 3
    backoff: float = 2.0
    max_delay: float = float("inf")
    full_jitter: bool = False


@dataclass(frozen=True)
class Catcher:
    error_equals: tuple[str, ...]
    exit: Exit


@dataclass(frozen=True)
class Rule:
    condition: Template
    exit: Exit


@dataclass(frozen=True)
class State:
    """One state. `fields` holds the templates of what the state's own work needs: Arguments, Seconds, Items, Error …"""

    name: str
    type: str
    exit: Exit
    fields: Mapping[str, Template]
    retriers: tuple[Retrier, ...] = ()
    catchers: tuple[Catcher, ...] = ()
    rules: tuple[Rule, ...] = ()
    integration: Integration | None = None
    programs: tuple[Program, ...] = ()


@dataclass(frozen=True)
class Program:
    """States and where to start: a state machine, a branch of a Parallel, or what a Map does with each item."""

    start: str
    states: Mapping[str, State]
    timeout: float | None = None  # TimeoutSeconds of a whole state machine


_ANYWHERE = {"Type", "Comment", "QueryLanguage"}
_FLOW = {"Next", "End", "Output", "Assign"}
_EVALUATED = {
    "Task": {"Arguments", "TimeoutSeconds", "HeartbeatSeconds"},
    "Choice": set(),
    "Pass": set(),
    "Wait": {"Seconds", "Timestamp"},
    "Map": {"Items", "ItemSelector", "MaxConcurrency"},
    "Parallel": {"Arguments"},
    "Succeed": set(),
    "Fail": {"Error", "Cause"},
}
_FIXED = {
    "Task": {"Resource", "Retry", "Catch", *_FLOW},
    "Choice": {"Choices", "Default"},
    "Pass": _FLOW,
    "Wait": _FLOW,
    "Map": {"ItemProcessor", "Retry", "Catch", *_FLOW},
    "Parallel": {"Branches", "Retry", "Catch", *_FLOW},
    "Succeed": {"Output"},
    "Fail": set(),
}
_REQUIRED = {"Task": "Resource", "Choice": "Choices", "Map": "ItemProcessor", "Parallel": "Branches"}
_RETRIER = {
    "ErrorEquals": "error_equals",
    "IntervalSeconds": "interval",
    "MaxAttempts": "max_attempts",
    "BackoffRate": "backoff",
    "MaxDelaySeconds": "max_delay",
    "JitterStrategy": "full_jitter",
}
_PROGRAM = {"StartAt", "States", "Comment"}


def load(definition: Mapping[str, Any], express: bool = False) -> Program:
    """The program of a definition, whose placeholders have been substituted. DefinitionError if it is not right."""
    reader = _Reader(express)
    if definition.get("QueryLanguage") != "JSONata":
        reader.problem("QueryLanguage", "must be JSONata; JSONPath is not offered here")
    known = {*_PROGRAM, "QueryLanguage", "TimeoutSeconds", "Version"}
    reader.only(definition, known, "")
    program = reader.program(definition, "", frozenset(), timeout=definition.get("TimeoutSeconds"))
    if reader.problems:
        raise DefinitionError(reader.problems)
    return program


@dataclass
class _Reader:
    """Reads a definition and collects what is wrong with it, each with its place ("/States/Wait/Next")."""

    express: bool
    problems: list[str] = field(default_factory=list)

    def problem(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}")

    def only(self, value: Mapping[str, Any], known: set[str], where: str) -> None:
        for name in sorted(value.keys() - known):
            self.problem(f"{where}/{name}", "this field is not supported here")

    def program(self, value: Mapping[str, Any], where: str, outer: frozenset[str], timeout: Any = None) -> Program:
        raw = value.get("States")
        if not isinstance(raw, dict) or not raw:
            self.problem(f"{where}/States", "must be an object with at least one state")
            return Program("", {})
        assigned = frozenset(_assigned_in(raw))
        for name in sorted(assigned & outer):  # docs: workflow-variables, "Scope": names are unique over all scopes
            self.problem(where, f"${name} is assigned here and in an outer scope")
        states = {
            name: self.state(name, state, f"{where}/States/{name}", outer | assigned) for name, state in raw.items()
        }
        start = value.get("StartAt", "")
        self._transitions(start, states, where)
        return Program(start, states, timeout)

    def _transitions(self, start: str, states: Mapping[str, State], where: str) -> None:
        """Every target exists, every state is reached from the start, and some state ends the program."""
        targets: dict[str, list[str | None]] = {"StartAt": [start]}
        targets |= {f"States/{name}": list(_targets(state)) for name, state in states.items()}
        for place, names in targets.items():
            for name in names:
                if name is not None and name not in states:
                    self.problem(f"{where}/{place}", f"MISSING_TRANSITION_TARGET: there is no state {name!r}")
        reached = ["StartAt"]
        for place in reached:
            ahead = (f"States/{name}" for name in targets.get(place, ()) if name is not None)
            reached += [name for name in dict.fromkeys(ahead) if name not in reached]
        for place in (place for place in targets if place not in reached):
            self.problem(f"{where}/{place}", "MISSING_TRANSITION_TARGET: no transition leads to this state")
        if not any(None in targets.get(place, ()) for place in reached):
            self.problem(where, "MISSING_END_STATE: no state ends it")

    def state(self, name: str, raw: Any, where: str, scope: frozenset[str]) -> State:
        kind = raw.get("Type") if isinstance(raw, dict) else None
        if kind not in _FIXED:
            self.problem(f"{where}/Type", f"must be one of {', '.join(_FIXED)}")
            return State(name, "Fail", Exit(None), {})
        self.only(raw, _ANYWHERE | _FIXED[kind] | _EVALUATED[kind], where)
        if len(name) > 80:
            self.problem(where, "the name of a state has at most 80 characters")
        required = _REQUIRED.get(kind)
        if required and not raw.get(required):
            self.problem(f"{where}/{required}", f"a {kind} needs it")
        if kind == "Wait" and ("Seconds" in raw) == ("Timestamp" in raw):
            self.problem(where, "a Wait has either Seconds or Timestamp")
        until = raw.get("Timestamp", "{%")
        if not until.startswith("{%") and not expressions.is_timestamp(until):
            # recorded on AWS: localstack/localstack, scenarios/test_base_scenarios, test_wait_timestamp_invalid
            self.problem(f"{where}/Timestamp", "String does not match RFC3339 timestamp")
        return State(
            name,
            kind,
            self._main_exit(kind, raw, where),
            {key: self.template(raw[key], where, key) for key in raw.keys() & _EVALUATED[kind]},
            tuple(self._retrier(item, f"{where}/Retry[{i}]") for i, item in enumerate(raw.get("Retry", ()))),
            tuple(self._catcher(item, f"Catch[{i}]", where) for i, item in enumerate(raw.get("Catch", ()))),
            tuple(self._rule(item, f"Choices[{i}]", where) for i, item in enumerate(raw.get("Choices", ()))),
            self._integration(raw, where) if kind == "Task" else None,
            tuple(self._inner_programs(raw, where, scope)),
        )

    def template(self, value: Any, where: str, field_name: str) -> Template:
        try:
            template = compile_field(value, field_name)
        except ValueError as error:
            self.problem(f"{where}/{field_name}", str(error))
            return compile_field(None, field_name)
        for source in template.sources:
            for problem in expressions.problems_of(source):
                self.problem(f"{where}/{field_name}", f"{problem} In: {source}")
        for place in _placeholders(value):
            self.problem(f"{where}/{field_name}", f"{place} was not substituted")
        return template

    def _main_exit(self, kind: str, raw: Mapping[str, Any], where: str) -> Exit:
        target = raw.get("Default") if kind == "Choice" else raw.get("Next")
        if kind in ("Succeed", "Fail", "Choice"):
            return self._exit(raw, "", where, target)
        if (target is None) == (raw.get("End") is not True):
            self.problem(where, "needs either a Next or End: true")
        return self._exit(raw, "", where, target)

    def _exit(self, raw: Mapping[str, Any], prefix: str, where: str, target: str | None) -> Exit:
        found = {}
        for key in ("Output", "Assign"):
            found[key] = self.template(raw[key], where, f"{prefix}{key}") if key in raw else None
        for name in raw.get("Assign", ()):
            if name == "states" or not re.fullmatch(r"[A-Za-z_]\w{0,79}", name):
                self.problem(f"{where}/{prefix}Assign/{name}", "is not a name that a variable can have")
        return Exit(target, found["Output"], found["Assign"])

    def _retrier(self, raw: Mapping[str, Any], where: str) -> Retrier:
        self.only(raw, {*_RETRIER, "Comment"}, where)
        values = {python: raw[name] for name, python in _RETRIER.items() if name in raw}
        self._error_names(raw, where)
        values["error_equals"] = tuple(raw.get("ErrorEquals", ()))
        values["full_jitter"] = raw.get("JitterStrategy", "NONE") == "FULL"
        return Retrier(**values)

    def _catcher(self, raw: Mapping[str, Any], prefix: str, where: str) -> Catcher:
        self.only(raw, {"ErrorEquals", "Next", "Output", "Assign", "Comment"}, f"{where}/{prefix}")
        self._error_names(raw, f"{where}/{prefix}")
        exit_ = self._exit(raw, f"{prefix}/", where, raw.get("Next", ""))
        return Catcher(tuple(raw.get("ErrorEquals", ())), exit_)

    def _error_names(self, raw: Mapping[str, Any], where: str) -> None:
        names = raw.get("ErrorEquals")
        if not names or not isinstance(names, list):
            self.problem(f"{where}/ErrorEquals", "must be a list of error names")
        elif "States.ALL" in names and len(names) > 1:
            self.problem(f"{where}/ErrorEquals", "States.ALL must stand alone")

    def _rule(self, raw: Mapping[str, Any], prefix: str, where: str) -> Rule:
        self.only(raw, {"Condition", "Next", "Output", "Assign", "Comment"}, f"{where}/{prefix}")
        condition = self.template(raw.get("Condition", False), where, f"{prefix}/Condition")
        return Rule(condition, self._exit(raw, f"{prefix}/", where, raw.get("Next", "")))

    def _integration(self, raw: Mapping[str, Any], where: str) -> Integration | None:
        try:
            integration = resolve(str(raw.get("Resource", "")))
        except ValueError as error:
            self.problem(f"{where}/Resource", str(error))
            return None
        if integration.waits and self.express:  # recorded on AWS: localstack/localstack, test_sfn_api_express
            words = "Express state machine does not support '.waitForTaskToken' service integration"
            self.problem(f"{where}/Resource", words)
        return integration

    def _inner_programs(self, raw: Mapping[str, Any], where: str, scope: frozenset[str]) -> Iterator[Program]:
        if processor := raw.get("ItemProcessor"):
            self.only(processor, {*_PROGRAM, "ProcessorConfig"}, f"{where}/ItemProcessor")
            if processor.get("ProcessorConfig", {}).get("Mode", "INLINE") != "INLINE":
                self.problem(f"{where}/ItemProcessor/ProcessorConfig", "only an inline Map is offered here")
            yield self.program(processor, f"{where}/ItemProcessor", scope)
        for index, branch in enumerate(raw.get("Branches", ())):
            self.only(branch, _PROGRAM, f"{where}/Branches[{index}]")
            yield self.program(branch, f"{where}/Branches[{index}]", scope)


def _targets(state: State) -> Iterator[str | None]:
    if state.type != "Choice" or state.exit.next is not None:
        yield state.exit.next
    yield from (rule.exit.next for rule in state.rules)
    yield from (catcher.exit.next for catcher in state.catchers)


def _assigned_in(states: Mapping[str, Any]) -> Iterator[str]:
    for state in states.values():
        if isinstance(state, dict):
            for part in (state, *state.get("Choices", ()), *state.get("Catch", ())):
                yield from part.get("Assign", ())


def _placeholders(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.findall(r"\$\{\w+\}", value)
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _placeholders(item)
