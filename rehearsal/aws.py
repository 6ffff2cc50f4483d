"""The two types that every part of the simulated account shares: a refusal, and the caller of a call."""

from __future__ import annotations

from dataclasses import dataclass


class AwsError(Exception):
    """The answer of an AWS service that refuses a call.

    `service` is botocore's service name ("sagemaker"), `code` the error code as the API returns it
    ("ValidationException"), `message` the service's own words, `status` the HTTP status code.
    """

    def __init__(self, service: str, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{service} {code}: {message}")
        self.service = service
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Caller:
    """The maker of a call: `principal` is a role ARN, "person", or a service principal ("events.amazonaws.com").

    When a state machine calls, `execution` is the execution's ARN and `state` the name of the calling state; when a
    pipe calls, `execution` is the pipe's ARN.
    """

    principal: str
    execution: str = ""
    state: str = ""
