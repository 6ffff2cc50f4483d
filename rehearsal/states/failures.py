"""The failure of a state, and which names in a Retry or a Catch it answers to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rehearsal.states.options import Options

TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
QUERY = "States.QueryEvaluationError"
RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
NO_CHOICE = "States.NoChoiceMatched"


class Failure(Exception):
    """A state failed with this `error` name and `cause`. None: there is none, as there is no cause of a timeout, and
    neither when SendTaskFailure was given neither (recorded on AWS: localstack/localstack,
    callback/test_callback.snapshot.json, test_sqs_failure_in_wait_for_task_tok_no_error_field).

    A heartbeat that did not come is reported as `States.Timeout`, and a retrier or catcher finds it under that name
    and under `States.HeartbeatTimeout` (recorded on AWS: localstack/localstack, timeouts/test_heartbeats.snapshot.json,
    and floci-io/floci, docs/services/step-functions).
    """

    def __init__(self, error: str | None, cause: str | None = None, heartbeat: bool = False) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.names = {error, HEARTBEAT_TIMEOUT} if heartbeat else {error}

    def matches(self, error_equals: Collection[str], options: Options) -> bool:
        """Whether ErrorEquals names this failure (docs: concepts-error-handling, "Error names").

        `States.ALL` is any error but `States.Runtime`, and, by the options, but `States.DataLimitExceeded`;
        `States.TaskFailed` is any error but these and a timeout; `States.Runtime` always ends the execution, whatever a
        catcher says (recorded on AWS: localstack/localstack, scenarios/test_base_scenarios.snapshot.json,
        test_catch_states_runtime).
        """
        if self.error == RUNTIME:
            return False
        if self.names & set(error_equals):
            return True
        if self.error == DATA_LIMIT:
            return "States.ALL" in error_equals and options.too_large == "caught by States.ALL"
        return "States.ALL" in error_equals or ("States.TaskFailed" in error_equals and self.error != TIMEOUT)

    def error_output(self, options: Options) -> dict[str, Any]:
        """`$states.errorOutput` (states-language.net, "Error output"): what was not given is null in it."""
        if self.error == TIMEOUT and self.cause is None:
            return {"Error": TIMEOUT} | ({"Cause": ""} if options.timeout_cause == "empty" else {})
        return {"Error": self.error, "Cause": self.cause}
