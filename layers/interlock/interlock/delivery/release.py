"""A release: the version, the stage and the endpoint that its steps are made for, and the names of what they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from interlock.delivery.pointer import Pointer
from interlock.evidence.metrics import METRICS, Metric
from interlock.model.names import resource_name, variant_name
from interlock.model.observation import Endpoint, Variant
from interlock.model.protection import Protection
from interlock.model.request import Request
from interlock.model.version import Version
from interlock.policy.stage import Stage


@dataclass(frozen=True)
class Release:
    """One version on its way to one endpoint.

    ``endpoint`` is None when there is none yet. ``role``: the ARN of the models' execution role. ``catalog``: the
    metrics that the policy's rules may name. ``references``: stable's own percentiles before the release
    (microseconds), of the metrics that are compared. ``bucket``: where captured traffic goes. ``protection``: what the
    policy requires; ``network``: of the candidate's model (botocore CreateModel: VpcConfig, EnableNetworkIsolation).
    ``scaling``: how stable is registered with Application Auto Scaling (see registration); empty if it is not.
    ``pointer``: what tells callers which key to name, on hosting where they name one.
    ``trials``: the S3 URI under which its transform jobs write; empty if the stack has none.
    ``host``: the endpoint itself, where ``endpoint`` is an inference component on it.
    """

    name: str
    version: Version
    stage: Stage
    role: str
    endpoint: Endpoint | None = None
    catalog: Mapping[str, Metric] = field(default_factory=lambda: METRICS)
    references: Mapping[str, float] = field(default_factory=dict)
    bucket: str = ""
    protection: Protection = field(default_factory=Protection)
    network: Request = field(default_factory=dict)
    scaling: Request = field(default_factory=dict)
    pointer: Pointer | None = None
    host: Endpoint | None = None
    trials: str = ""

    @property
    def published(self) -> Pointer:
        """The pointer. Raises ValueError on hosting that has none."""
        if self.pointer is None:
            raise ValueError("on this hosting callers follow no pointer")
        return self.pointer

    @property
    def model(self) -> str:
        return resource_name(self.name)

    @property
    def config(self) -> str:
        """The config that holds the candidate alone."""
        return resource_name(self.name)

    @property
    def transition(self) -> str:
        """The config that holds stable and candidate side by side."""
        return resource_name(self.name, "canary")

    @property
    def shadow(self) -> str:
        """The config in which the candidate is stable's shadow; empty if the policy asks for none."""
        return resource_name(self.name, "shadow") if self.stage.strategy.copied else ""

    @property
    def stable(self) -> Variant:
        """The variant that serves now. Raises ValueError if there is no endpoint."""
        if self.endpoint is None:
            raise ValueError("traffic can only be moved on an endpoint that exists")
        return self.endpoint.variants[0]

    @property
    def in_force(self) -> Request:
        """The settings that a new endpoint config takes over from the one that serves now, if any, with those of its
        kind of hosting and the key that the policy requires."""
        key, live = self.protection.volume_key, self.endpoint.config_settings if self.endpoint else {}
        own = self.stage.hosting.settings(live, self.protection.output)
        return {**live, **own, **({"KmsKeyId": key} if key else {})}

    @property
    def capture(self) -> Request:
        """The DataCaptureConfig that the policy asks for; empty if it asks for none."""
        return captured(self.stage, self.protection, self.bucket)

    @property
    def candidate(self) -> str:
        """The name of the candidate's variant, where it serves beside stable."""
        return variant_name(self.name)

    @property
    def baseline(self) -> str:
        """The name of stable's fresh copy, as large as the candidate; empty if the policy asks for none."""
        return variant_name(self.name, "baseline") if self.stage.strategy.brings_baseline else ""

    def split(self, percent: int) -> dict[str, float]:
        """Percent of the traffic of each variant, by name, with the candidate at ``percent``."""
        baseline = self.stage.strategy.compared_share(percent) if self.baseline else 0.0
        shares = {self.stable.name: 100.0 - percent - baseline, self.baseline: baseline, self.candidate: float(percent)}
        return {name: share for name, share in shares.items() if name}


def captured(stage: Stage, protection: Protection, bucket: str) -> Request:
    """The DataCaptureConfig into ``bucket`` that the policy asks for, with the key that it requires unless it names
    another one; empty if it asks for none."""
    asked = stage.hosting.capture(bucket)
    return {**protection.output, **asked} if asked else {}
