"""What strategies have in common that move the traffic by several steps."""

from pydantic import Field, ValidationInfo, field_validator

from interlock.strategies.sampling import Sampling, in_percent
from interlock.strategies.strategy import Baked


class Gradual(Baked):
    """A strategy with steps at which stable and candidate serve side by side."""

    baseline: bool = Field(
        False, description="Compares the candidate with a fresh copy of stable, which is as large as the candidate."
    )
    shadow: Sampling = Field(
        0.0, description="Before the first step the candidate gets copies of this share, and answers nobody."
    )

    @field_validator("baseline")
    @classmethod
    def _a_baseline_stands_beside(cls, baseline: bool, info: ValidationInfo) -> bool:
        if baseline and info.data.get("traffic") == "native":
            fits = f"kind: {info.data['kind']} and traffic: weights"
            raise ValueError(f"a baseline needs weights; write {fits}, or leave it out")
        return baseline

    @property
    def copied(self) -> float:
        """What the policy says."""
        return in_percent(self.shadow)

    @property
    def brings_baseline(self) -> bool:
        """Whether the candidate is compared with a fresh copy of stable."""
        return self.baseline
