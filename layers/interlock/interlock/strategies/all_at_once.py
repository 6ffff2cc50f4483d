"""All at once: the candidate gets all traffic in one step, and stable stays for one bake."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from interlock.model.request import Request
from interlock.strategies.strategy import BlueGreen


class AllAtOnce(BlueGreen):
    """All traffic at once."""

    kind: Literal["all_at_once"] = Field(description="All traffic at once.")

    @property
    def shares(self) -> tuple[int, ...]:
        """One step, to 100 %."""
        return (100,)

    @property
    def routing(self) -> Request:
        """One shift without a wait; what follows is the wait before stable ends (botocore TrafficRoutingConfig)."""
        return {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
