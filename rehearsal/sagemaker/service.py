"""The service simulator "sagemaker": registry, models and configurations, endpoints, as one service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.clock import Clock
from rehearsal.sagemaker.capture import Capture, WriteObject
from rehearsal.sagemaker.containers import Containers, ReadObject
from rehearsal.sagemaker.endpoints import Endpoints
from rehearsal.sagemaker.hosting import Hosting
from rehearsal.sagemaker.measurements import Publish
from rehearsal.sagemaker.names import Emit, Names
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.registry import Registry
from rehearsal.sagemaker.runtime import SageMakerRuntime
from rehearsal.services.autoscaling import Autoscaling


class SageMaker:
    """Offers the operations of its parts under their names; `runtime` is the service simulator "sagemaker-runtime".

    `emit(source, detail_type, detail, resources)` sends an event; `read_object(bucket, key)` reads S3 (LookupError
    when absent);
    `write_object(bucket, key, body, role)` writes to S3 as a role (AwsError when it may not);
    `alarm_state(name)` is the state that rollback alarms are polled for; `publish` takes invocation metrics.
    """

    def __init__(
        self,
        clock: Clock,
        emit: Emit,
        region: str,
        account: str,
        *,
        read_object: ReadObject,
        alarm_state: Callable[[str], str | None],
        publish: Publish,
        autoscaling: Autoscaling,
        options: Options | None = None,
        write_object: WriteObject = lambda bucket, key, body, role: None,
    ) -> None:
        names, chosen = Names(region, account), options or Options()
        containers = Containers(read_object)
        self.registry = Registry(clock, emit, names, chosen)
        self.hosting = Hosting(clock, emit, names, chosen, self.registry, containers)
        self.endpoints = Endpoints(clock, emit, names, chosen, self.hosting, containers, alarm_state, autoscaling)
        self.capture = Capture(clock, chosen, write_object)
        self.runtime = SageMakerRuntime(clock, self.endpoints, publish, names, chosen, self.capture)

    def __getattr__(self, operation: str) -> Any:
        for part in ("registry", "hosting", "endpoints"):
            offered = getattr(self.__dict__.get(part), operation, None)
            if offered is not None:
                return offered
        raise AttributeError(operation)
