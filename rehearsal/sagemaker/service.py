"""The service simulator "sagemaker": registry, models and configurations, endpoints, as one service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.clock import Clock
from rehearsal.sagemaker.capture import Capture, WriteObject
from rehearsal.sagemaker.components import Components, Hosts
from rehearsal.sagemaker.containers import Containers, KeysUnder, ReadObject
from rehearsal.sagemaker.endpoints import Endpoints
from rehearsal.sagemaker.hosting import Hosting
from rehearsal.sagemaker.keys import Keys, OpenKeys
from rehearsal.sagemaker.lineage import Lineage
from rehearsal.sagemaker.measurements import Publish
from rehearsal.sagemaker.monitoring import Monitoring
from rehearsal.sagemaker.names import Emit, Names
from rehearsal.sagemaker.options import Options
from rehearsal.sagemaker.pipelines import Pipelines
from rehearsal.sagemaker.processing import Processing
from rehearsal.sagemaker.registry import Registry
from rehearsal.sagemaker.runtime import SageMakerRuntime
from rehearsal.sagemaker.sdk import Call
from rehearsal.sagemaker.storage import Storage
from rehearsal.sagemaker.tags import Tags
from rehearsal.sagemaker.training import Training
from rehearsal.sagemaker.transform import Transforms
from rehearsal.services.autoscaling import Autoscaling

_PARTS = (
    "registry",
    "hosting",
    "endpoints",
    "components",
    "processing",
    "monitoring",
    "training",
    "transforms",
    "pipelines",
    "lineage",
    "tags",
)


class SageMaker:
    """Offers the operations of its parts under their names; `runtime` is the service simulator "sagemaker-runtime".

    `emit(source, detail_type, detail, resources)` sends an event; `read_object(bucket, key)` reads S3 (LookupError
    when absent), `keys_under(bucket, prefix)` lists it; `write_object(bucket, key, body, role, kms_key)` writes to it
    as a role (AwsError when that may not); `storage` is S3 for jobs, which are not offered without it; `call` is how
    their programs call AWS; `assumable(role)` says whether a role trusts SageMaker; `keys` are those of the customer;
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
        keys_under: KeysUnder = lambda bucket, prefix: (),
        alarm_state: Callable[[str], str | None],
        publish: Publish,
        autoscaling: Autoscaling,
        options: Options | None = None,
        write_object: WriteObject = lambda bucket, key, body, role, kms_key: None,
        storage: Storage | None = None,
        call: Call | None = None,
        keys: Keys | None = None,
        assumable: Callable[[str], bool] = lambda role: True,
    ) -> None:
        names, chosen, keys = Names(region, account), options or Options(), keys or OpenKeys()
        self.names = names
        self.tags = Tags(clock, chosen)
        self.containers = containers = Containers(read_object, keys_under)
        self.lineage = Lineage(clock, names, chosen)
        self.registry = Registry(clock, emit, names, chosen, self.lineage.registered, keys, containers.etag)
        self.hosting = Hosting(clock, emit, names, chosen, self.registry, containers, self.tags)
        self.endpoints = Endpoints(
            clock, emit, names, chosen, self.hosting, containers, alarm_state, autoscaling, keys, self.tags
        )
        hosts = Hosts(self.endpoints.hosting_variants, self.endpoints.rerouting)
        self.components = Components(clock, names, chosen, self.hosting, containers, alarm_state, self.tags, hosts)
        self.endpoints.components = self.components.routes
        self.endpoints.hosted = lambda endpoint: bool(self.components.of(endpoint))
        self.capture = Capture(clock, chosen, write_object)
        self.monitoring = Monitoring(clock)
        self.processing = Processing(clock, emit, names, chosen, storage, call, assumable, keys) if storage else None
        self.training = Training(clock, emit, names, chosen, storage, call) if storage else None
        self.pipelines = Pipelines(clock, emit, names, chosen, storage, self.__getattr__) if storage else None
        self.transforms = (
            Transforms(clock, emit, names, chosen, storage, self.hosting, containers, keys, self.tags)
            if storage
            else None
        )
        self.runtime = SageMakerRuntime(clock, self.endpoints, publish, names, chosen, self.capture)

    def __getattr__(self, operation: str) -> Any:
        for part in _PARTS:
            offered = getattr(self.__dict__.get(part), operation, None)
            if offered is not None:
                return offered
        raise AttributeError(operation)
