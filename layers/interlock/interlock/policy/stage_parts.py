"""Small parts of a stage: the smoke test, what follows where the evidence is not conclusive, and the way back."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from interlock.model.fields import Duration, Part, SageMakerName
from interlock.model.quantities import in_words


class SmokeTest(Part):
    """One request the candidate must answer before it gets traffic."""

    content_type: str = "text/csv"
    body: Annotated[str, Field(min_length=1, max_length=6_000)]
    container: SageMakerName | None = Field(
        None, description="With mode: direct, the ContainerHostname of the container that is asked."
    )


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


SHORTEST_STANDBY, LONGEST_STANDBY = 60, 7 * 86_400
"""Seconds: one period of SageMaker's metrics; and a week with two fleets."""


class Rollback(Part):
    """For how long one call takes a version back that is live."""

    watch: Duration = Field(0, description="How long after success the rules of evidence are judged, too, 1m to 7d.")
    standby: Duration = Field(
        0, description="How long after success stable stays beside the version without traffic, 1m to 7d."
    )

    @field_validator("watch", "standby")
    @classmethod
    def _is_a_time_to_go_back(cls, written: int, info: ValidationInfo) -> int:
        if not SHORTEST_STANDBY <= written <= LONGEST_STANDBY:
            raise ValueError(f"write from 1m to 7d, for example 2h; got {in_words(written)}")
        if written < info.data.get("watch", 0):
            least = in_words(info.data["watch"])
            raise ValueError(f"stable stays while the version is watched; write {least} or more, or leave it out")
        return written

    @property
    def stays(self) -> int:
        """Seconds for which stable stays after success; 0 if it goes at once."""
        return self.standby or self.watch
