"""The section ``monitoring`` of a policy."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from interlock.model.fields import INSTANCE_TYPE, S3_FOLDER, Part
from interlock.monitoring.kinds.monitor import ColumnName
from interlock.monitoring.kinds.registry import AnyMonitor

AlarmName = Annotated[str, Field(min_length=1, max_length=255)]


class Monitoring(Part):
    """What is watched while a version serves."""

    columns: Annotated[tuple[ColumnName, ...], Field(max_length=2000)] = Field(
        (), description="The columns of a captured CSV request, in order. JSON requests name them themselves."
    )
    monitors: Annotated[tuple[AnyMonitor, ...], Field(max_length=10)] = Field((), description="The jobs that look.")
    alarms: Annotated[tuple[AlarmName, ...], Field(max_length=50)] = Field(
        (), description="CloudWatch alarms of your own that are signals."
    )
    training_data: Annotated[str, Field(pattern=S3_FOLDER, max_length=1024)] | None = Field(
        None, description="CSV files with a header, from which a baseline is made where a version brings none."
    )
    instance_type: Annotated[str, Field(pattern=INSTANCE_TYPE)] = Field("ml.m5.large", description="Of the jobs.")
    instances: Annotated[int, Field(ge=1, le=20)] = Field(
        1, description="Instances of a job. With several, each reads a part and a second job merges the parts."
    )

    @field_validator("columns")
    @classmethod
    def _named_once(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise ValueError(f"each column has a name of its own; got {', '.join(twice)} twice")
        return columns

    @field_validator("monitors")
    @classmethod
    def _go_together(cls, monitors: tuple[AnyMonitor, ...], info: ValidationInfo) -> tuple[AnyMonitor, ...]:
        names = [monitor.name for monitor in monitors]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"each monitor has a name of its own; got {', '.join(twice)} twice")
        columns = info.data.get("columns")
        for monitor in monitors:
            missing = [name for name in monitor.columns_named if columns and name not in columns]
            if missing:
                raise ValueError(f"{monitor.name} names {', '.join(missing)}, which is not in columns; add it there")
        return monitors

    @property
    def naming_columns(self) -> str:
        """The first monitor that names columns; empty if none does."""
        return next((monitor.name for monitor in self.monitors if monitor.columns_named), "")
