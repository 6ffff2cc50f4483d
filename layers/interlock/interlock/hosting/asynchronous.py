"""Asynchronous hosting: requests wait in a queue of SageMaker's for a fleet of instances, which may be empty meanwhile.

Results go to S3. Such an endpoint takes InvokeEndpointAsync only (docs: async-inference), and has one production
variant (aws/aws-cdk-rfcs #433), but guardrails are for it, too (docs: deployment-guardrails, note).
"""

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from interlock.hosting.fleet import OnInstances, instance_obstacles, shared_by_models
from interlock.hosting.hosting import LOADED_ON_DEMAND
from interlock.model.fields import KMS_KEY, S3_FOLDER, TOPIC

if TYPE_CHECKING:
    # Not needed to check a policy, and so not loaded for that.
    from interlock.model.observation import Endpoint, Variant
    from interlock.model.request import Request

ASYNC = "AsyncInferenceConfig"

_NOT_PUBLISHED = "SageMaker does not publish it for asynchronous endpoints"
_NO_PERCENTILES = "SageMaker names no percentiles for asynchronous endpoints; judge mean_latency"
"""The published metrics and their statistics are listed exhaustively (docs: async-inference-monitor)."""

Folder = Annotated[str, Field(pattern=S3_FOLDER, max_length=512)]
Topic = Annotated[str, Field(pattern=TOPIC, max_length=2048)]


class Async(OnInstances):
    """The model takes requests from a queue and writes the results to S3."""

    moves = ("native",)
    no_smoke = "says of a request only that it is queued, not whether the candidate answers it"
    fleets_told_apart = False
    unjudged: ClassVar[dict[str, str]] = {
        **LOADED_ON_DEMAND,
        **dict.fromkeys(("model_error_rate", "mean_overhead", "invocations", "cold_start"), _NOT_PUBLISHED),
        **dict.fromkeys(("p50_latency", "p90_latency", "p95_latency", "p99_latency", "p99_9_latency"), _NO_PERCENTILES),
    }

    kind: Literal["async"] = Field(description="Requests wait in a queue, and results go to S3.")
    output: Folder = Field(description="Where results go, an S3 URI with a folder.")
    failures: Folder | None = Field(None, description="Where failed requests are told. Without it, the live one stays.")
    success_topic: Topic | None = Field(None, description="SNS topic that hears of each result.")
    error_topic: Topic | None = Field(None, description="SNS topic that hears of each request that failed.")
    concurrency: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="Requests that an instance has at a time. Without it, the live one stays, or SageMaker's own."
    )
    kms_key: Annotated[str, Field(pattern=KMS_KEY, max_length=2048)] | None = Field(
        None, description="Key that encrypts the results, an ARN or id; by default the bucket's own."
    )

    def settings(self, in_force: "Request", key: "Request") -> "Request":
        """The AsyncInferenceConfig. What the policy does not name stays as it is ``in_force``, the SNS topics and the
        key among it; ``key`` is the KmsKeyId that the policy requires of outputs."""
        live = in_force.get(ASYNC) or {}
        output, client = live.get("OutputConfig", {}), live.get("ClientConfig", {})
        topics = output.get("NotificationConfig", {}) | _named(
            SuccessTopic=self.success_topic, ErrorTopic=self.error_topic
        )
        at_once = client | _named(MaxConcurrentInvocationsPerInstance=self.concurrency)
        asked = _named(
            S3OutputPath=self.output, S3FailurePath=self.failures, KmsKeyId=self.kms_key, NotificationConfig=topics
        )
        return {ASYNC: {**_named(ClientConfig=at_once), "OutputConfig": {**output, **key, **asked}}}

    def fleet(self, stable: "Variant") -> int:
        """The instances that serve now, but at least one: a candidate without instances would never start."""
        return max(stable.instances, 1)

    def obstacles(self, endpoint: "Endpoint") -> list[str]:
        """Why Interlock cannot release to ``endpoint``. Whether SageMaker turns a real-time endpoint into an
        asynchronous one is not documented; its callers would be refused from then on (docs: async-inference)."""
        said = "it answers at once, and its callers would be refused if it became asynchronous"
        at_once = {f"{said}; name another endpoint, or write kind: realtime": not endpoint.config_settings.get(ASYNC)}
        return [
            said
            for said, stands in (instance_obstacles(endpoint) | shared_by_models(endpoint) | at_once).items()
            if stands
        ]

    @property
    def supported(self) -> str:
        """The endpoints that have no ``obstacles``, in words."""
        return "asynchronous endpoints with one variant"

    def warnings(self, stable: "Variant | None") -> list[str]:
        """Where ``stable`` differs from the policy, what an empty fleet means, and what the alarms see."""
        if stable is None:
            return []
        empty = (
            "Stable has no instances now. The candidate gets one, so that it starts before it takes the queue. If no"
            " request is processed in the bake, nothing judges it."
        )
        apart = (
            "SageMaker does not say whether it measures the two fleets of an asynchronous endpoint apart, so alarms"
            " watch both together, too: errors of stable can roll the release back."
        )
        return [*([empty] if not stable.instances else super().warnings(stable)), apart]


def _named(**fields: object) -> "Request":
    """The ``fields`` that have a value."""
    return {name: value for name, value in fields.items() if value}
