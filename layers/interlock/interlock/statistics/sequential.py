"""Sequential tests: they may be looked at as often as one likes.

Two tests share the chance of a false alarm. The *patient* one is made for one horizon: it adds up excess harm until the
sum passes a fixed bound, and needs little more data than a test that may look only once. The *anytime* one is an
e-process: it finds a plain failure at once and has no end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import ceil, exp, log, sqrt

from interlock.statistics.distributions import normal_quantile, normal_tail

ANYTIME_SHARE = 0.04
"""The part of the chance of a false alarm that the anytime test may spend."""

LATER_SHARE = 0.04
"""The part of its chance that the patient test keeps for after its horizon."""

LATER = 2.0
"""How many times as far as the one before each later horizon lies."""

POWER = 0.8
"""Chance that a difference of the size of the margin is found by the horizon."""

FEWEST_BLOCKS = 16
"""The fewest blocks that periods are grouped into when neighbouring periods are alike."""


@dataclass(frozen=True)
class Patient:
    """A test against no difference whose chance of a false alarm is ``alpha`` however often it looks.

    Scores are summed until they pass a bound that stays the same up to the ``horizon`` (of information: the variance of
    the sum). A sum of symmetric scores passes it at any look with at most twice the chance that it does at the last one
    (Lévy's inequality; the bound has the shape of O'Brien and Fleming 1979). Bounds for later horizons, each twice as
    far, share what is left of ``alpha``.
    """

    alpha: float
    horizon: float

    def limit(self, information: float, skewness: float = 0.0) -> float:
        """What the sum of scores must reach at ``information``, in its standard deviations there.

        ``skewness``: the third cumulant of the scores over their variance; the bound grows with it as the tail of a
        skewed sum does (Cornish and Fisher 1938), and never shrinks.
        """
        later = max(0, ceil(log(information / self.horizon) / log(LATER) - 1e-9))
        bound, horizon = deviations(self.alpha, later), self.horizon * LATER**later
        bound += max(skewness, 0.0) / sqrt(horizon) * (bound * bound - 1.0) / 6.0
        return bound * sqrt(horizon / information)


@cache
def deviations(alpha: float, later: int = 0) -> float:
    """The patient test's bound, in standard deviations at its horizon, or at one of those that come ``later``."""
    spent = alpha * (LATER_SHARE * 0.5**later if later else 1.0 - LATER_SHARE)
    return normal_quantile(spent / 2.0)


def crossing(bound: float, drift: float) -> float:
    """The chance that a Brownian motion with ``drift`` passes ``bound`` before time 1 (Siegmund 1985, eq. 3.13)."""
    reflected = normal_tail(bound + drift)
    return normal_tail(bound - drift) + (exp(2.0 * bound * drift + log(reflected)) if reflected else 0.0)


@cache
def information_to_find(effect: float, alpha: float) -> float:
    """The horizon by which a patient test finds ``effect`` (the drift of the scores per unit of information) with
    chance POWER."""
    bound = deviations(alpha)
    low, high = 0.0, bound + 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if crossing(bound, middle) < POWER else (low, middle)
    return (high / effect) ** 2
