"""What is open about Step Functions, or was recorded otherwise than it is documented: one named choice each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Options:
    """Named answers.

    `too_large`: a result of a Task that is too large, States.DataLimitExceeded, is "caught by States.ALL", as recorded
    on AWS in March 2024 (localstack/localstack, error_handling/test_states_errors.snapshot.json,
    test_service_task_lambada_catch_state_all_data_limit_exceeded_on_large_utf8_response), or "caught by its name" only
    (docs: concepts-error-handling).
    `timeout_cause`: the error output of States.Timeout has an "empty" Cause, as recorded of a JSONPath state (the same
    folder, test_task_service_lambda.snapshot.json, test_invoke_timeout), or it is "absent": of JSONata nothing is
    recorded, and the failed execution has none (timeouts/test_timeouts.snapshot.json).
    """

    too_large: Literal["caught by States.ALL", "caught by its name"] = "caught by States.ALL"
    timeout_cause: Literal["empty", "absent"] = "empty"
