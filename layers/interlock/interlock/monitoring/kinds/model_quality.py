"""Model quality: how good the answers were, as soon as ground truth says what was right."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from interlock.model.request import Request
from interlock.monitoring.kinds.labels import Answers, Labels
from interlock.monitoring.kinds.monitor import Monitor, Source, Value, given


class ModelQuality(Monitor, Answers):
    """The documented metrics of classification and regression."""

    sources: ClassVar[tuple[Source, ...]] = (
        Source("ModelQuality", "Statistics", "Statistics", "statistics.json"),
        Source("ModelQuality", "Constraints", "Constraints", "constraints.json"),
    )
    needs_labels: ClassVar[bool] = True

    kind: Literal["model_quality"] = Field(description="How good the answers were, from ground truth.")
    problem: Literal["binary_classification", "multiclass_classification", "regression"] = Field(
        description="What the model answers; it decides the metrics."
    )
    positive: Value = Field("1", description="The class that counts as positive, of a binary classification.")
    classes: Annotated[tuple[Value, ...], Field(max_length=200)] = Field(
        (), description="The classes in the order of the model's probabilities."
    )
    labels: Labels = Field(default_factory=Labels, description="How long ground truth is awaited.")

    def settings(self) -> Request:
        """Everything that a person wrote, in the words of the policy."""
        return {
            "problem": self.problem,
            "positive": self.positive,
            "classes": list(self.classes),
            "labels": self.labels.settings(),
            **given(
                inference_attribute=self.inference_attribute,
                probability_attribute=self.probability_attribute,
                probability_threshold_attribute=self.probability_threshold_attribute,
            ),
        }
