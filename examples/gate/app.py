"""A gate: the candidate must read a digit. Its role needs sagemaker:InvokeEndpoint and states:SendTaskSuccess."""

import json

import boto3  # noqa: TID251 (a function of a team's own, not of Interlock)


def handler(event, context):
    """Ask the candidate, and no other variant, and answer with the token."""
    asked = {"EndpointName": event["endpoint"], "TargetVariant": event["variants"]["candidate"]}
    body = ",".join(["0"] * 64)
    answer = boto3.client("sagemaker-runtime").invoke_endpoint(**asked, ContentType="text/csv", Body=body)
    read = answer["Body"].read().decode().strip()
    said = {"pass": read in list("0123456789"), "why": f"it read {read[:20]}"}
    boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output=json.dumps(said))
