"""The failure of a state, and which names in a Retry or a Catch it answers to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
QUERY = "States.QueryEvaluationError"
RUNTIME = "States.Runtime"
DATA_LIMIT = "States.DataLimitExceeded"
NO_CHOICE = "States.NoChoiceMatched"

_NOT_BY_A_WILDCARD = {RUNTIME, DATA_LIMIT}


class Failure(Exception):
    """A state failed with this `error` name and `cause` (None: AWS reports none, as for a timeout).

    A heartbeat that did not come is reported as `States.Timeout`, and a retrier or catcher finds it under that name
    and under `States.HeartbeatTimeout` (recorded on AWS: localstack/localstack, timeouts/test_heartbeats.snapshot.json,
    and floci-io/floci, docs/services/step-functions).
    """

    def __init__(self, error: str, cause: str | None = None, heartbeat: bool = False) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.names = {error, HEARTBEAT_TIMEOUT} if heartbeat else {error}

    def matches(self, error_equals: Collection[str]) -> bool:
        """Whether ErrorEquals names this failure (docs: concepts-error-handling, "Error names").

        `States.ALL` is any error but `States.DataLimitExceeded` and `States.Runtime`; `States.TaskFailed` is any of
        those but a timeout; `States.Runtime` always ends the execution, whatever a catcher says.
        """
        if self.error == RUNTIME:
            return False
        if self.names & set(error_equals):
            return True
        if self.error in _NOT_BY_A_WILDCARD:
            return False
        return "States.ALL" in error_equals or ("States.TaskFailed" in error_equals and self.error != TIMEOUT)

    def error_output(self) -> dict[str, Any]:
        """`$states.errorOutput` (states-language.net, "Error output"). Without a cause there is no Cause field."""
        return {"Error": self.error} if self.cause is None else {"Error": self.error, "Cause": self.cause}
