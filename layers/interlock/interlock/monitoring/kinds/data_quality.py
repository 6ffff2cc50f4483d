"""Data quality: whether the requests still look like the data that the model was trained with."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from interlock.model.fields import SHARE_SCHEMA
from interlock.model.quantities import fraction
from interlock.model.request import Request
from interlock.monitoring.kinds.monitor import Monitor, Source

FalseAlarms = Annotated[float, BeforeValidator(fraction), Field(ge=0.0001, le=0.2), WithJsonSchema(SHARE_SCHEMA)]


class DataQuality(Monitor):
    """Types, missing and extra columns, unseen categories and drift of the requests. How far a distribution may move is
    said by the baseline's constraints.json."""

    sources: ClassVar[tuple[Source, ...]] = (
        Source("ModelDataQuality", "Statistics", "Statistics", "statistics.json"),
        Source("ModelDataQuality", "Constraints", "Constraints", "constraints.json"),
    )

    kind: Literal["data_quality"] = Field(description="Types, columns, categories and drift of the requests.")
    false_alarms: FalseAlarms = Field(
        0.01, description="The share of runs, all features together, that may find drift where there is none."
    )

    def settings(self) -> Request:
        """``significance`` of each of the two questions that the program asks: whether distributions moved, and whether
        values are missing. Together they raise false alarms in twice as many runs at most."""
        return {"significance": self.false_alarms / 2}
