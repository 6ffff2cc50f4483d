"""Feature attribution: whether the model still decides by the same features, in the same order."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from interlock.model.fields import SageMakerName
from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.monitoring.kinds.labels import Answers
from interlock.monitoring.kinds.monitor import ImageUri, Monitor, Source, given

THRESHOLD = 0.9
"""NDCG below which Model Monitor calls it drift (docs: clarify-model-monitor-model-attribution-drift-violations)."""


class Attribution(Monitor, Answers):
    """Global SHAP values against the order of the baseline's."""

    sources: ClassVar[tuple[Source, ...]] = (Source("Explainability", "Constraints", "Report", "analysis.json"),)
    calls_models: ClassVar[bool] = True

    kind: Literal["attribution"] = Field(description="Whether the same features matter, in the same order.")
    model_calls: Annotated[int, Field(ge=100, le=1_000_000)] = Field(
        20_000, description="How often a run may call the model."
    )
    per_second: Annotated[int, Field(ge=1, le=1000)] = Field(20, description="How often a second at most.")
    threshold: Annotated[float, Field(gt=0, lt=1)] = Field(THRESHOLD, description="NDCG below this is drift.")
    ask: SageMakerName | None = Field(
        None, description="The endpoint that is called, for example a copy; by default the one that is watched."
    )
    container: ImageUri | None = Field(None, description="Clarify's container, for teams who still have it.")

    @model_validator(mode="after")
    def _is_done_before_the_next(self) -> Self:
        takes = self.model_calls // self.per_second
        if takes > self.every // 2:
            said = f"{self.model_calls} calls at {self.per_second} a second take {in_words(takes)}"
            raise ValueError(
                f"{said}, which is more than half a window; write fewer model_calls or a larger per_second"
            )
        return self

    def settings(self) -> Request:
        """``ask`` is left out where the watched endpoint is meant."""
        return {
            "model_calls": self.model_calls,
            "per_second": self.per_second,
            "threshold": self.threshold,
            **given(
                ask=self.ask,
                inference_attribute=self.inference_attribute,
                probability_attribute=self.probability_attribute,
            ),
        }
