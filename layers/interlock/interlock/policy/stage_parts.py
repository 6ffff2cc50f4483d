"""Small parts of a stage: the smoke test, and what follows where the evidence is not conclusive."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from interlock.model.fields import Part


class SmokeTest(Part):
    """One request the candidate must answer before it gets traffic."""

    content_type: str = "text/csv"
    body: Annotated[str, Field(min_length=1, max_length=6_000)]


EXTENDED_BAKES = 20
"""How often a step is baked if the policy says to extend: with this traffic, more bakes would hardly ever bring a
verdict."""


class Inconclusive(Part):
    """What to do when the verdict of a bake is Inconclusive."""

    extensions: Annotated[int, Field(ge=0, le=100)] = Field(2, description="How often the bake is repeated.")
    then: Literal["roll_back", "promote", "hold", "extend"] = Field(
        "roll_back",
        description="And then: roll back, go on, wait a day for a person, or bake again, at most twenty times.",
    )

    @property
    def bakes(self) -> int:
        """How often a step is baked at most."""
        return max(1 + self.extensions, EXTENDED_BAKES) if self.then == "extend" else 1 + self.extensions
