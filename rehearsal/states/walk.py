"""Going from state to state: what each type of state does, and what Retry and Catch make of its failures.

The functions here are generators that run as fibers on the clock. Source, where none is named: states-language.net.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from rehearsal.states.execution import EVENTS_OF_A_VISIT, STATE_SECONDS, Entered, Place, within_limit
from rehearsal.states.expressions import is_timestamp
from rehearsal.states.failures import QUERY, RUNTIME, Failure
from rehearsal.states.fibers import Steps, gather
from rehearsal.states.json_texts import read_json, write_json
from rehearsal.states.language import Program, Retrier
from rehearsal.states.tasks import perform
from rehearsal.states.visit import Run, Visit

INLINE_MAP_AT_ONCE = 40  # docs: state-map-inline, the concurrency of an inline Map without a limit of its own


# Only what can be retried has a RetryCount (recorded on AWS of a Task and of a Pass: localstack/localstack,
# scenarios/test_base_scenarios.snapshot.json, test_lambda_service_invoke_with_retry_extended_input;
# outputdecl/test_output.snapshot.json, test_base_cases[BASE_EXPR]).
_RETRIED = {"Task", "Map", "Parallel"}


def walk(run: Run) -> Steps:
    """The whole execution; its result is the output. Failure when it fails.

    The context object of a synchronous execution has no RedriveCount (recorded on AWS: localstack/localstack,
    express/test_express_sync.snapshot.json and test_express_async.snapshot.json, test_query_runtime_memory).
    """
    data = read_json(run.execution.input)
    machine = run.execution.machine
    context = {
        "Execution": {
            "Id": run.execution.arn,
            "Input": data,
            "Name": run.execution.name,
            "RoleArn": machine.role,
            "StartTime": run.clock.iso(run.execution.start),
            **({} if run.execution.synchronous else {"RedriveCount": run.execution.redrives}),
        },
        "StateMachine": {"Id": machine.arn, "Name": machine.name},
    }
    place = run.execution.place or Place(machine.program.start, data, {})
    return (yield from _program(run, machine.program, place, context, whole=True))


def _program(run: Run, program: Program, place: Place, context: dict[str, Any], whole: bool = False) -> Steps:
    """From ``place`` on. ``whole``: the program is the machine's, not that of a Map or Parallel."""
    name: str | None = place.state
    data, variables = place.input, dict(place.variables)
    while name is not None:
        state = program.states[name]
        yield STATE_SECONDS
        if whole:
            run.execution.place = Place(name, data, dict(variables))
        run.execution.count_transition()
        run.execution.entered.append(Entered(run.clock.now, name, state.type))
        for watcher in run.watchers:
            watcher(run.execution, name)
        event = run.execution.events + 1
        run.execution.count_events(EVENTS_OF_A_VISIT.get(state.type, 2))
        about = {"Name": name, "EnteredTime": run.clock.iso(), **({"RetryCount": 0} if state.type in _RETRIED else {})}
        visit = Visit(run, state, data, variables, {**context, "State": about}, event)
        data, name = yield from _STATES[state.type](visit)
    return data


def _pass(visit: Visit) -> Steps:
    yield from ()
    return visit.leave(visit.state.exit, visit.input)


def _choice(visit: Visit) -> Steps:
    """The first rule that holds, with the rule's own Output and Assign; else Default.

    No rule and no Default is States.Runtime (recorded on AWS: floci-io/floci, docs/services/step-functions; the
    Developer Guide calls it States.NoChoiceMatched).
    """
    yield from ()
    for rule in visit.state.rules:
        holds = visit.value(rule.condition)
        if not isinstance(holds, bool):
            raise visit.unexpected(rule.condition, "boolean", holds)
        if holds:
            return visit.leave(rule.exit, visit.input)
    if visit.state.exit.next is None:
        no_way = "Failed to transition out of the state. The state does not point to a next state."
        raise visit.failure(RUNTIME, no_way)
    return visit.leave(visit.state.exit, visit.input)


def _wait(visit: Visit) -> Steps:
    seconds = visit.number("Seconds")
    if seconds is None:
        seconds = max(0.0, _until(visit) - visit.run.clock.now)
    yield seconds
    return visit.leave(visit.state.exit, visit.input)


def _until(visit: Visit) -> float:
    """Epoch seconds. A time with a zone, or the words recorded on AWS: localstack/localstack,
    scenarios/test_base_scenarios.snapshot.json, test_wait_timestamp_jsonata."""
    written = visit.text("Timestamp") or ""
    try:
        if is_timestamp(written):
            return datetime.fromisoformat(written.replace("Z", "+00:00")).timestamp()
    except ValueError:
        pass  # no such day, or no such hour
    words = "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string"
    raise visit.failure(QUERY, f"{words}: {written}")


def _fail(visit: Visit) -> Steps:
    """What the state does not say is not in the failure (recorded on AWS: localstack/localstack,
    scenarios/test_base_scenarios.snapshot.json, test_fail_error_jsonata, test_fail_cause_jsonata)."""
    yield from ()
    raise Failure(visit.text("Error"), visit.text("Cause"))


def _attempts(work: Callable[[Visit], Steps]) -> Callable[[Visit], Steps]:
    """The state's work, again as Retry says, and then the way out: the main one, or that of a catcher."""

    def steps(visit: Visit) -> Steps:
        while True:
            try:
                integration = visit.state.integration
                whose = integration.kind if integration else visit.state.name
                result = within_limit((yield from work(visit)), whose)
                return visit.leave(visit.state.exit, result, result=result)
            except Failure as failure:
                problem = failure
            delay = _retry_after(visit, problem)
            if delay is None:
                return _caught(visit, problem)
            yield delay
            visit.run.execution.count_transition()
            about = {**visit.context["State"], "RetryCount": sum(visit.failed.values())}
            visit.context = {**visit.context, "State": about}

    return steps


def _retry_after(visit: Visit, failure: Failure) -> float | None:
    """Seconds until the next attempt by the first retrier that names the failure; None when there is none (left)."""
    for index, retrier in enumerate(visit.state.retriers):
        if failure.matches(retrier.error_equals, visit.run.options):
            used = visit.failed.get(index, 0)
            if used >= retrier.max_attempts:
                return None
            visit.failed[index] = used + 1
            return _delay(retrier, used, visit.run.jitter)
    return None


def _delay(retrier: Retrier, used: int, jitter: random.Random) -> float:
    delay = min(retrier.interval * retrier.backoff**used, retrier.max_delay)
    return jitter.uniform(0, delay) if retrier.full_jitter else delay


def _caught(visit: Visit, failure: Failure) -> tuple[Any, str | None]:
    for catcher in visit.state.catchers:
        if failure.matches(catcher.error_equals, visit.run.options):
            error_output = failure.error_output(visit.run.options)
            return visit.leave(catcher.exit, error_output, errorOutput=error_output)
    raise failure


def _map(visit: Visit) -> Steps:
    """Each item by its own walk through the processor, which sees this scope's variables and assigns its own."""
    items = visit.field("Items", visit.input)
    if not isinstance(items, list):
        raise _no_items(visit, items)
    program = visit.state.programs[0]

    def branch(index: int, item: Any) -> Steps:
        visit.run.execution.count_events(2)  # MapIterationStarted and -Succeeded or -Failed
        context = {**visit.context, "Map": {"Item": {"Index": index, "Value": item}}}
        here = Visit(visit.run, visit.state, visit.input, visit.variables, context, visit.event)
        begin = Place(program.start, here.field("ItemSelector", item), visit.variables)
        return _program(visit.run, program, begin, context)

    makers = [partial(branch, index, item) for index, item in enumerate(items)]
    visit.run.execution.branches += len(makers)
    at_once = int(visit.number("MaxConcurrency") or INLINE_MAP_AT_ONCE)
    return (yield from gather(visit.run.clock, makers, min(at_once, INLINE_MAP_AT_ONCE)))


def _no_items(visit: Visit, items: Any) -> Failure:
    """Recorded on AWS: localstack/localstack, scenarios/test_base_scenarios.snapshot.json,
    test_map_state_items_eval_jsonata_fail and test_map_state_items_input_types."""
    if "Items" in visit.state.fields:
        return visit.unexpected(visit.state.fields["Items"], "array", items)
    written = write_json(items)
    return visit.failure(QUERY, f"Map state input must be an array but was: {written}")


def _parallel(visit: Visit) -> Steps:
    data = visit.field("Arguments", visit.input)

    def branch(program: Program) -> Steps:
        return _program(visit.run, program, Place(program.start, data, visit.variables), visit.context)

    makers = [partial(branch, program) for program in visit.state.programs]
    visit.run.execution.branches += len(makers)
    return (yield from gather(visit.run.clock, makers, len(makers)))


_STATES: dict[str, Callable[[Visit], Steps]] = {
    "Task": _attempts(perform),
    "Map": _attempts(_map),
    "Parallel": _attempts(_parallel),
    "Choice": _choice,
    "Pass": _pass,
    "Succeed": _pass,
    "Wait": _wait,
    "Fail": _fail,
}
