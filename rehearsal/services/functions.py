"""Lambda: runs the real handlers in this process, with their environment, their layers and their role.

A handler is imported once per folder, name and environment, like a warm execution environment, and shared by every
account simulated in the process. What it prints goes to its log, never to the rehearsal's own output.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import itertools
import json
import os
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.account.gateway import Gateway
from rehearsal.aws import AwsError, Caller
from rehearsal.states.execution import FUNCTION_SECONDS

AT_ONCE = 1000  # docs: lambda/latest/dg/gettingstarted-limits, concurrent executions; a new account may have fewer


@dataclass(frozen=True)
class Function:
    """A deployed function: `code` is its folder, `handler` "module.name", `layers` the folders of its layers. `own`:
    what one of the team's own does instead."""

    name: str
    arn: str
    role_arn: str
    handler: str
    code: Path
    layers: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    memory: int = 128
    timeout: int = 3
    log_group: str = ""
    own: Callable[[Any, LambdaContext], Any] | None = None


@dataclass(frozen=True)
class Invocation:
    """One run of a function: the event it was given and what it answered, or how it failed."""

    at: float
    function: str
    event: Any
    answer: Any
    error: str


@dataclass(frozen=True)
class LambdaContext:
    """What Lambda hands to a handler as its second argument (docs: "Using the Lambda context object")."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    memory_limit_in_mb: int
    log_group_name: str
    log_stream_name: str
    timeout: int
    function_version: str = "$LATEST"

    def get_remaining_time_in_millis(self) -> int:
        """The whole timeout: on virtual time nothing passes while a function runs."""
        return self.timeout * 1000


class Lambda:
    """The functions of the account; `invocations` has every run, `log` every line they printed. Of all functions
    together, `at_once` may run at a time."""

    def __init__(self, gateway: Gateway, at_once: int = AT_ONCE) -> None:
        self.functions: dict[str, Function] = {}
        self.invocations: list[Invocation] = []
        self.log: list[tuple[float, str, str]] = []
        self._gateway = gateway
        self._streams: set[str] = set()
        self._at_once = at_once
        self._running: deque[float] = deque()  # when each run that may not have ended began

    def add(self, function: Function) -> None:
        """Deploy a function. Refused when Lambda may not assume its role, with CreateFunction's words."""
        context = {"aws:SourceAccount": self._gateway.place.account, "aws:SourceArn": function.arn}
        if not self._gateway.iam.may_assume(function.role_arn, "lambda.amazonaws.com", context):
            words = "The role defined for the function cannot be assumed by Lambda."
            raise AwsError("lambda", "InvalidParameterValueException", words)
        self.functions[function.name] = function

    def add_own(self, name: str, own: Callable[[Any, LambdaContext], Any]) -> None:
        """A team's own function. Its role and its log are the team's affair, and not checked."""
        arn = self._gateway.place.arn("lambda", f"function:{name}")
        self.functions[name] = Function(name, arn, "team", "", Path(), own=own)

    def invoke(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Invoke by name or ARN (a qualifier is ignored). An exception in the handler is an answer with FunctionError
        "Unhandled", not an error of the call (docs: "Understanding retry behavior in Lambda")."""
        function = self._find(request["FunctionName"])
        self._take_place()
        event = json.loads(request.get("Payload") or b"null")
        if request.get("InvocationType") == "Event":
            self._gateway.clock.after(0, lambda: self._run_unheard(function, event))
            return {"StatusCode": 202, "Payload": b""}
        answer, error = self._run(function, event)
        payload = json.dumps(answer, default=_unserializable).encode()
        told = {"StatusCode": 200, "Payload": payload, "ExecutedVersion": "$LATEST"}
        return {**told, "FunctionError": "Unhandled"} if error else told

    def _take_place(self) -> None:
        """Refuse what is too much at once (botocore TooManyRequestsException). A run takes no virtual time by itself:
        who calls it has waited before."""
        now = self._gateway.clock.now
        while self._running and self._running[0] <= now - FUNCTION_SECONDS:
            self._running.popleft()
        if len(self._running) >= self._at_once:
            raise AwsError("lambda", "TooManyRequestsException", "Rate Exceeded.", 429)
        self._running.append(now)

    def _run_unheard(self, function: Function, event: Any) -> None:
        """An asynchronous invocation: nobody waits for the answer. (AWS's two retries are not simulated.)"""
        self._run(function, event)

    def _find(self, name: str) -> Function:
        parts = name.split(":")
        bare = parts[6] if name.startswith("arn:") else parts[0]
        if bare not in self.functions:
            arn = self._gateway.place.arn("lambda", f"function:{bare}")
            raise AwsError("lambda", "ResourceNotFoundException", f"Function not found: {arn}", 404)
        return self.functions[bare]

    def _run(self, function: Function, event: Any) -> tuple[Any, bool]:
        clock = self._gateway.clock
        printed = io.StringIO()
        request_id = clock.uuid()
        stream = f"{clock.iso()[:10].replace('-', '/')}/[$LATEST]{function.name}"
        context = LambdaContext(
            function_name=function.name,
            invoked_function_arn=function.arn,
            aws_request_id=request_id,
            memory_limit_in_mb=function.memory,
            log_group_name=function.log_group,
            log_stream_name=stream,
            timeout=function.timeout,
        )
        error = ""
        with _inside(function, printed):
            try:
                answer = (function.own or _handler(function))(event, context)
                json.dumps(answer)
            except Exception as raised:  # whatever a handler raises is its answer
                answer, error = _failure(raised, function, request_id), f"{type(raised).__name__}: {raised}"
        self.invocations.append(Invocation(clock.now, function.name, event, answer, error))
        self.log += [(clock.now, function.name, line) for line in printed.getvalue().splitlines()]
        if not function.own:
            self._write_log(function, stream)
        return answer, bool(error)

    def _write_log(self, function: Function, stream: str) -> None:
        """Lambda writes the log with the function's role. A missing permission loses the log, not the answer; the
        refusal stands in the gateway's journal."""
        request: dict[str, Any] = {"logGroupName": function.log_group, "logStreamName": stream}
        role = Caller(function.role_arn)
        with contextlib.suppress(AwsError):
            if stream not in self._streams:
                self._gateway.authorise(role, "logs", "CreateLogStream", request)
                self._streams.add(stream)
            self._gateway.authorise(role, "logs", "PutLogEvents", request)


class _Output(io.TextIOBase):
    """Where a function's loggers write, whichever run they were made in: to the run that is going on now."""

    def __init__(self) -> None:
        self.now: io.StringIO = io.StringIO()

    def write(self, text: str) -> int:
        return self.now.write(text)


_OUTPUT = _Output()
_IMPORTS = itertools.count()


@contextlib.contextmanager
def _inside(function: Function, printed: io.StringIO) -> Iterator[None]:
    """The function's environment variables and output, for as long as it runs."""
    named = {"AWS_LAMBDA_FUNCTION_NAME": function.name, "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST"}
    own = {**function.environment, **named}
    before = {name: os.environ.get(name) for name in own}
    _OUTPUT.now = printed
    os.environ.update(own)
    try:
        with contextlib.redirect_stdout(_OUTPUT), contextlib.redirect_stderr(_OUTPUT):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _OUTPUT.now = io.StringIO()


def _handler(function: Function) -> Callable[[Any, LambdaContext], Any]:
    return _imported(function.code, function.handler, function.layers, tuple(sorted(function.environment.items())))


@cache
def _imported(
    code: Path, handler: str, layers: tuple[Path, ...], environment: tuple[tuple[str, str], ...]
) -> Callable[[Any, LambdaContext], Any]:
    """Import `module.name` from a folder under a name of its own: every function here calls its module `app`."""
    for layer in layers:
        for folder in (layer, layer / "python"):  # as sam build lays it out, and as the source does
            if folder.is_dir() and str(folder) not in sys.path:
                sys.path.append(str(folder))
    module_name, _, attribute = handler.rpartition(".")
    path = code / f"{module_name.replace('.', '/')}.py"
    spec = importlib.util.spec_from_file_location(f"deployed_{code.name}_{next(_IMPORTS)}", path)
    if spec is None or spec.loader is None or not path.exists():
        raise ImportError(f"Unable to import module '{module_name}': No module named '{module_name}' in {code.name}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses and pydantic look their module up
    spec.loader.exec_module(module)
    found: Callable[[Any, LambdaContext], Any] = getattr(module, attribute)
    return found


def _failure(raised: Exception, function: Function, request_id: str) -> dict[str, Any]:
    """The payload of an unhandled exception (docs: "Python function errors in Lambda"), with paths as deployed."""
    frames = traceback.format_list(traceback.extract_tb(raised.__traceback__)[1:])
    here = str(function.code.parent)
    return {
        "errorMessage": str(raised),
        "errorType": type(raised).__name__,
        "requestId": request_id,
        "stackTrace": [frame.replace(here, "/var/task") for frame in frames],
    }


def _unserializable(value: Any) -> str:
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
