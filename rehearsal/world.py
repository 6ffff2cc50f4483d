"""The simulated account of one rehearsal, with the real template deployed into it, and the acts of a person there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from rehearsal import models
from rehearsal.account.gateway import Gateway
from rehearsal.account.iam import Iam
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.cloudwatch import CloudWatch
from rehearsal.cloudwatch.options import Options as CloudWatchOptions
from rehearsal.sagemaker import SageMaker
from rehearsal.sagemaker.keys import AccountKeys
from rehearsal.sagemaker.options import Options as SageMakerOptions
from rehearsal.sagemaker.storage import RoleStorage
from rehearsal.sagemaker.tags import as_tags
from rehearsal.services import stores
from rehearsal.services.autoscaling import DIMENSION, Autoscaling, resource_id
from rehearsal.services.dynamodb import DynamoDb
from rehearsal.services.events import Events
from rehearsal.services.functions import AT_ONCE, Lambda
from rehearsal.services.options import Options as DeliveryOptions
from rehearsal.services.pipes import Pipes
from rehearsal.services.queues import Queue, Sqs
from rehearsal.services.s3 import S3
from rehearsal.services.scheduler import Scheduler
from rehearsal.services.ssm import Ssm
from rehearsal.stack import Stack, deploy
from rehearsal.states import StepFunctions
from rehearsal.traffic import Labels, Load, Traffic
from rehearsal.traffic.told import endpoint_told, told_to_callers

ROOT = Path(__file__).resolve().parent.parent
REGION, ACCOUNT = "eu-west-1", "123456789012"
BUCKET = f"models-{ACCOUNT}"
IMAGE = f"141502667606.dkr.ecr.{REGION}.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
MODEL_ROLE = f"arn:aws:iam::{ACCOUNT}:role/models"
PARAMETERS = {"ModelExecutionRoleArn": MODEL_ROLE, "ArtifactBucket": BUCKET}
PERSON = Caller("person")


class NoSuchMachine(LookupError):
    """The template has no state machine of a name."""


@dataclass
class World:
    """An account. `artifacts` says of an artifact's URL which version it is, or which model if none was registered.
    Paths of models are from `folder`."""

    clock: Clock
    gateway: Gateway
    bus: Events
    states: StepFunctions
    sagemaker: SageMaker
    autoscaling: Autoscaling
    traffic: Traffic
    tables: DynamoDb
    queues: Sqs
    s3: S3
    ssm: Ssm
    stack: Stack
    functions: Lambda
    folder: Path = field(default_factory=Path)
    artifacts: dict[str, int | str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)  # group: the last version registered
    known: dict[str, str] = field(default_factory=dict)  # endpoint: the model that callers name who were told none

    def ask(self, service: str, operation: str, **request: Any) -> Mapping[str, Any]:
        """Call AWS as a person. Raises AwsError."""
        return self.gateway.call(PERSON, service, operation, request)

    def machine(self, name: str) -> str:
        """The ARN of the state machine that the template calls by this name. Raises NoSuchMachine."""
        machines = {each.logical_id: each.arn for each in self._resources("AWS::StepFunctions::StateMachine")}
        found = [arn for logical_id, arn in machines.items() if logical_id.casefold().startswith(name.casefold())]
        if not found:
            raise NoSuchMachine(f"the template has no state machine {name}; it has {', '.join(machines)}")
        return found[0]

    @property
    def own_path(self) -> str:
        """Where the stack has its parameters."""
        return str(self.stack.outputs["PolicyPath"]).rpartition("/")[0]

    def told(self, endpoint: str) -> str:
        """The model that callers of a multi-model endpoint or of batch name, "" while they know none. Those of one that
        somebody made without Interlock know its first."""
        return told_to_callers(self.ssm, self.own_path, endpoint) or self.known.get(endpoint, "")

    def put_policy(self, group: str, text: str) -> None:
        """Write a policy where Interlock reads it."""
        name = f"{self.own_path}/policies/{group}"
        self.ask("ssm", "PutParameter", Name=name, Value=text, Type="String", Overwrite=True)

    def register(
        self,
        group: str,
        model: str | Sequence[tuple[str, str]],
        status: str,
        baselines: Mapping[str, Any] | None = None,
        card: Mapping[str, Any] | None = None,
        key: str = "",
        image: str = "",
    ) -> None:
        """Train, pack and upload a model, or that of each container with its hostname, and register it as the next
        version of a group, with `baselines` as its
        DriftCheckBaselines, `card` as the content of its model card, and encrypted with a `key` if one is given."""
        if group not in self.versions:
            self.ask("sagemaker", "CreateModelPackageGroup", ModelPackageGroupName=group)
        version = self.versions[group] = self.versions.get(group, 0) + 1
        models = [(model, "")] if isinstance(model, str) else model
        places = [_place(f"{group}/{version}", number) for number, _ in enumerate(models, start=1)]
        containers = [
            {"Image": image or IMAGE, "ModelDataUrl": self._upload(kind, place, version)}
            | ({"ContainerHostname": hostname} if hostname else {})
            for (kind, hostname), place in zip(models, places, strict=True)
        ]
        self.ask(
            "sagemaker",
            "CreateModelPackage",
            ModelPackageGroupName=group,
            ModelApprovalStatus=status,
            InferenceSpecification={
                "Containers": containers,
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
            **({"DriftCheckBaselines": dict(baselines)} if baselines else {}),
            **({"ModelCard": {"ModelCardContent": json.dumps(card), "ModelCardStatus": "Draft"}} if card else {}),
            **({"SecurityConfig": {"KmsKeyId": key}} if key else {}),
        )

    def update_package(self, group: str, version: int, **change: Any) -> None:
        """Change a registered version."""
        arn = self.sagemaker.registry.arn(f"{group}/{version}")
        self.ask("sagemaker", "UpdateModelPackage", ModelPackageArn=arn, **change)

    def delete_artifact(self, group: str, version: int) -> None:
        """Delete a registered version's model.tar.gz."""
        self.ask("s3", "DeleteObject", Bucket=BUCKET, Key=_key(f"{group}/{version}"))

    def replace_artifact(self, group: str, version: int, model: str, container: int = 1) -> None:
        """Put another model in the place of the model.tar.gz of a container of a registered version."""
        place = _place(f"{group}/{version}", container)
        self.ask("s3", "PutObject", Bucket=BUCKET, Key=_key(place), Body=self._artifact(model))

    def make_endpoint(
        self,
        name: str,
        model: str,
        variant: str,
        size: Mapping[str, Any],
        of_model: Mapping[str, Any] | None = None,
        of_config: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Make an endpoint the way somebody without Interlock would; `size` gives the instances of its variant, and
        `of_model` and `of_config` more fields of its model and config; `tags` are the endpoint's."""
        made: dict[str, Any] = {"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": self._upload(model, name, model)}}
        made = {"ExecutionRoleArn": MODEL_ROLE, **made, **(of_model or {})}
        if made["PrimaryContainer"].get("Mode") == "MultiModel":
            self.known[name] = _key(name).rpartition("/")[2]
        self.ask("sagemaker", "CreateModel", ModelName=name, **made)
        variants = [{"VariantName": variant, "ModelName": name, **size}]
        config = {"ProductionVariants": variants, **(of_config or {})}
        self.ask("sagemaker", "CreateEndpointConfig", EndpointConfigName=name, **config)
        self.ask("sagemaker", "CreateEndpoint", EndpointName=name, EndpointConfigName=name, Tags=as_tags(tags or {}))

    def make_key(self, arn: str, alias: str = "") -> None:
        """A KMS key whose policy leaves it to IAM who may use it (docs: key-policy-default)."""
        if alias:
            self.gateway.iam.put_key_alias(alias, arn)
        everybody = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}
        self.gateway.iam.put_resource_policy(arn, {"Statement": {**everybody, "Resource": "*"}})

    def make_scalable(self, endpoint: str, variant: str, bounds: tuple[int, int], *attached: tuple[str, Any]) -> None:
        """Register an endpoint's variant with Application Auto Scaling; `attached` are the operations, with the rest
        of their requests, that give it scaling policies and scheduled actions."""
        least, most = bounds
        of = {"ServiceNamespace": "sagemaker", "ResourceId": resource_id(endpoint, variant)}
        target = {"MinCapacity": least, "MaxCapacity": most}
        for operation, more in (("RegisterScalableTarget", target), *attached):
            self.ask("application-autoscaling", operation, **of, ScalableDimension=DIMENSION, **more)

    def monitoring_bucket(self) -> str:
        """The stack's bucket for what is captured and found; that of the models while it has none."""
        store = self.stack.resources.get("MonitoringBucket")
        return store.ref if store else BUCKET

    def put_object(self, bucket: str, key: str, body: bytes) -> None:
        """Put an object as a person; `bucket` is the monitoring bucket for ""."""
        self.ask("s3", "PutObject", Bucket=bucket or self.monitoring_bucket(), Key=key, Body=body)

    def describe_endpoint(self, name: str) -> Mapping[str, Any] | None:
        """The answer of DescribeEndpoint now, without a call in the journal; None when there is no such endpoint."""
        try:
            return self.sagemaker.endpoints.describe_endpoint({"EndpointName": name}, PERSON)
        except AwsError:
            return None

    def serving(self, name: str) -> dict[int | str, float]:
        """Which version, or which model if none was registered, gets which share of an endpoint's requests now; or is
        what callers of batch are told."""
        parts: dict[int | str, float] = {}
        if self.sagemaker.hosting.known(self.told(name)):
            return {self._version_of(self.sagemaker.hosting.sources(self.told(name))[0].model_data): 1.0}
        for route in self.sagemaker.endpoints.routes(name):
            key = self.told(name) if route.names_models else ""
            if route.share and (key or not route.names_models):
                version = self._version_of(route.model_data + key)
                parts[version] = parts.get(version, 0.0) + route.share
        return parts

    def components(self, endpoint: str) -> dict[str, str]:
        """The inference components of an endpoint, each with its model."""
        found = self.sagemaker.components.of(endpoint)
        return {each.name: each.copies.specification["ModelName"] for each in found}

    def ledger(self) -> list[dict[str, str]]:
        """The ledger's items, their attributes as plain text, without a call in the journal."""
        (table,) = self._resources("AWS::DynamoDB::Table")
        items = self.tables.scan({"TableName": table.ref}, PERSON)["Items"]
        return [{name: str(next(iter(value.values()))) for name, value in item.items()} for item in items]

    def dead_letters(self) -> int:
        """How many messages lie in the stack's dead-letter queues."""
        return sum(queue.size for name, queue in self._queues() if name.startswith("DeadLetters"))

    def events_waiting(self) -> int:
        """How many events lie in the stack's queues and have not been acted on."""
        return sum(queue.size for name, queue in self._queues() if not name.startswith("DeadLetters"))

    def _queues(self) -> list[tuple[str, Queue]]:
        """The stack's queues, with their logical ids."""
        return [(each.logical_id, self.queues.queues[each.arn]) for each in self._resources("AWS::SQS::Queue")]

    def _version_of(self, artifact: str) -> int | str:
        """The version that an artifact's URL belongs to; a pipeline registers its own, and a release copies it."""
        artifact = self.s3.copied.get(artifact, artifact)
        if artifact not in self.artifacts:
            self.artifacts[artifact] = self.sagemaker.registry.version_with(artifact)
        return self.artifacts[artifact]

    def _upload(self, model: str, prefix: str, version: int | str) -> str:
        url = f"s3://{BUCKET}/{_key(prefix)}"
        self.ask("s3", "PutObject", Bucket=BUCKET, Key=_key(prefix), Body=self._artifact(model))
        self.artifacts[url] = version
        return url

    def _artifact(self, model: str) -> bytes:
        return models.artifact(model, self.folder)

    def _resources(self, kind: str) -> list[Any]:
        return [each for each in self.stack.resources.values() if each.type == kind]


# docs: sagemaker/latest/dg/security-confused-deputy-prevention
_ITSELF = {"aws:SourceAccount": ACCOUNT}
_CLOUDWATCH, _SAGEMAKER, _DELIVERY = CloudWatchOptions(), SageMakerOptions(), DeliveryOptions()


def _place(prefix: str, container: int) -> str:
    """Where the artifact of a container lies, counted from 1."""
    return prefix if container == 1 else f"{prefix}/{container}"


def _key(prefix: str) -> str:
    return f"{prefix}/model.tar.gz"


def new_world(
    begins: datetime,
    seed: int,
    parameters: Mapping[str, str],
    loads: Sequence[Load] = (),
    cloudwatch_options: CloudWatchOptions = _CLOUDWATCH,
    sagemaker_options: SageMakerOptions = _SAGEMAKER,
    delivery_options: DeliveryOptions = _DELIVERY,
    functions_at_once: int = AT_ONCE,
) -> World:
    """A fresh account into which the template has just been deployed, with these parameters beside those it needs;
    `loads` is the traffic that its endpoints will get."""
    clock = Clock(begins, seed)
    stores.fresh(clock)
    iam = Iam(ACCOUNT)
    gateway = Gateway(clock, REGION, ACCOUNT, iam)
    if delivery_options.key_conditions == "not supported":
        gateway.unknown_to_kms.add("events.amazonaws.com")
    place, bus, functions = gateway.place, Events(gateway), Lambda(gateway, functions_at_once)
    ssm = Ssm(clock, place, bus.emit)
    s3, autoscaling = S3(place, iam, bus.emit), Autoscaling(clock, REGION, ACCOUNT)
    cloudwatch = CloudWatch(
        clock, bus.emit, REGION, ACCOUNT, options=cloudwatch_options, act=partial(_alarm_action, gateway, autoscaling)
    )
    autoscaling.alarms_of = cloudwatch.alarms_with

    def read_object(bucket: str, key: str) -> bytes:
        try:
            return bytes(s3.get_object({"Bucket": bucket, "Key": key}, PERSON)["Body"])
        except AwsError as missing:
            raise LookupError(key) from missing

    storage = RoleStorage(gateway, iam, s3)

    def of_program(caller: Caller, service: str, operation: str, request: dict[str, Any]) -> Mapping[str, Any]:
        """A call that a job's program makes. A role that is not of the stack is the team's own, as in RoleStorage."""
        return gateway.call(caller if caller.principal in iam.roles else PERSON, service, operation, request)

    def depth(queue: str, visible: int) -> None:
        metric = "ApproximateNumberOfMessagesVisible"
        cloudwatch.publish("AWS/SQS", metric, {"QueueName": queue}, clock.now, [visible])

    sagemaker = SageMaker(
        clock,
        bus.emit,
        REGION,
        ACCOUNT,
        read_object=read_object,
        keys_under=s3.keys,
        alarm_state=cloudwatch.state_of,
        publish=cloudwatch.publish,
        autoscaling=autoscaling,
        options=sagemaker_options,
        write_object=lambda bucket, key, body, role, kms_key: storage.write(role, bucket, key, body, kms_key),
        storage=storage,
        call=of_program,
        keys=AccountKeys(gateway, iam),
        assumable=lambda role: role not in iam.roles or iam.may_assume(role, "sagemaker.amazonaws.com", _ITSELF),
    )

    def execution_failed(machine: str) -> None:
        cloudwatch.publish("AWS/States", "ExecutionsFailed", {"StateMachineArn": machine}, clock.now, [1.0])

    gateway.tags_of = sagemaker.tags.of
    tables, queues = DynamoDb(place), Sqs(place, clock, depth, delivery_options)
    states = StepFunctions(clock, gateway, REGION, ACCOUNT, emit=bus.emit, failed=execution_failed)
    services = {
        "application-autoscaling": autoscaling,
        "cloudwatch": cloudwatch,
        "dynamodb": tables,
        "events": bus,
        "lambda": functions,
        "pipes": Pipes(gateway, queues, states, delivery_options),
        "s3": s3,
        "sagemaker": sagemaker,
        "sagemaker-runtime": sagemaker.runtime,
        "scheduler": Scheduler(gateway, delivery_options),
        "sns": stores.Sns(place),
        "sqs": queues,
        "ssm": ssm,
        "stepfunctions": states,
    }
    for name, simulator in services.items():
        gateway.register(name, simulator)
    gateway.call(PERSON, "s3", "CreateBucket", {"Bucket": BUCKET})
    stack = deploy(ROOT / "template.yaml", gateway, functions, parameters={**PARAMETERS, **parameters})
    store = stack.resources.get("MonitoringBucket")
    labels = Labels(clock, s3.write, store.ref if store else "")
    traffic = Traffic(
        clock,
        sagemaker.endpoints,
        cloudwatch.publish,
        loads,
        every_fleet=sagemaker_options.config_metrics == "every fleet",
        capture=sagemaker.capture,
        labels=labels,
        told=lambda endpoint: world.told(endpoint),
        loading=sagemaker_options.model_loading_seconds,
    )
    ssm.watchers.append(lambda name: traffic.serve_until_now(endpoint_told(name)))
    world = World(
        clock, gateway, bus, states, sagemaker, autoscaling, traffic, tables, queues, s3, ssm, stack, functions
    )
    return world


def _alarm_action(gateway: Gateway, autoscaling: Autoscaling, action: str, message: dict[str, Any]) -> None:
    """CloudWatch starts the scaling policy an alarm names, or publishes to the topic (docs: AmazonCloudWatch,
    "Notifying users on alarm changes")."""
    if ":scalingPolicy:" in action:
        autoscaling.start(action)
        return
    subject = f'{message["NewStateValue"]}: "{message["AlarmName"]}" in {REGION}'[:99]
    request = {"TopicArn": action, "Subject": subject, "Message": json.dumps(message)}
    context = {"aws:SourceArn": message["AlarmArn"]}
    gateway.call(Caller("cloudwatch.amazonaws.com"), "sns", "Publish", request, context)
