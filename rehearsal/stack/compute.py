"""Functions, layers and state machines: the resources of a stack that run code from the source tree."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from rehearsal.account.iam import Denied
from rehearsal.services.functions import Function
from rehearsal.stack.deployment import Created, Deployment, Properties
from rehearsal.stack.translation import kept

# docs: Step Functions "Logging using CloudWatch Logs": what the machine's role needs for log delivery, all on "*".
_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
# docs: Step Functions "AWS X-Ray and Step Functions"
_TRACING = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)
_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")


def function(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    """AWS::Lambda::Function, with its code and its layers as folders of the source tree."""
    name = properties.get("FunctionName") or stack.physical_name(logical_id)[:64]
    arn = stack.place.arn("lambda", f"function:{name}")
    variables = properties.get("Environment", {}).get("Variables", {})
    layers = tuple(stack.layers[layer] for layer in properties.get("Layers", []))
    stack.functions.add(
        Function(
            name=name,
            arn=arn,
            role_arn=properties["Role"],
            handler=properties["Handler"],
            code=_folder(stack, properties["Code"]["S3Key"]),
            layers=layers,
            environment={key: str(value) for key, value in variables.items()},
            memory=int(properties.get("MemorySize", 128)),
            timeout=int(properties.get("Timeout", 3)),
            log_group=properties.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{name}"),
        )
    )
    return name, {"Arn": arn}


def layer(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    """AWS::Lambda::LayerVersion: its content is a folder of the source tree."""
    name = properties.get("LayerName") or logical_id
    arn = stack.place.arn("lambda", f"layer:{name}:1")
    stack.layers[arn] = _folder(stack, properties["Content"]["S3Key"])
    return arn, {"LayerVersionArn": arn, "LayerArn": arn.removesuffix(":1")}


def permission(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    """AWS::Lambda::Permission: a statement of the function's resource policy."""
    conditions: dict[str, Any] = {}
    if "SourceArn" in properties:
        conditions["ArnLike"] = {"aws:SourceArn": properties["SourceArn"]}
    if "SourceAccount" in properties:
        conditions["StringEquals"] = {"aws:SourceAccount": properties["SourceAccount"]}
    given = properties["FunctionName"]
    arn = given if given.startswith("arn:") else stack.place.arn("lambda", f"function:{given}")
    statement = {
        "Sid": logical_id,
        "Effect": "Allow",
        "Principal": {"Service": properties["Principal"]},
        "Action": properties["Action"],
        "Resource": arn,
        "Condition": conditions,
    }
    stack.iam.put_resource_policy(arn, {"Statement": statement})
    return stack.physical_name(logical_id), {}


def state_machine(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    """AWS::StepFunctions::StateMachine. Refused, as CreateStateMachine does, when the service may not assume the role
    or the role may not deliver logs that the machine is to write."""
    name = properties.get("StateMachineName") or stack.physical_name(logical_id)[:80]
    role = properties["RoleArn"]
    context = {
        "aws:SourceAccount": stack.place.account,
        "aws:SourceArn": stack.place.arn("states", f"stateMachine:{name}"),
    }
    if not stack.iam.may_assume(role, "states.amazonaws.com", context):
        words = (
            "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume"
        )
        raise ValueError(f"{words} the provided role.")
    logging = properties.get("LoggingConfiguration", {})
    if logging.get("Level", "OFF") != "OFF":
        _may_deliver_logs(stack, role)
    if properties.get("TracingConfiguration", {}).get("Enabled"):
        _trace(stack, role)
    request = {
        "name": name,
        "type": properties.get("StateMachineType", "STANDARD"),
        "roleArn": role,
        "definition": _definition(stack, properties),
    }
    arn = stack.call("stepfunctions", "CreateStateMachine", request)["stateMachineArn"]
    return arn, {"Arn": arn, "Name": name}


def _may_deliver_logs(stack: Deployment, role: str) -> None:
    for action in _LOG_DELIVERY:
        try:
            stack.iam.check_role(role, action, "*", {})
        except Denied as denied:
            words = "The state machine IAM Role is not authorized to access the Log Destination"
            raise ValueError(f"{words}: {denied}") from denied


def _trace(stack: Deployment, role: str) -> None:
    for action in _TRACING:
        try:
            stack.iam.check_role(role, action, "*", {})
        except Denied as denied:
            raise ValueError(f"tracing is on, but its role may not send traces: {denied}") from denied


def _definition(stack: Deployment, properties: Properties) -> str:
    """The definition as the service gets it, with every placeholder substituted."""
    given = properties.get("DefinitionSubstitutions", {})
    if "Definition" in properties:
        return json.dumps(_substituted(properties["Definition"], given))
    if "DefinitionString" in properties:
        return json.dumps(_substituted(json.loads(properties["DefinitionString"]), given))
    text = _folder(stack, properties["DefinitionS3Location"]["Key"]).read_text()
    definition: str = kept(stack.folder, json.dumps([text, given]), lambda: _read(text, given))
    return definition


def _read(text: str, substitutions: Mapping[str, Any]) -> str:
    return json.dumps(_substituted(yaml.load(text, Loader=yaml.CSafeLoader), substitutions))


def _substituted(value: Any, substitutions: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _substituted(item, substitutions) for key, item in value.items()}
    if isinstance(value, list):
        return [_substituted(item, substitutions) for item in value]
    if not isinstance(value, str):
        return value

    def value_of(found: re.Match[str]) -> str:
        if found[1] not in substitutions:
            raise ValueError(f"the definition has ${{{found[1]}}}, which DefinitionSubstitutions does not give")
        return str(substitutions[found[1]])

    return _PLACEHOLDER.sub(value_of, value)


def _folder(stack: Deployment, key: str) -> Path:
    path = stack.folder / key
    if not path.exists():
        raise ValueError(f"{key} does not exist beside the template")
    return path.resolve()
