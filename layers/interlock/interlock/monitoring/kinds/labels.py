"""Ground truth that comes late, and where a model's answer has what is compared with it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from interlock.model.fields import SHARE_SCHEMA, Duration, Part
from interlock.model.quantities import fraction, in_words
from interlock.model.request import Request
from interlock.monitoring.kinds.monitor import DAY

LONGEST_WAIT = 60 * DAY
"""Seconds for which labels may be awaited: a job reads the labels of each month of the wait, and takes few inputs."""

AtLeast = Annotated[float, BeforeValidator(fraction), WithJsonSchema(SHARE_SCHEMA)]


class Labels(Part):
    """How long ground truth is awaited."""

    wait: Duration = Field(0, description="A window is judged this long after its end.")
    give_up: Duration = Field(5 * DAY, description="Labels that miss after this long are not awaited any more.")
    at_least: AtLeast = Field(0.8, description="The share of records that must have a label, for example 80%.")

    @model_validator(mode="after")
    def _waits_in_order(self) -> Self:
        if self.give_up < self.wait:
            raise ValueError(f"give_up must not be shorter than wait; got {in_words(self.give_up)}")
        if self.give_up > LONGEST_WAIT:
            raise ValueError(f"give_up is at most {in_words(LONGEST_WAIT)}; got {in_words(self.give_up)}")
        return self

    def settings(self) -> Request:
        """Seconds, and a share from 0 to 1."""
        return {"wait": self.wait, "give_up": self.give_up, "at_least": self.at_least}


class Answers(Part):
    """Where the model's answer has its prediction: the number of a CSV field (``"0"``) or a path into JSON
    (``predictions[0].score``), as in botocore's CreateModelQualityJobDefinition."""

    inference_attribute: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    probability_attribute: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    probability_threshold_attribute: Annotated[float, Field(ge=0, le=1)] | None = None
