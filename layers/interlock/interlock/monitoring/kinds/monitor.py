"""What every kind of monitor has in common, and what the program that runs it must be told."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from interlock.model.fields import STAGE_NAME, Duration, Part
from interlock.model.quantities import in_words
from interlock.model.request import Request

HOUR, DAY = 3600, 86400


def _aligned(every: int) -> int:
    if every not in (HOUR, DAY):
        said = "windows are whole hours or days of UTC, as those of Model Monitor's schedules; write 1h or 1d"
        raise ValueError(f"{said}; got {in_words(every)}")
    return every


def _as_text(written: object) -> object:
    """A value of a column as the captured text has it: YAML reads ``1`` and ``true`` as something else than text."""
    if isinstance(written, bool):
        return str(written).lower()
    return f"{written:g}" if isinstance(written, int | float) else written


_WRITTEN_VALUE = str | int | float | bool

Every = Annotated[Duration, AfterValidator(_aligned), WithJsonSchema({"enum": ["1h", "1d"]})]
"""Seconds of a window."""

Value = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=_WRITTEN_VALUE), Field(max_length=256)]
"""A value of a column, as text."""

ColumnName = Annotated[str, Field(min_length=1, max_length=256)]


@dataclass(frozen=True)
class Source:
    """Where a baseline file stands in a package: ``section`` and ``field`` of DriftCheckBaselines, else ``report`` of
    the same section of ModelMetrics (botocore DescribeModelPackageOutput); and its ``name`` for the program."""

    section: str
    field: str
    report: str
    name: str


class Monitor(Part):
    """A job that looks at each window of the captured traffic."""

    sources: ClassVar[tuple[Source, ...]] = ()
    """The files of a baseline."""
    whole_folder: ClassVar[bool] = False
    """Whether what lies beside a file of the baseline belongs to it, too."""
    calls_models: ClassVar[bool] = False
    """Whether the job calls an endpoint, for which it needs the network."""
    in_parts: ClassVar[bool] = True
    """Whether several instances can share the work."""

    @property
    def container(self) -> str:
        """The image that computes the metrics; empty if Interlock's program does."""
        return ""

    name: Annotated[str, Field(pattern=STAGE_NAME)] = Field(description="The name of the monitor, once per policy.")
    every: Every = Field(description="The length of a window: 1h or 1d, aligned to UTC.")
    min_records: Annotated[int, Field(ge=1)] = Field(
        200, description="With fewer captured records, a window is too thin to judge."
    )

    @property
    def columns_named(self) -> tuple[str, ...]:
        """The columns that the monitor must find in each record."""
        return ()

    def settings(self) -> Request:
        """What only this kind needs to know, for the program's config.json."""
        return {}


def given(**settings: Any) -> Request:
    """``settings`` without those that are None."""
    return {name: value for name, value in settings.items() if value is not None}
