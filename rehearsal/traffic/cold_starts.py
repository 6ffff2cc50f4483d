"""Cold starts of serverless variants: requests that wait until a container has started (docs: serverless-endpoints).

How long a container is kept without requests is not documented ("a while"), and how long one takes to start depends on
the model; both numbers are plausible and no more.
"""

from __future__ import annotations

import math
from collections.abc import Hashable

import numpy as np
from numpy.typing import NDArray

from rehearsal.sagemaker.fleets import Route

SETUP = 6.0  # seconds
KEPT = 300.0  # seconds without a request


class ColdStarts:
    """Which variants are warm, and until when."""

    def __init__(self) -> None:
        self._warm_until: dict[Hashable, float] = {}

    def of(self, route: Route, begin: float, end: float, requests: int) -> NDArray[np.float64]:
        """The set-up times (µs) of the containers that these requests found not started yet. Until the first one has
        started, each request starts another, up to MaxConcurrency. Provisioned ones are started already."""
        if route.serverless is None:
            return np.zeros(0)
        key, warm = (route.config, route.variant), route.serverless.get("ProvisionedConcurrency", 0) > 0
        cold = not warm and begin >= self._warm_until.get(key, -math.inf)
        self._warm_until[key] = end + KEPT
        if not cold:
            return np.zeros(0)
        meanwhile = math.ceil(requests * min(SETUP / max(end - begin, SETUP), 1.0))
        return np.full(min(meanwhile, route.serverless["MaxConcurrency"]), SETUP * 1e6)
