"""SNS, and the base of DynamoDB: moto's own implementations, spoken to in process.

moto is called below its HTTP layer. The gateway has already checked the request against the same service model, so a
round trip through a client would only serialize, sign and parse what is already there; without it an item is read in
a twentieth of a millisecond instead of several. Times are virtual and ids are seeded.

moto keeps one state per process, by account and Region: `fresh` empties it, and the newest clock is everyone's.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any

import moto.core.utils
import moto.dynamodb.models.table
import moto.s3.models
import moto.sns.models
from botocore import xform_name
from moto.core.exceptions import ServiceException
from moto.dynamodb.models import dynamodb_backends
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sns.responses import SNSResponse
from werkzeug.exceptions import HTTPException

from rehearsal.account import shapes
from rehearsal.account.authorization import Place
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock

_BACKENDS = (dynamodb_backends, s3_backends, sns_backends)
# Every module that took moto's `utcnow` by name, as moto 5.2.5 does.
_CLOCKED = (moto.core.utils, moto.dynamodb.models.table, moto.s3.models, moto.sns.models)


def fresh(clock: Clock) -> None:
    """Empty all of moto's state and put it on the clock's time and seed."""
    for backends in _BACKENDS:
        backends.reset()
    mock_random.seed(clock.random("moto").getrandbits(64))
    for module in _CLOCKED:
        module.utcnow = lambda: clock.datetime().replace(tzinfo=None)


class Store:
    """One moto service as a simulator; `operations` are the ones it offers, as methods in snake case."""

    def __init__(self, service: str, responses: Callable[[], Any], place: Place, operations: tuple[str, ...]) -> None:
        self._service = service
        self._responses = responses
        self._place = place
        self._offered = frozenset(xform_name(operation) for operation in operations)

    def __getattr__(self, name: str) -> Callable[[dict[str, Any], Caller], dict[str, Any]]:
        if name.startswith("_") or name not in self._offered:
            raise AttributeError(name)
        return lambda request, caller: self.ask(name, request)

    def ask(self, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Have moto perform an operation (in snake case). Raises AwsError with moto's rendering of AWS's refusal."""
        responses = self._responses()
        responses.region, responses.current_account = self._place.region, self._place.account
        responses.partition = "aws"
        responses.automated_parameter_parsing = True
        responses.params = responses.body = copy.deepcopy(dict(request))
        responses.headers, responses.response_headers, responses.uri_match, responses.querystring = {}, {}, {}, {}
        try:
            result = getattr(responses, name)().result
        except ServiceException as refused:
            raise AwsError(self._service, refused.code, refused.message) from refused
        except HTTPException as refused:
            raise _refusal(self._service, refused) from refused
        output = shapes.operations(self._service)[name].output_shape
        answer: dict[str, Any] = shapes.project(output, result)
        if "ReturnConsumedCapacity" not in request:
            answer.pop("ConsumedCapacity", None)  # moto tells it unasked
        return answer


def _refusal(service: str, refused: Any) -> AwsError:
    code = refused.error_type.rpartition("#")[2]
    return AwsError(service, code, refused.message, refused.code)


class Sns(Store):
    """SNS: topics, subscriptions and publishing. What was published stands in the gateway's journal."""

    def __init__(self, place: Place) -> None:
        super().__init__("sns", SNSResponse, place, ("CreateTopic", "Subscribe"))

    def publish(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Publish. A subject that an e-mail cannot carry is refused (botocore Publish: "must be ASCII text that begins
        with a letter, number, or punctuation mark; must not include line breaks or control characters; and must be
        less than 100 characters long")."""
        subject = request.get("Subject")
        if subject is not None and not re.fullmatch(r"[!-~][ -~]{0,98}", subject):
            raise AwsError("sns", "InvalidParameter", "Invalid parameter: Subject")
        return self.ask("publish", request)
