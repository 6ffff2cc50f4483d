"""All at once: the candidate gets all traffic in one step, and stable stays for one bake."""

from typing import Literal

from pydantic import Field

from interlock.strategies.strategy import Baked


class AllAtOnce(Baked):
    """All traffic at once."""

    kind: Literal["all_at_once"] = Field(description="All traffic at once.")
