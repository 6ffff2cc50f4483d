"""What every act of a scenario is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rehearsal.scenario.entries import Duration, Entry

if TYPE_CHECKING:
    from rehearsal.world import World


class Act(Entry):
    """Something done `at` a time counted from the scenario's start."""

    at: Duration

    def perform(self, world: World, folder: Path) -> None:
        """Do it now; `folder` is where the scenario's files are."""
        raise NotImplementedError
