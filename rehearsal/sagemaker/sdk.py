"""A stand-in for boto3 in the programs of jobs: clients whose calls go to the simulated account, as the job's role."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.account.shapes import operations
from rehearsal.aws import AwsError, Caller

Call = Callable[[Caller, str, str, dict[str, Any]], Mapping[str, Any]]


def boto3(call: Call, role: str) -> ModuleType:
    """A module with `client(service)`; an answer's body can be read once, as botocore's. Refusals are ClientErrors."""
    module = ModuleType("boto3")
    module.client = lambda service, *_, **__: _Client(call, role, service)  # type: ignore[attr-defined]
    return module


class _Client:
    def __init__(self, call: Call, role: str, service: str) -> None:
        self._call, self._caller, self._service = call, Caller(role), service

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        model = operations(self._service).get(name)
        if model is None:
            raise AttributeError(name)

        def ask(**request: Any) -> dict[str, Any]:
            given = dict(request)
            if isinstance(given.get("Body"), str):
                given["Body"] = given["Body"].encode()
            try:
                answer = dict(self._call(self._caller, self._service, model.name, given))
            except AwsError as refused:
                about: Any = {"Error": {"Code": refused.code, "Message": refused.message}}
                about["ResponseMetadata"] = {"HTTPStatusCode": refused.status}
                raise ClientError(about, model.name) from refused
            if isinstance(answer.get("Body"), bytes):
                answer["Body"] = io.BytesIO(answer["Body"])
            return answer

        return ask
