"""Feature attribution: whether the model still decides by the same features, in the same order."""

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.monitoring.kinds.labels import Answers, Problem
from interlock.monitoring.kinds.monitor import Monitor, Source, given


class Attribution(Monitor, Answers):
    """Global SHAP values against the order of the baseline's: NDCG below 0.9 is drift (docs:
    clarify-model-monitor-model-attribution-drift-violations). Calls are captured, with an inference id of their own."""

    sources: ClassVar[tuple[Source, ...]] = (Source("Explainability", "Constraints", "Report", "analysis.json"),)
    whole_folder: ClassVar[bool] = True  # background.json
    calls_models: ClassVar[bool] = True
    in_parts: ClassVar[bool] = False

    kind: Literal["attribution"] = Field(description="Whether the same features matter, in the same order.")
    model_calls: Annotated[int, Field(ge=100, le=1_000_000)] = Field(
        20_000, description="How often a run may call the model."
    )
    per_second: Annotated[int, Field(ge=1, le=1000)] = Field(20, description="How often a second at most.")
    content_type: Literal["text/csv", "application/json"] = Field(
        "text/csv", description="How the model is asked; JSON requests have the names of the columns."
    )
    problem: Problem | None = Field(None, description="What the model answers; binary_classification by default.")

    @model_validator(mode="before")
    @classmethod
    def _has_no_container(cls, written: Any) -> Any:
        if isinstance(written, dict) and "clarify_image" in written:
            raise ValueError(
                "Clarify's container makes an endpoint of its own for attributions, and Interlock's jobs may not create"
                " any; leave clarify_image out here, or write it at a monitor of kind bias"
            )
        return written

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
        """The budget of calls, and how to read an answer."""
        return {
            "model_calls": self.model_calls,
            "per_second": self.per_second,
            "content_type": self.content_type,
            **self.reading(),
            **given(problem=self.problem),
        }
