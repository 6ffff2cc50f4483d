"""What AWS's error messages mean, where its error codes do not say it.

SageMaker models few errors: "not found", "in progress" and "already exists" are all ValidationExceptions, and Step
Functions hands them, and throttling, over as ``SageMaker.SageMakerException``. Only the message distinguishes them.

What is looked for is written as text: ``re`` compiles it when an error is read, which most runs never do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

NOT_FOUND = r"(?i)could not find|does not exist|not found|NoSuchKey|NotFound|Status Code: 404"
"""``Could not find endpoint "…"`` (botocore waiter EndpointDeleted treats the ValidationException as gone); S3
answers 404."""

BUSY = r"(?i)in[-_ ]progress"
"""``Cannot update in-progress endpoint "…"``; of an inference component, ``… while it is in state
UPDATE_RC_IN_PROGRESS`` (public code quotes it)."""

TAKEN = r"(?i)already exist"
"""``Cannot create already existing model "…"``."""

DENIED = r"(?i)not authorized to perform"
"""IAM's refusal. Where a statement asks for a tag, IAM says the same of what does not exist."""

TRANSIENT = (
    r"(?i)throttl|rate exceeded|too many requests|service ?unavailable|slow ?down"
    r"|internal ?(failure|error|server|dependency)|timed? ?out|States\.Timeout"
    r"|SdkClientException|NotReady|ConflictException|ConcurrentUpdate|TooManyUpdates|Status Code: (5\d\d|429)"
)
"""Errors that are worth a retry: throttling, server faults, time-outs. The message of an InternalFailure does not say
so, but its status code does."""


_TRACE = r'(?s)\{"errorMessage": ?"((?:[^"\\]|\\.)*)".*\}'
"""The Cause of a function that raised: JSON with errorMessage, errorType and stackTrace (docs:
lambda/latest/dg/python-exceptions)."""


def verbatim(answer: Mapping[str, Any]) -> str:
    """The whole text of an answer that is an error; a 404 of S3 and a server fault can only be recognised by the
    status code. Next to nothing of one that is not."""
    return f"{answer.get('error', '')} {answer.get('cause', '')}"


def says_not_found(answer: Mapping[str, Any]) -> bool:
    """Whether AWS answered that there is no such thing."""
    return re.search(NOT_FOUND, verbatim(answer)) is not None


def message(cause: str) -> str:
    """The message of an error, without the parts for developers: what Step Functions appends, which is the service, the
    status code and the request id, how often its SDK tried, and perhaps more; and the stack trace of a function that
    failed."""
    return re.sub(r"\s*\(Service: [^()]*\)(\s*\([^()]*\))*", "", re.sub(_TRACE, r"\1", cause)).strip()


def told(error: str, cause: str) -> str:
    """An error with its message. A call that timed out has none."""
    return f"{error}: {message(cause) or NO_ANSWER}"


NO_ANSWER = "no answer in time"
