"""Model quality: how good the answers were, as soon as ground truth says what was right."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from interlock.model.fields import SHARE_SCHEMA, Part
from interlock.model.quantities import fraction
from interlock.model.request import Request
from interlock.monitoring.kinds.labels import Answers, Labels, Problem
from interlock.monitoring.kinds.monitor import ColumnName, Monitor, Source, Value, given


class TrainingColumns(Part):
    """Which columns of the training data a baseline is made from."""

    label: ColumnName = Field("label", description="What was right.")
    prediction: ColumnName = Field("prediction", description="What the model said.")
    probability: ColumnName = Field("probability", description="How probable the model said it is.")


class ModelQuality(Monitor, Answers):
    """The documented metrics of classification and regression."""

    sources: ClassVar[tuple[Source, ...]] = (
        Source("ModelQuality", "Statistics", "Statistics", "statistics.json"),
        Source("ModelQuality", "Constraints", "Constraints", "constraints.json"),
    )

    kind: Literal["model_quality"] = Field(description="How good the answers were, from ground truth.")
    problem: Problem = Field(description="What the model answers; it decides the metrics.")
    negative: Value | None = Field(None, description="The other class, of a binary classification.")
    labels: Labels = Field(default_factory=Labels, description="How long ground truth is awaited.")
    smallest_drop: Annotated[float, BeforeValidator(fraction), Field(ge=0, le=0.5), WithJsonSchema(SHARE_SCHEMA)] = (
        Field(0.01, description="A metric that is worse by less is no violation, however sure it is.")
    )
    training_columns: TrainingColumns | None = Field(
        None, description="The columns of training_data that a baseline is made from, if they have other names."
    )

    def settings(self) -> Request:
        """In the words of the program: ``baseline`` names the columns of the training data."""
        columns = self.training_columns
        named = columns and {
            "ground_truth_attribute": columns.label,
            "inference_attribute": columns.prediction,
            "probability_attribute": columns.probability,
        }
        return {
            "problem": self.problem,
            "labels": self.labels.settings(),
            "smallest_drop": self.smallest_drop,
            **self.reading(),
            **given(negative=self.negative, baseline=named),
        }
