"""Names in a scenario file that something else gives: models, and AWS's services and their operations."""

from __future__ import annotations

from typing import Annotated, Self

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from pydantic import AfterValidator, model_validator

from rehearsal import models
from rehearsal.account.shapes import service_model
from rehearsal.scenario.entries import Entry, did_you_mean, not_so


def _trained(kind: str) -> str:
    if kind not in models.KINDS and not models.own.is_path(kind):
        known = list(models.KINDS)
        more = "; or write the path of a model.tar.gz, from the folder of the scenario"
        raise ValueError(f"no model {kind}{did_you_mean([kind], known)} Known: {', '.join(known)}{more}")
    return kind


def _drift(name: str) -> str:
    if name not in models.customers.DRIFTS:
        known = list(models.customers.DRIFTS)
        raise ValueError(f"no drift {name}{did_you_mean([name], known)} Known: {', '.join(known)}")
    return name


Drift = Annotated[str, AfterValidator(_drift)]
ModelKind = Annotated[str, AfterValidator(_trained)]


def must_exist(service: str, operation: str | None) -> None:
    """Raises a validation error unless botocore knows the service, and the operation if there is one."""
    try:
        known = list(service_model(service).operation_names)
    except UnknownServiceError:
        services = Loader().list_available_services("service-2")
        hint = did_you_mean([service], services)
        raise not_so(f"AWS has no service {service}{hint}", "service") from None
    if operation is not None and operation not in known:
        hint = did_you_mean([operation], known)
        raise not_so(f"{service} has no operation {operation}{hint}", "operation")


class Operation(Entry):
    """An operation of AWS, by botocore's names of the service and of the operation."""

    service: str
    operation: str

    @model_validator(mode="after")
    def _botocore_knows_it(self) -> Self:
        must_exist(self.service, self.operation)
        return self
