"""The one way to "AWS": every call is checked, authorised, perhaps made to fail, answered, and journalled.

What a call passes, in this order: botocore's model of the request, IAM (roles by their policies, AWS services by the
policy of what they touch; a person is not checked), the scenario's faults, the service simulator, botocore's model of
the response.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError

from rehearsal.account import shapes
from rehearsal.account.authorization import KEY_ACTIONS, TOKEN_OWNER, Need, Place, needs
from rehearsal.account.iam import Denied, Iam
from rehearsal.account.options import Options
from rehearsal.account.policies import Context
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock


class NotSimulated(Exception):
    """The rehearsal does not offer this; nothing is guessed. Extend the simulator, or do not call it."""


class BadSimulation(Exception):
    """A simulator answered what the real service could not answer."""


class UnusableParameters(AwsError):
    """A request that no SDK would send: an unknown member or a value of the wrong type. Step Functions does not send
    it either: the state fails with States.Runtime ("The Parameters … could not be used to start the Task")."""


class NoAnswer(AwsError):
    """A call that hangs: it is never answered, and whoever made it gives up when it may."""


class AnswerLost(AwsError):
    """A call that was made and whose answer never arrived: what the caller's SDK then says (aws-sdk-java-v2 #1325)."""

    def __init__(self, service: str) -> None:
        super().__init__(service, "SdkClientException", "Unable to execute HTTP request: Read timed out", 500)


@dataclass(frozen=True)
class Call:
    """One call as it happened. `error` is "" or "Code: message"; `response` is None when it failed."""

    at: float
    caller: Caller
    service: str
    operation: str
    request: Mapping[str, Any]
    error: str
    response: Mapping[str, Any] | None


@dataclass(frozen=True)
class Fault:
    """A scenario's refusal of an operation (of every operation of a service for ""): of its `call`-th call (1 is the
    first), or of every call. Only calls from `since` to `until` (epoch seconds) whose request has `request` in it,
    written as JSON, and that a `caller` makes whose ARN has this in it, in the state `state`, are counted and refused;
    of these, `first` so many. With `change` the call is made, and its answer is changed; with `answer_lost` it is made,
    and the caller does not hear so; with `hangs` nothing happens at all."""

    service: str
    operation: str = ""
    code: str = ""
    message: str = ""
    call: int | None = None
    status: int = 400
    request: str = ""
    first: int | None = None
    since: float = -math.inf
    until: float = math.inf
    hangs: bool = False
    answer_lost: bool = False
    caller: str = ""
    state: str = ""
    change: Callable[[dict[str, Any]], dict[str, Any]] | None = None

    def is_of(self, at: float, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> bool:
        """Whether a call is one of those that are counted."""
        return (
            (self.service, self.operation or operation) == (service, operation)
            and self.since <= at < self.until
            and self.state in ("", caller.state)
            and self.caller in f"{caller.principal} {caller.execution}"
            and (not self.request or self.request in json.dumps(request, default=str))
        )


class Bus(Protocol):
    """What turns something that happened in a service into an event: `emit(source, detail type, detail, resources)`."""

    def __call__(self, source: str, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None: ...


class Gateway:
    """The front door of one simulated account; `journal` has every call in order."""

    def __init__(self, clock: Clock, region: str, account: str, iam: Iam) -> None:
        self.clock = clock
        self.options = Options()
        self.place = Place(region, account)
        self.iam = iam
        self.journal: list[Call] = []
        self.watchers: list[Callable[[Call], None]] = []
        self.tags_of: Callable[[str], Mapping[str, str]] = lambda arn: {}  # the tags of a resource of SageMaker's
        self.unknown_to_kms: set[str] = set()  # service principals of which KMS does not know for whom they act
        self._services: dict[str, Any] = {}
        self._faults: list[Fault] = []
        self._counts: Counter[int] = Counter()

    def register(self, service: str, simulator: Any) -> None:
        """Offer a service, by botocore's name. Its operations are the simulator's methods, in snake case."""
        self._services[service] = simulator

    def inject(self, faults: list[Fault]) -> None:
        """From now on, let these calls fail; calls are counted from now."""
        self._faults = list(faults)
        self._counts.clear()

    def call(
        self,
        caller: Caller,
        service: str,
        operation: str,
        request: dict[str, Any],
        context: Context | None = None,
    ) -> dict[str, Any]:
        """Make a call and return the response. Raises AwsError for what AWS refuses, NotSimulated for what is not
        offered here. `context` adds condition keys (a service calling on behalf of a resource: aws:SourceArn)."""
        at = self.clock.now
        try:
            response, lost = self._answer(caller, service, operation, request, context or {})
        except AwsError as error:
            self._record(Call(at, caller, service, operation, request, f"{error.code}: {error.message}", None))
            raise
        self._record(Call(at, caller, service, operation, request, "", response))
        if lost:
            raise AnswerLost(service)
        return response

    def authorise(
        self, caller: Caller, service: str, operation: str, request: dict[str, Any], context: Context | None = None
    ) -> None:
        """Check the permissions of a call that a service makes on somebody's behalf without going through here, such
        as a function's log lines. A refusal is journalled and raised as AwsError; a success leaves only IAM's record.
        """
        try:
            self._check(caller, service, operation, request, context or {})
        except AwsError as error:
            refusal = f"{error.code}: {error.message}"
            self._record(Call(self.clock.now, caller, service, operation, request, refusal, None))
            raise

    def _answer(
        self, caller: Caller, service: str, operation: str, request: dict[str, Any], context: Context
    ) -> tuple[dict[str, Any], bool]:
        """The answer, and whether it is lost on its way."""
        simulator = self._services.get(service)
        handle = getattr(simulator, xform_name(operation), None)
        model = _model(service, operation)
        if handle is None or model is None:
            raise NotSimulated(f"{service} {operation} is not simulated (called by {caller.principal} {caller.state})")
        for misfit in shapes.misfits(model.input_shape, request):
            raise UnusableParameters(service, "ParameterValidation", f"Parameter validation failed: {misfit}")
        found = list(shapes.violations(model.input_shape, request))
        if found:
            raise AwsError(service, _INVALID.get(service, "ValidationException"), _invalid(found))
        self._check(caller, service, operation, request, context)
        fault = self._fault_of(caller, service, operation, request)
        filtered = _filtered(service, operation, request) if self.options.filtered_lists == "empty" else ""
        if filtered and "NextToken" not in request:
            return {filtered: [], "NextToken": _SECOND_PAGE}, False
        if request.get("NextToken") == _SECOND_PAGE:
            request = {name: each for name, each in request.items() if name != "NextToken"}
        response: dict[str, Any] = handle(request, caller)
        if fault and fault.change:
            response = fault.change(response)
        for problem in shapes.misfits(model.output_shape, response):
            raise BadSimulation(f"{service} {operation} answered {response!r}: {problem}")
        return response, fault is not None and fault.answer_lost

    def _check(self, caller: Caller, service: str, operation: str, request: dict[str, Any], context: Context) -> None:
        is_role = caller.principal.startswith("arn:aws:iam::")
        if not is_role and not (caller.principal.endswith(".amazonaws.com") and (service, operation) in _GUARDED):
            return
        try:
            wanted = needs(self.place, service, operation, {**request, **self._token_owner(request)})
        except KeyError as missing:
            raise NotSimulated(f"no row in the authorization table for {service} {operation}") from missing
        try:
            for need in [*wanted, *self._key_needs(wanted, service, is_role)]:
                self._check_one(caller, need, {**need.context, **self._tags_on(need), **context}, is_role)
        except Denied as denied:
            code, status = _denied(service, operation, denied.action)
            raise AwsError(service, code, str(denied), status) from denied

    def _tags_on(self, need: Need) -> Context:
        """The tags of what is touched. What does not exist has none, so a statement that asks for a tag refuses it,
        and the service is not asked (sagemaker-python-sdk #3662: a describe before the create was denied)."""
        if not need.action.startswith("sagemaker:"):
            return {}
        tags = self.tags_of(need.resource).items()
        return {f"{prefix}:ResourceTag/{key}": value for prefix in ("aws", "sagemaker") for key, value in tags}

    def _token_owner(self, request: Mapping[str, Any]) -> dict[str, str]:
        """Whose task a token belongs to: the execution that first told it to anybody."""
        token = request.get("taskToken")
        if not token:
            return {}
        tellers = (c.caller.execution for c in self.journal if c.caller.execution and _mentions(c.request, token))
        return {TOKEN_OWNER: next(tellers, "")}

    def _check_one(self, caller: Caller, need: Need, context: Context, is_role: bool) -> None:
        account = self.place.account
        if is_role:
            own = {"aws:PrincipalArn": caller.principal, "aws:PrincipalAccount": account, **context}
            session = caller.execution.rpartition(":")[2] or "session"
            self.iam.check_role(caller.principal, need.action, need.resource, own, session)
        else:
            silent = caller.principal in self.unknown_to_kms and need.action.startswith("kms:")
            service_context: Context = {} if silent else {"aws:SourceAccount": account, **context}
            self.iam.check_service(caller.principal, need.action, need.resource, service_context)

    def _key_needs(self, wanted: list[Need], service: str, is_role: bool) -> list[Need]:
        """The permissions on the key of what is touched. A role reaches a key through the service that holds the data
        (kms:ViaService); for a service principal KMS sees the service itself (docs: SQS and SNS "Key management")."""
        through = {"kms:ViaService": f"{service}.{self.place.region}.amazonaws.com"} if is_role else {}
        context = {**through, "kms:CallerAccount": self.place.account}
        return [
            Need(action, key, context)
            for need in wanted
            if (key := self.iam.key_of(need.resource))
            for action in KEY_ACTIONS.get(need.action, KEY_ACTIONS.get(service, ()))
        ]

    def _fault_of(self, caller: Caller, service: str, operation: str, request: Mapping[str, Any]) -> Fault | None:
        """The fault that changes this call's answer, None without one. Raises AwsError for a refusal."""
        now = self.clock.now
        found = enumerate(self._faults)
        meant = [(number, fault) for number, fault in found if fault.is_of(now, caller, service, operation, request)]
        self._counts.update(number for number, _ in meant)
        for number, fault in meant:
            count = self._counts[number]
            if fault.call in (None, count) and (fault.first is None or count <= fault.first):
                if fault.hangs:
                    raise NoAnswer(service, "NoAnswer", "the call hangs")
                if fault.change is None and not fault.answer_lost:
                    raise AwsError(service, fault.code, fault.message, fault.status)
                return fault
        return None

    def _record(self, call: Call) -> None:
        self.journal.append(call)
        for watcher in self.watchers:
            watcher(call)


def _filtered(service: str, operation: str, request: Mapping[str, Any]) -> str:
    """The member with the list of an answer that is filtered on the server; "" of any other answer."""
    by, member = _FILTERED.get((service, operation), ("", ""))
    return member if by in request else ""


def _mentions(value: Any, text: str) -> bool:
    if isinstance(value, Mapping):
        return any(_mentions(item, text) for item in value.values())
    if isinstance(value, list):
        return any(_mentions(item, text) for item in value)
    return isinstance(value, str) and text in value


def _model(service: str, operation: str) -> Any:
    try:
        return shapes.operation_model(service, operation)
    except (UnknownServiceError, OperationNotFoundError):
        return None


def _invalid(found: list[str]) -> str:
    noun = "error" if len(found) == 1 else "errors"
    return f"{len(found)} validation {noun} detected: {'; '.join(found)}"


# What AWS services may only do when the policy of the resource lets them.
_GUARDED = frozenset({("lambda", "Invoke"), ("sns", "Publish"), ("sqs", "SendMessage")})
# Lists that a request may filter: by which member of it, and the answer's member that has the list.
_FILTERED = {
    ("application-autoscaling", "DescribeScalableTargets"): ("ResourceIds", "ScalableTargets"),
    ("application-autoscaling", "DescribeScalingPolicies"): ("ResourceId", "ScalingPolicies"),
    ("application-autoscaling", "DescribeScheduledActions"): ("ResourceId", "ScheduledActions"),
    ("cloudwatch", "DescribeAlarms"): ("AlarmNames", "MetricAlarms"),
    ("sagemaker", "ListModelPackages"): ("CreationTimeAfter", "ModelPackageSummaryList"),
    ("sagemaker", "ListMonitoringExecutions"): ("StatusEquals", "MonitoringExecutionSummaries"),
    ("ssm", "GetParametersByPath"): ("Path", "Parameters"),
}
_SECOND_PAGE = "second-page"
# How a service says that a request is invalid, where it is not ValidationException (the services' API references).
_INVALID = {
    "cloudwatch": "ValidationError",
    "lambda": "InvalidParameterValueException",
    "s3": "InvalidRequest",
    "sns": "InvalidParameter",
    "sqs": "InvalidParameterValue",
}
# How a service says no: (code, HTTP status), AccessDeniedException with 400 where it is not here.
_REFUSALS = {
    "cloudwatch": ("AccessDenied", 403),
    "lambda": ("AccessDeniedException", 403),
    "s3": ("AccessDenied", 403),
    "scheduler": ("AccessDeniedException", 403),
    "sns": ("AuthorizationError", 403),
    "sqs": ("AccessDenied", 403),
}
_KEY_REFUSALS = {"sns": ("KMSAccessDenied", 400), "sqs": ("KmsAccessDenied", 400)}


def _denied(service: str, operation: str, action: str) -> tuple[str, int]:
    if (service, operation) == ("s3", "HeadObject"):
        return "403", 403  # it has no body to name an error in
    table = _KEY_REFUSALS if action.startswith("kms:") and service in _KEY_REFUSALS else _REFUSALS
    return table.get(service, ("AccessDeniedException", 400))
