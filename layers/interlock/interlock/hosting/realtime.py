"""Real-time hosting: a fleet of instances that answers each request at once."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationInfo, field_validator

from interlock.hosting.autoscaling import Autoscaling
from interlock.hosting.data_capture import DataCapture
from interlock.hosting.fleet import OnInstances, instance_obstacles, shared_by_models
from interlock.model.fields import Duration
from interlock.model.invocation import DIRECT, SERIAL
from interlock.model.quantities import in_words

if TYPE_CHECKING:
    # Not needed to check a policy, and so not loaded for that.
    from interlock.model.observation import Endpoint, Variant
    from interlock.model.request import Request


_FREQUENCIES = (10, 30, 60)
"""Seconds."""


class Realtime(OnInstances):
    """The model runs on instances that are always there."""

    moves = ("native", "weights")

    most_containers = 15
    """Of a model (botocore ContainerDefinitionList)."""

    kind: Literal["realtime"] = "realtime"
    mode: Literal["serial", "direct"] | None = Field(
        None,
        description="How requests reach the containers of a version that has several: through all in order, or the one"
        " that they name. Without it, as at the endpoint that exists, else serial.",
    )
    metrics_every: Duration | None = Field(
        None,
        description="How often SageMaker publishes the metrics of the endpoint and of each instance (enhanced metrics):"
        " 10s, 30s or 1m. Without it, the live setting stays.",
    )
    data_capture: DataCapture | None = Field(
        None, description="Keeps a part of the requests and answers, for monitors. Without it, the live setting stays."
    )

    autoscaling: Autoscaling | None = Field(
        None, description="How many instances there are, by how many requests. Without it, the live setting stays."
    )

    @field_validator("autoscaling")
    @classmethod
    def _instances_are_within(cls, autoscaling: Autoscaling | None, info: ValidationInfo) -> Autoscaling | None:
        refused = autoscaling and autoscaling.excludes(info.data.get("instances", autoscaling.min))
        if refused:
            raise ValueError(refused)
        return autoscaling

    @field_validator("metrics_every")
    @classmethod
    def _sagemaker_publishes_as_often(cls, written: int | None) -> int | None:
        """botocore MetricsConfig.MetricPublishFrequencyInSeconds has longer times, too."""
        if written not in (None, *_FREQUENCIES):
            said = (
                "evidence is read by the minute" if written and written > max(_FREQUENCIES) else "SageMaker has these"
            )
            raise ValueError(f"write 10s, 30s or 1m: {said}; got {in_words(written or 0)}")
        return written

    @field_validator("data_capture")
    @classmethod
    def _one_model_is_captured(cls, capture: DataCapture | None, info: ValidationInfo) -> DataCapture | None:
        """docs: model-monitor ("supports only endpoints that host a single model")."""
        if capture and info.data.get("mode") == "direct":
            raise ValueError("with mode: direct the endpoint hosts several models, and Model Monitor one; leave it out")
        return capture

    def settings(self, in_force: "Request", key: "Request") -> "Request":
        """The MetricsConfig that the policy asks for, beside what the live one has."""
        if self.metrics_every is None:
            return {}
        asked = {"EnableEnhancedMetrics": True, "MetricPublishFrequencyInSeconds": self.metrics_every}
        return {"MetricsConfig": {**in_force.get("MetricsConfig", {}), **asked}}

    def mode_beside(self, endpoint: "Endpoint | None") -> str:
        """As written; else as callers of ``endpoint`` know it; empty if nobody knows, because its model is gone."""
        if self.mode:
            return DIRECT if self.mode == "direct" else SERIAL
        if endpoint and not endpoint.containers:
            return ""
        return (endpoint.mode if endpoint else "") or SERIAL

    def obstacles(self, endpoint: "Endpoint") -> list[str]:
        """Why Interlock cannot release to ``endpoint`` yet; the first reason is reported."""
        queued = {"it is an asynchronous endpoint": bool(endpoint.config_settings.get("AsyncInferenceConfig"))}
        others = queued | instance_obstacles(endpoint) | shared_by_models(endpoint)
        return [said for said, stands in others.items() if stands]

    @property
    def supported(self) -> str:
        """The endpoints that have no ``obstacles``, in words."""
        return "real-time endpoints with one variant"

    def warnings(self, stable: "Variant | None") -> list[str]:
        """Where ``stable`` differs from the policy, and stays as it is."""
        if stable is None or not self.autoscaling:
            return super().warnings(stable)
        most = self.autoscaling.max
        said = f"Live capacity is kept: {stable.instances} instances, more than autoscaling.max, which is {most}."
        return [said] if stable.instances > most else []

    @property
    def scaling(self) -> Autoscaling | None:
        """How the policy wants the instances to follow the traffic."""
        return self.autoscaling

    @property
    def captures(self) -> bool:
        """Whether the policy asks for captured traffic."""
        return self.data_capture is not None

    @property
    def capture_remedy(self) -> str:
        """How a policy comes to captured traffic, as what to write."""
        return "write data_capture: {sampling: 20} under hosting"

    def capture(self, bucket: str) -> "Request":
        """The DataCaptureConfig of a new endpoint config, into ``bucket``; empty if the policy does not ask for one."""
        return self.data_capture.config(bucket) if self.data_capture else {}

    def shadow_obstacles(self, stable: "Variant") -> list[str]:
        """Why no shadow can stand beside ``stable`` (docs: shadow-tests-exclusions)."""
        return ["SageMaker has no shadows on Inf1"] if self.on_inf1(stable) else []
