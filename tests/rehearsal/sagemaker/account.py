"""An account with a bucket of models, SageMaker and CloudWatch on one clock, and the events they sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from rehearsal import models
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.cloudwatch import CloudWatch
from rehearsal.sagemaker import Options, SageMaker
from rehearsal.sagemaker.capture import WriteObject
from rehearsal.services.autoscaling import Autoscaling
from tests.rehearsal.checked_calls import checked

PERSON = Caller("person")
REGION, ACCOUNT = "eu-central-1", "111122223333"
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
IMAGE = "492215442770.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-scikit-learn:1.4-2"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/models"


@dataclass(frozen=True)
class Event:
    at: float
    kind: str
    detail: dict[str, Any]
    resources: list[str]


@dataclass
class Account:
    options: Options = field(default_factory=Options)
    events: list[Event] = field(default_factory=list)
    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    write: WriteObject = lambda bucket, key, body, role, kms_key: None

    def __post_init__(self) -> None:
        self.clock = Clock(START, seed=1)
        self.objects |= {("models", f"{kind}.tar.gz"): models.artifact(kind) for kind in models.KINDS}
        self.cloudwatch = CloudWatch(self.clock, self._keep, REGION, ACCOUNT)
        self.autoscaling = Autoscaling(self.clock, REGION, ACCOUNT)
        self.sagemaker = SageMaker(
            self.clock,
            self._keep,
            REGION,
            ACCOUNT,
            read_object=lambda bucket, key: self.objects[bucket, key],
            alarm_state=self.cloudwatch.state_of,
            publish=self.cloudwatch.publish,
            autoscaling=self.autoscaling,
            options=self.options,
            **self.connections(),
        )

    def connections(self) -> dict[str, Any]:
        """How SageMaker reaches the S3 of this account."""
        return {"write_object": lambda bucket, key, body, role, kms_key: self.write(bucket, key, body, role, kms_key)}

    def _keep(self, source: str, kind: str, detail: dict[str, Any], resources: list[str]) -> None:
        self.events.append(Event(self.clock.now, kind, detail, resources))

    def call(self, operation: str, **request: Any) -> Any:
        return checked("sagemaker", self.sagemaker, operation, request)

    def refused(self, operation: str, **request: Any) -> str:
        """The message of the refusal that the call must meet."""
        with pytest.raises(AwsError) as refusal:
            self.call(operation, **request)
        assert refusal.value.code == "ValidationException"
        return refusal.value.message

    def wait(self, minutes: float) -> None:
        self.clock.run(self.clock.now + minutes * 60)

    def model(self, kind: str = "plain", name: str = "") -> str:
        container = {"Image": IMAGE, "ModelDataUrl": f"s3://models/{kind}.tar.gz"}
        self.call("create_model", ModelName=name or kind, PrimaryContainer=container, ExecutionRoleArn=ROLE)
        return name or kind

    def config(self, name: str, *variants: dict[str, Any], **more: Any) -> None:
        self.call("create_endpoint_config", EndpointConfigName=name, ProductionVariants=list(variants), **more)

    def endpoint(self, *variants: dict[str, Any], name: str = "digits", config: str = "first") -> None:
        """An endpoint in service."""
        if not variants:
            self.model()
        self.config(config, *(variants or (variant(),)))
        self.call("create_endpoint", EndpointName=name, EndpointConfigName=config)
        self.wait(5)

    def update(self, config: str = "second", name: str = "digits", **more: Any) -> None:
        self.call("update_endpoint", EndpointName=name, EndpointConfigName=config, **more)

    def weigh(self, **weights: float) -> None:
        wanted = [{"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()]
        self.call("update_endpoint_weights_and_capacities", EndpointName="digits", DesiredWeightsAndCapacities=wanted)

    def describe(self, name: str = "digits") -> Any:
        return self.call("describe_endpoint", EndpointName=name)

    def status(self, name: str = "digits") -> str:
        return str(self.describe(name)["EndpointStatus"])

    def shares(self) -> dict[tuple[str, str], float]:
        """Share of requests by (configuration, variant)."""
        return {(route.config, route.variant): route.share for route in self.sagemaker.endpoints.routes("digits")}

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [event.detail for event in self.events if event.kind == kind]


def variant(name: str = "AllTraffic", model: str = "plain", weight: float = 1.0, instances: int = 1) -> dict[str, Any]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InitialInstanceCount": instances,
        "InstanceType": "ml.m5.large",
        "InitialVariantWeight": weight,
    }
