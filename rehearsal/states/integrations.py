"""Service integrations: a Task's Resource as an API call, the API's answer as JSON, its refusal as an error name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from rehearsal.account.gateway import AnswerLost
from rehearsal.account.shapes import operation_model, service_model
from rehearsal.aws import AwsError
from rehearsal.states.failures import RUNTIME, Failure
from rehearsal.states.json_texts import read_json, whole, write_json

# The service name in an aws-sdk Resource: botocore's name for the service, and the prefix of its error names, which is
# the name that AWS's SDK for Java 2.x gives the service's client (docs: supported-services-awssdk).
_SDK = {
    "applicationautoscaling": ("application-autoscaling", "ApplicationAutoScaling"),
    "cloudwatch": ("cloudwatch", "CloudWatch"),
    "dynamodb": ("dynamodb", "DynamoDb"),
    "eventbridge": ("events", "EventBridge"),
    "lambda": ("lambda", "Lambda"),
    "s3": ("s3", "S3"),
    "sagemaker": ("sagemaker", "SageMaker"),
    "sagemakerruntime": ("sagemaker-runtime", "SageMakerRuntime"),
    "scheduler": ("scheduler", "Scheduler"),
    "sfn": ("stepfunctions", "Sfn"),
    "sns": ("sns", "Sns"),
    "sqs": ("sqs", "Sqs"),
    "ssm": ("ssm", "Ssm"),
}

# The optimised integrations: their error names are those of the SDK for Java 1.x, whose prefix and whose name for an
# error that the service does not model differ from service to service (docs: connect-lambda, connect-sns, connect-ddb).
_OPTIMISED = {
    "lambda": ("lambda", "Lambda", "AWSLambdaException", {"invoke"}),
    "sns": ("sns", "SNS", "AmazonSNSException", {"publish"}),
    "dynamodb": ("dynamodb", "DynamoDB", "AmazonDynamoDBException", {"getItem", "putItem", "updateItem", "deleteItem"}),
}

# What the causes of optimised integrations call the service (recorded on AWS: localstack/localstack,
# error_handling/test_task_service_lambda.snapshot.json, test_task_service_dynamodb.snapshot.json, and
# services/test_sns_task_service.snapshot.json).
_SERVICES = {"lambda": "AWSLambda", "sns": "AmazonSNS", "dynamodb": "AmazonDynamoDBv2"}

_RESOURCE = re.compile(r"arn:aws[\w-]*:states:::(aws-sdk:)?(\w+):(\w+)(\.waitForTaskToken)?")

# The code with which the gateway refuses a request that has an unknown member or a value of the wrong type.
UNUSABLE_PARAMETERS = "ParameterValidation"

# HeadObject's refusals have no body, so that botocore only knows their status; the SDK for Java 2.x tells them apart.
_WITHOUT_A_BODY = {("s3", "404"): "NoSuchKey"}


@dataclass(frozen=True)
class Integration:
    """What a Resource stands for. `service` is botocore's name, `operation` the API's ("UpdateEndpoint"), `kind` what
    comes before the action in the Resource ("lambda", "aws-sdk:sagemaker")."""

    service: str
    operation: str
    prefix: str
    unmodelled: str
    kind: str
    optimised: bool = False
    waits: bool = False

    @property
    def invokes_function(self) -> bool:
        return (self.service, self.operation) == ("lambda", "Invoke")


def resolve(resource: str) -> Integration:
    """The integration of a Resource. ValueError when there is none, or none that this account offers."""
    found = _RESOURCE.fullmatch(resource)
    if not found:
        raise ValueError(f"{resource!r} is not a service integration offered here (no .sync, no Activity)")
    sdk, service, action, waits = found.groups()
    if sdk:
        if service not in _SDK:
            raise ValueError(f"aws-sdk:{service} is not offered here")
        name, prefix = _SDK[service]
        kind = f"aws-sdk:{service}"
        integration = Integration(name, _capitalised(action), prefix, f"{prefix}Exception", kind, waits=bool(waits))
        if integration.operation not in service_model(name).operation_names or action[0].isupper():
            raise ValueError(f"aws-sdk:{service} has no API action {action!r}")
        return integration
    if service not in _OPTIMISED or action not in _OPTIMISED[service][3]:
        raise ValueError(f"the optimised integration {service}:{action} is not offered here")
    if waits and service == "dynamodb":
        raise ValueError("the optimised integration of DynamoDB has no .waitForTaskToken; aws-sdk:dynamodb has")
    name, prefix, unmodelled, _ = _OPTIMISED[service]
    return Integration(name, _capitalised(action), prefix, unmodelled, service, optimised=True, waits=bool(waits))


def request_of(integration: Integration, arguments: Any) -> Any:
    """The API request in botocore's form. What the API does not know is passed on for the gateway to refuse."""
    arguments = _ARGUMENTS.get(integration.kind, _as_they_are)(arguments)
    shape = operation_model(integration.service, integration.operation).input_shape
    return _to_api(shape, arguments) if shape else {}


def result_of(integration: Integration, response: Mapping[str, Any]) -> Any:
    """The API's answer as the Task's result: the SDK's names, which are PascalCase, timestamps and blobs as strings.

    A function's payload is the JSON that it returned. A function that failed fails the task with the class of its
    exception as the error and its whole answer as the cause, without spaces (docs: connect-lambda; recorded on AWS:
    localstack/localstack, error_handling/test_task_service_lambda.snapshot.json, test_raise_custom_exception).
    """
    shape = operation_model(integration.service, integration.operation).output_shape
    result = _to_json(shape, response) if shape else {}
    if integration.optimised and integration.invokes_function:
        payload = result.get("Payload")
        if "FunctionError" in result:
            answer = read_json(payload) if payload else {}
            raise Failure(str(answer.get("errorType", "Lambda.Unknown")), write_json(answer))
        result["Payload"] = read_json(payload) if payload else None
    return result


def failure_of(integration: Integration, error: AwsError, request_id: str) -> Failure:
    """The failure that an API's refusal becomes: "SageMaker.ResourceLimitExceededException".

    An error that the service's model has is named by its exception class in the SDK for Java, which always ends in
    Exception; any other by the service's base class (`SageMaker.SageMakerException`), whatever its code, so that only
    the cause tells. Recorded on AWS: localstack/localstack, error_handling/test_aws_sdk.snapshot.json. Parameters that
    no SDK would send are not sent, and end the execution (States.Runtime). A cause ends in the request and in how often
    the SDK tried (recorded in November 2025: the same repository, services/test_aws_sdk_task_service.snapshot.json);
    S3 has a second id for the request (error_handling/test_aws_sdk.snapshot.json, test_s3_no_such_key).
    """
    if error.code == UNUSABLE_PARAMETERS:
        return Failure(RUNTIME, f"The Parameters could not be used to start the Task: [{error.message}]")
    if isinstance(error, AnswerLost):  # docs: bp-lambda-serviceexception, Lambda.SdkClientException
        return Failure(f"{integration.prefix}.{error.code}", f"{error.message} (SDK Attempt Count: 1)")
    code = _WITHOUT_A_BODY.get((error.service, error.code), error.code)
    name = _exception_names(integration.service).get(code, integration.unmodelled)
    if integration.optimised:
        about = f"Service: {_SERVICES[integration.service]}; Status Code: {error.status}; "
        about += f"Error Code: {code}; Request ID: {request_id}; Proxy: null"
    else:
        about = f"Service: {integration.prefix}, Status Code: {error.status}, Request ID: {request_id}"
        about += f", Extended Request ID: {request_id}" if integration.service == "s3" else ""
        about += ") (SDK Attempt Count: 1"
    return Failure(f"{integration.prefix}.{name}", f"{error.message} ({about})")


@cache
def _exception_names(service: str) -> dict[str, str]:
    """Error code or shape: exception class, as the SDK for Java 2.x names it (its DefaultNamingStrategy)."""
    names: dict[str, str] = {}
    model: Any = service_model(service)
    for shape in model.error_shapes:
        stem = shape.name.removesuffix("Fault").removesuffix("Exception")
        for code in (shape.name, shape.error_code):
            names[code] = f"{_capitalised(stem)}Exception"
    return names


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _as_they_are(arguments: Any) -> Any:
    return arguments


def _lambda_arguments(arguments: Any) -> Any:
    """docs: connect-lambda: Payload is any JSON."""
    if not isinstance(arguments, dict) or "Payload" not in arguments:
        return arguments
    return {**arguments, "Payload": write_json(arguments["Payload"])}


def _sns_arguments(arguments: Any) -> Any:
    """docs: connect-sns: a Message that is an object is published as its JSON."""
    if not isinstance(arguments, dict) or not isinstance(arguments.get("Message"), (dict, list)):
        return arguments
    return {**arguments, "Message": write_json(arguments["Message"])}


def _sfn_arguments(arguments: Any) -> Any:
    """An Input that is an object is sent as its JSON (recorded on AWS: localstack/localstack,
    services/test_aws_sdk_task_service.snapshot.json, test_sfn_start_execution_implicit_json_serialisation)."""
    if not isinstance(arguments, dict) or not isinstance(arguments.get("Input"), (dict, list)):
        return arguments
    return {**arguments, "Input": write_json(arguments["Input"])}


_ARGUMENTS: dict[str, Callable[[Any], Any]] = {
    "lambda": _lambda_arguments,
    "sns": _sns_arguments,
    "aws-sdk:sfn": _sfn_arguments,
}


@cache
def _members(shape: Any) -> dict[str, tuple[str, Any]]:
    """PascalCase name: (botocore's name, shape)."""
    return {_capitalised(name): (name, member) for name, member in shape.members.items()}


def _to_api(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        members = _members(shape)
        given = {name: item for name, item in value.items() if item is not None}
        return {
            members[name][0] if name in members else name: _to_api(members[name][1], item) if name in members else item
            for name, item in given.items()
        }
    if kind == "list" and isinstance(value, list):
        return [_to_api(shape.member, item) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: _to_api(shape.value, item) for key, item in value.items()}
    if kind == "timestamp" and isinstance(value, str):
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    if kind == "blob" and not isinstance(value, (bytes, bytearray)):
        return _blob(shape, value)
    return value


def _blob(shape: Any, value: Any) -> bytes:
    """A blob argument. The body of PutObject, a stream to the SDK, is written as the argument's JSON: an object as one
    would wish, but a text with quotes around it and its line ends escaped, so no state machine can put a plain text
    (recorded on AWS: localstack/localstack, test_aws_sdk_task_service.snapshot.json, test_s3_put_object[str]: the
    object is `"text data"`, and the ETag that S3 answered is its MD5). Other blobs are the text's bytes."""
    streamed = bool(shape.serialization.get("streaming")) or shape.metadata.get("streaming")
    if streamed or not isinstance(value, str):
        return write_json(value).encode()
    return value.encode()


def _to_json(shape: Any, value: Any) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        members = shape.members
        return {_capitalised(name): _to_json(members[name], item) for name, item in value.items() if name in members}
    if kind == "list":
        return [_to_json(shape.member, item) for item in value]
    if kind == "map":
        return {key: _to_json(shape.value, item) for key, item in value.items()}
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if kind == "blob":
        content = value.read() if hasattr(value, "read") else value
        # Bytes that are no UTF-8, as where a Range cuts a character in two, are replaced, as Java's String does.
        return content.decode(errors="replace") if isinstance(content, bytes) else content
    return whole(value) if isinstance(value, float) and math.isfinite(value) else value
