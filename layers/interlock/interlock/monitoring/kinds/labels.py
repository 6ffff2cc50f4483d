"""Ground truth that comes late, and where a model's answer has what is compared with it."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from interlock.model.fields import SHARE_SCHEMA, Duration, Part
from interlock.model.quantities import fraction, in_words
from interlock.model.request import Request
from interlock.monitoring.kinds.monitor import DAY, Value, given

LONGEST_WAIT = 60 * DAY
"""Seconds for which labels may be awaited: a job reads the labels of each month of the wait, and takes few inputs."""

AtLeast = Annotated[float, BeforeValidator(fraction), WithJsonSchema(SHARE_SCHEMA)]


Path = Annotated[str, Field(min_length=1, max_length=256)]
"""The number of a CSV field (``"0"``), or a path into JSON (``predictions[0].score``)."""

Problem = Literal["binary_classification", "multiclass_classification", "regression"]


class Labels(Part):
    """How long ground truth is awaited."""

    wait: Duration = Field(0, description="A window is judged this long after its end.")
    give_up: Duration = Field(5 * DAY, description="Labels that miss after this long are not awaited any more.")
    at_least: AtLeast = Field(0.8, description="The share of records that must have a label, for example 80%.")
    id_attribute: Path | None = Field(None, description="Where a label names its event; default: eventId and the like.")
    label_attribute: Path | None = Field(None, description="Where a label has its value, in a form of your own.")

    @model_validator(mode="after")
    def _waits_in_order(self) -> Self:
        if self.give_up < self.wait:
            raise ValueError(f"give_up must not be shorter than wait; got {in_words(self.give_up)}")
        if self.give_up > LONGEST_WAIT:
            raise ValueError(f"give_up is at most {in_words(LONGEST_WAIT)}; got {in_words(self.give_up)}")
        return self

    def settings(self) -> Request:
        """What the program must know; the waiting is the planner's. ``at_least`` is a share from 0 to 1."""
        attributes = given(id_attribute=self.id_attribute, label_attribute=self.label_attribute)
        return {"at_least": self.at_least, **attributes}


class Answers(Part):
    """How the model's answer is understood. The names are those of botocore's CreateModelQualityJobDefinition."""

    positive: Value = Field("1", description="The class that counts as positive, or is the good one for a person.")
    classes: Annotated[tuple[Value, ...], Field(max_length=200)] = Field(
        (), description="The classes in the order of the model's probabilities."
    )
    inference_attribute: Path | None = Field(None, description="Where the answer has the label: 0, or a path in JSON.")
    probability_attribute: Path | None = Field(None, description="Where the answer has the probability.")
    probability_threshold_attribute: Annotated[float, Field(ge=0, le=1)] | None = Field(
        None, description="From this probability on, an answer is positive; 0.5 by default."
    )

    def reading(self) -> Request:
        """How the program reads an answer."""
        return {
            "positive": self.positive,
            "classes": list(self.classes),
            **given(
                inference_attribute=self.inference_attribute,
                probability_attribute=self.probability_attribute,
                probability_threshold_attribute=self.probability_threshold_attribute,
            ),
        }
