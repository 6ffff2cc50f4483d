"""The States Language engine of moto (which is LocalStack's), with jsonata-python where it has no JSONata.

moto's engine asks one function, `_eval_jsonata`, for the value of an expression; in LocalStack that function is a Java
library, in moto it is None. This file puts jsonata-python there. The engine runs in threads and in real time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
from jsonata import Jsonata
from moto import mock_aws
from moto.stepfunctions.parser.asl.jsonata import jsonata as seam

PATIENCE = 30  # real seconds, for a machine that is busy


def _evaluate(expression: str) -> Any:
    try:
        return json.loads(json.dumps(Jsonata(expression).evaluate(None)))
    except Exception as error:
        raise seam.JSONataException("UNKNOWN", str(error)) from error


@contextmanager
def engine() -> Iterator[Any]:
    """A client of moto's Step Functions that really runs executions."""
    config = {"stepfunctions": {"execute_state_machine": True}}
    with mock_aws(config=config), patch.object(seam, "_eval_jsonata", _evaluate):
        yield boto3.client("stepfunctions", "eu-central-1", aws_access_key_id="none", aws_secret_access_key="none")


def run(client: Any, definition: dict[str, Any], data: Any) -> tuple[str, Any]:
    """("SUCCEEDED", output) or ("FAILED", error)."""
    machine = client.create_state_machine(
        name="machine", definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/machine"
    )
    arn = machine["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=arn, input=json.dumps(data))["executionArn"]
    last = time.monotonic() + PATIENCE
    while (answer := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < last, "moto's engine does not come to an end"
        time.sleep(0.005)
    client.delete_state_machine(stateMachineArn=arn)
    return answer["status"], answer.get("error") or _read(answer["output"])


def _read(output: str) -> Any:
    """moto answers with a string that is an execution's output as it is, where AWS answers with its JSON."""
    try:
        return json.loads(output)
    except ValueError:
        return output
