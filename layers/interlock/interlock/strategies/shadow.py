"""Shadow: the candidate gets copies of requests and answers nobody; if it is good, it then gets all traffic at once."""

from typing import Literal

from pydantic import Field

from interlock.strategies.sampling import Sampling, in_percent
from interlock.strategies.strategy import Baked


class Shadow(Baked):
    """Copies of requests first, then all traffic at once."""

    kind: Literal["shadow"] = Field(description="Copies of requests first, then all traffic at once.")
    sampling: Sampling = Field(description="The share of the requests of which the candidate gets a copy, 1% to 100%.")

    @property
    def copied(self) -> float:
        """What the policy says."""
        return in_percent(self.sampling)
