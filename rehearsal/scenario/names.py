"""Names in a scenario file that something else gives: the trained models, and AWS's services and their operations."""

from __future__ import annotations

from typing import Annotated, Self

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from pydantic import AfterValidator, model_validator

from rehearsal import models
from rehearsal.account.shapes import service_model
from rehearsal.scenario.entries import Entry, did_you_mean, not_so


def _trained(kind: str) -> str:
    if kind not in models.KINDS:
        known = list(models.KINDS)
        raise ValueError(f"no model {kind}{did_you_mean([kind], known)} Known: {', '.join(known)}")
    return kind


def _drift(name: str) -> str:
    if name not in models.customers.DRIFTS:
        known = list(models.customers.DRIFTS)
        raise ValueError(f"no drift {name}{did_you_mean([name], known)} Known: {', '.join(known)}")
    return name


Drift = Annotated[str, AfterValidator(_drift)]
ModelKind = Annotated[str, AfterValidator(_trained)]


class Operation(Entry):
    """An operation of AWS, by botocore's names of the service and of the operation."""

    service: str
    operation: str

    @model_validator(mode="after")
    def _botocore_knows_it(self) -> Self:
        try:
            known = list(service_model(self.service).operation_names)
        except UnknownServiceError:
            services = Loader().list_available_services("service-2")
            hint = did_you_mean([self.service], services)
            raise not_so(f"AWS has no service {self.service}{hint}", "service") from None
        if self.operation not in known:
            hint = did_you_mean([self.operation], known)
            raise not_so(f"{self.service} has no operation {self.operation}{hint}", "operation")
        return self
