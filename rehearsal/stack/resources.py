"""One function per resource type: what CloudFormation does with its properties, and what Ref and GetAtt give.

Each takes the deployment, the logical id and the resolved properties, and returns (Ref, attributes). A property that
the API does not know fails against its model; a property with no effect on a rehearsal is dropped by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from rehearsal.account.iam import Denied
from rehearsal.stack import compute
from rehearsal.stack.deployment import Created, Deployment, Properties

Creator = Callable[[Deployment, str, Properties], Created]


def _without(properties: Properties, *names: str) -> dict[str, Any]:
    return {key: value for key, value in properties.items() if key not in names}


def _role(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    name = properties.get("RoleName") or stack.physical_name(logical_id)
    role = stack.iam.put_role(name, properties["AssumeRolePolicyDocument"], properties.get("Path", "/"))
    for policy in properties.get("Policies", []):
        stack.iam.put_policy(role.arn, f"{logical_id}/{policy['PolicyName']}", policy["PolicyDocument"])
    for arn in properties.get("ManagedPolicyArns", []):
        stack.iam.attach(role.arn, arn)
    return name, {"Arn": role.arn}


def _policy(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    by_name = {role.name: arn for arn, role in stack.iam.roles.items()}
    for role in properties["Roles"]:
        stack.iam.put_policy(by_name[role], logical_id, properties["PolicyDocument"])
    return stack.physical_name(logical_id), {}


def _key(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    key_id = stack.gateway.clock.uuid()
    arn = stack.place.arn("kms", f"key/{key_id}")
    stack.iam.put_resource_policy(arn, properties["KeyPolicy"])
    return key_id, {"Arn": arn, "KeyId": key_id}


def _alias(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    name = properties["AliasName"]
    stack.iam.put_key_alias(name, _key_arn(stack, properties["TargetKeyId"]))
    return name, {}


def _key_arn(stack: Deployment, given: str) -> str:
    """A key as properties name it (id, ARN, alias or alias ARN) as the ARN of the key."""
    if ":alias/" in given or given.startswith("alias/"):
        return stack.iam.key_aliases[given[given.index("alias/") :]]
    return given if given.startswith("arn:") else stack.place.arn("kms", f"key/{given}")


def _table(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    name = properties.get("TableName") or stack.physical_name(logical_id)
    request = _without(
        properties, "PointInTimeRecoverySpecification", "SSESpecification", "Tags", "TimeToLiveSpecification"
    )
    encryption = properties.get("SSESpecification", {})
    told = stack.call("dynamodb", "CreateTable", {**request, "TableName": name})
    arn = told["TableDescription"]["TableArn"]
    if "KMSMasterKeyId" in encryption:
        stack.iam.encrypt(arn, _key_arn(stack, encryption["KMSMasterKeyId"]))
    return name, {"Arn": arn}


def _topic(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    name = properties.get("TopicName") or stack.physical_name(logical_id)
    arn = stack.call("sns", "CreateTopic", {"Name": name})["TopicArn"]
    if "KmsMasterKeyId" in properties:
        stack.iam.encrypt(arn, _key_arn(stack, properties["KmsMasterKeyId"]))
    for wanted in properties.get("Subscription", []):
        stack.call("sns", "Subscribe", {"TopicArn": arn, **wanted})
    return arn, {"TopicArn": arn, "TopicName": name}


def _topic_policy(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    for arn in properties["Topics"]:
        stack.iam.put_resource_policy(arn, properties["PolicyDocument"])
    return stack.physical_name(logical_id), {}


def _subscription(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    told = stack.call("sns", "Subscribe", dict(properties))
    return told["SubscriptionArn"], {"Arn": told["SubscriptionArn"]}


def _queue(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    name = properties.get("QueueName") or stack.physical_name(logical_id)
    attributes = _without(properties, "QueueName", "Tags")
    if "RedrivePolicy" in attributes:
        attributes["RedrivePolicy"] = json.dumps(attributes["RedrivePolicy"])
    url = stack.call("sqs", "CreateQueue", {"QueueName": name, "Attributes": attributes})["QueueUrl"]
    arn = stack.place.arn("sqs", name)
    if "KmsMasterKeyId" in properties:
        stack.iam.encrypt(arn, _key_arn(stack, properties["KmsMasterKeyId"]))
    return url, {"Arn": arn, "QueueName": name, "QueueUrl": url}


def _queue_policy(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    for url in properties["Queues"]:
        arn = stack.place.arn("sqs", url.rpartition("/")[2])
        stack.iam.put_resource_policy(arn, properties["PolicyDocument"])
    return stack.physical_name(logical_id), {}


def _parameter(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    name = properties.get("Name") or stack.physical_name(logical_id)
    stack.call("ssm", "PutParameter", {**_without(properties, "Tags"), "Name": name})
    return name, {"Type": properties["Type"], "Value": properties["Value"]}


def _log_group(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    """Refused with a key whose policy does not let the service in (CloudWatch Logs User Guide, "Encrypt log data")."""
    name = properties.get("LogGroupName") or stack.physical_name(logical_id)
    arn = stack.place.arn("logs", f"log-group:{name}")
    if "KmsKeyId" in properties:
        key, service = _key_arn(stack, properties["KmsKeyId"]), f"logs.{stack.place.region}.amazonaws.com"
        context = {"kms:EncryptionContext:aws:logs:arn": arn, "aws:SourceAccount": stack.place.account}
        for action in ("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"):
            try:
                stack.iam.check_service(service, action, key, {**context, "aws:SourceArn": arn})
            except Denied as denied:
                raise ValueError(f"The specified KMS key is not allowed to be used with {arn}: {denied}") from denied
    return name, {"Arn": f"{arn}:*"}


def _bucket(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    """CloudFormation switches EventBridge on by `EventBridgeConfiguration: {EventBridgeEnabled: true}`, which is its
    default there (docs: AWS::S3::Bucket EventBridgeConfiguration). What else a bucket can be told (lifecycle, public
    access, versions) has no effect on a rehearsal."""
    name = properties.get("BucketName") or stack.physical_name(logical_id).lower()
    arn = f"arn:aws:s3:::{name}"
    stack.call("s3", "CreateBucket", {"Bucket": name})
    for rule in properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", ()):
        key = rule.get("ServerSideEncryptionByDefault", {}).get("KMSMasterKeyID")
        if key:
            stack.iam.encrypt(arn, _key_arn(stack, key))
    told = properties.get("NotificationConfiguration", {})
    unknown = set(told) - {"EventBridgeConfiguration"}
    if unknown:
        raise ValueError(f"notifications of a bucket by {', '.join(sorted(unknown))} are not simulated")
    bridge = told.get("EventBridgeConfiguration")
    if bridge is not None and str(bridge.get("EventBridgeEnabled", True)).lower() == "true":
        wanted: dict[str, Any] = {"Bucket": name, "NotificationConfiguration": {"EventBridgeConfiguration": {}}}
        stack.call("s3", "PutBucketNotificationConfiguration", wanted)
    return name, {"Arn": arn, "DomainName": f"{name}.s3.amazonaws.com"}


def _bucket_policy(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    stack.iam.put_resource_policy(f"arn:aws:s3:::{properties['Bucket']}", properties["PolicyDocument"])
    return stack.physical_name(logical_id), {}


def _rule(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    name = properties.get("Name") or stack.physical_name(logical_id)
    request = {**_without(properties, "Targets", "Tags"), "Name": name}
    if "EventPattern" in properties:
        request["EventPattern"] = json.dumps(properties["EventPattern"])
    arn = stack.call("events", "PutRule", request)["RuleArn"]
    if properties.get("Targets"):
        stack.call("events", "PutTargets", {"Rule": name, "Targets": properties["Targets"]})
    return name, {"Arn": arn}


def _schedule(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    name = properties.get("Name") or stack.physical_name(logical_id)[-64:]
    arn = stack.call("scheduler", "CreateSchedule", {**properties, "Name": name})["ScheduleArn"]
    return name, {"Arn": arn}


def _pipe(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    name = properties.get("Name") or stack.physical_name(logical_id)[:64]
    arn = stack.call("pipes", "CreatePipe", {**_without(properties, "Tags"), "Name": name})["Arn"]
    return name, {"Arn": arn}


def _alarm(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    name = properties.get("AlarmName") or stack.physical_name(logical_id)
    stack.call("cloudwatch", "PutMetricAlarm", {**_without(properties, "Tags"), "AlarmName": name})
    return name, {"Arn": stack.place.arn("cloudwatch", f"alarm:{name}")}


def _named_only(stack: Deployment, logical_id: str, properties: Properties) -> Created:
    """A resource that nothing in a rehearsal acts on: it has a name, and that is all."""
    return stack.physical_name(logical_id), {}


CREATORS: Mapping[str, Creator] = {
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _named_only,
    "AWS::DynamoDB::Table": _table,
    "AWS::Events::Rule": _rule,
    "AWS::IAM::Policy": _policy,
    "AWS::IAM::Role": _role,
    "AWS::KMS::Alias": _alias,
    "AWS::KMS::Key": _key,
    "AWS::Lambda::Function": compute.function,
    "AWS::Lambda::LayerVersion": compute.layer,
    "AWS::Lambda::Permission": compute.permission,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::Pipes::Pipe": _pipe,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::SNS::Subscription": _subscription,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::SSM::Parameter": _parameter,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::StepFunctions::StateMachine": compute.state_machine,
}
