"""A Task: one API call, and, where its Resource says so, the wait for its token."""

from __future__ import annotations

from typing import Any

from rehearsal.account.gateway import NoAnswer
from rehearsal.aws import AwsError, Caller
from rehearsal.states.execution import API_SECONDS, FUNCTION_SECONDS, within_limit
from rehearsal.states.failures import TIMEOUT, Failure
from rehearsal.states.fibers import Steps
from rehearsal.states.integrations import Integration, failure_of, request_of, result_of
from rehearsal.states.tokens import TaskToken
from rehearsal.states.visit import Visit

LONGEST_TASK = 99_999_999.0  # docs: state-task, the default of TimeoutSeconds
EVENTS_OF_AN_ATTEMPT = 3  # TaskScheduled, TaskStarted, and TaskSucceeded, TaskFailed or TaskTimedOut


def perform(visit: Visit) -> Steps:
    """One attempt at a Task; gives the task's result, or fails."""
    integration = visit.state.integration
    assert integration is not None, "a Task without an integration does not load"
    visit.run.execution.count_events(EVENTS_OF_AN_ATTEMPT + integration.waits)
    if not integration.waits:
        return (yield from _call(visit, integration))
    token = visit.run.tokens.issue()
    without = visit.context
    visit.context = {**without, "Task": {"Token": token.text}}
    try:
        return (yield from _call_and_wait(visit, integration, token))
    finally:
        visit.context = without
        visit.run.tokens.close(token)


def _call(visit: Visit, integration: Integration) -> Steps:
    arguments = within_limit(visit.field("Arguments", {}), visit.state.name)
    request = request_of(integration, arguments)
    run, began = visit.run, visit.run.clock.now
    if integration.invokes_function:
        run.execution.functions_invoked += 1
    yield FUNCTION_SECONDS if integration.invokes_function else API_SECONDS
    caller = Caller(run.execution.machine.role, run.execution.arn, visit.state.name)
    try:
        response = run.gateway.call(caller, integration.service, integration.operation, request)
    except NoAnswer as hangs:
        yield began + (visit.number("TimeoutSeconds") or LONGEST_TASK) - run.clock.now
        raise Failure(TIMEOUT) from hangs
    except AwsError as error:
        raise failure_of(integration, error, run.clock.uuid()) from error
    if integration.operation == "StartSyncExecution":
        timeout = visit.number("TimeoutSeconds")
        response = yield from run.nested(response, None if timeout is None else began + timeout - run.clock.now)
    return result_of(integration, response)


def _call_and_wait(visit: Visit, integration: Integration, token: TaskToken) -> Steps:
    """The call that gives the token away, and then its answer, a timeout or a missing heartbeat, whichever is first.

    TimeoutSeconds and HeartbeatSeconds both count from here; each SendTaskHeartbeat starts the latter anew
    (states-language.net, "Timeouts"). Without them a task may wait for ever.
    """
    clock = visit.run.clock
    timeout, heartbeat = visit.number("TimeoutSeconds"), visit.number("HeartbeatSeconds")
    timers = []
    if timeout is not None:
        timers.append(clock.after(timeout, lambda: _give_up(token, Failure(TIMEOUT))))
    if heartbeat is not None:

        def expect_another() -> None:
            if len(timers) > (timeout is not None):
                timers.pop().cancel()
            timers.append(clock.after(heartbeat, lambda: _give_up(token, Failure(TIMEOUT, heartbeat=True))))

        token.heartbeat = expect_another
        expect_another()
    try:
        yield from _call(visit, integration)
        outcome: Any = yield token.answered
    finally:
        for timer in timers:
            timer.cancel()
    if isinstance(outcome, Failure):
        raise outcome
    return outcome


def _give_up(token: TaskToken, failure: Failure) -> None:
    token.answered.fire(failure)
