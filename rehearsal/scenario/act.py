"""What every act of a scenario is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from rehearsal.scenario.entries import Duration, Entry, not_so
from rehearsal.scenario.when import When

if TYPE_CHECKING:
    from rehearsal.world import World


class Act(Entry):
    """Something done `at` a time counted from the scenario's start, or `when` something else has happened."""

    at: Duration | None = None
    when: When | None = None
    name: str = Field("", description="by which `order` knows what follows from it")
    may_be_refused: bool = Field(False, description="whatever AWS answers; otherwise a refusal ends the rehearsal")

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        if (self.at is None) == (self.when is None):
            raise not_so("write exactly one of at and when")
        return self

    def perform(self, world: World, folder: Path) -> None:
        """Do it now; `folder` is where the scenario's files are."""
        raise NotImplementedError
