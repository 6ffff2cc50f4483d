"""Scores from 0 to 1, counted in fixed fine bins, so that the counts of shards add up exactly.

Each octave of the distance to the nearer end (0.25 to 0.5, 0.125 to 0.25, ...) has 512 bins, down to 2^-30: a score
keeps about three digits wherever it lies, also where all of them are near 0. Within a bin, scores count as equal. How
much that can change the area under the ROC curve is known exactly: half the share of pairs that lie in one bin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

A_OCTAVE = 512
OCTAVES = 30
HALF = A_OCTAVE * OCTAVES + 1
BINS = 2 * HALF

Counts = dict[str, int]
"""Number of a bin, as text -> how many scores lie in it. Bins without scores are left out."""


def bins(scores: Any) -> Any:
    """The bin of each score (an array), from 0 up; a higher score never has a lower bin."""
    values = np.asarray(scores, dtype=float)
    upper = values >= 0.5
    mantissa, exponent = np.frexp(np.where(upper, 1.0 - values, values))
    place = (exponent + OCTAVES - 1) * A_OCTAVE + ((mantissa - 0.5) * 2 * A_OCTAVE).astype(int) + 1
    place = np.clip(np.where(mantissa == 0.0, 0, place), 0, HALF - 1)
    return np.where(upper, BINS - 1 - place, place).astype(int)


def counted(scores: Any) -> Counts:
    """How many scores lie in each bin."""
    numbers, counts = np.unique(bins(scores), return_counts=True) if len(scores) else ((), ())
    return {str(int(number)): int(count) for number, count in zip(numbers, counts, strict=True)}


class Ranking(NamedTuple):
    """Counts of the positive and the negative in each bin that has some, from the highest score to the lowest."""

    positive: Any
    negative: Any


def ranking(positive: Mapping[str, int], negative: Mapping[str, int]) -> Ranking:
    """The two histograms side by side."""
    places = sorted({*map(int, positive), *map(int, negative)}, reverse=True)
    return Ranking(*(np.array([side.get(str(place), 0) for place in places], float) for side in (positive, negative)))


def auc(scores: Ranking) -> tuple[float, float, float]:
    """Area under the ROC curve, its standard error, and how far the bins can be off at most.

    The error is DeLong's (1988): the spread of the placements of the positive among the negative, and the other way.
    """
    positives, negatives = scores.positive.sum(), scores.negative.sum()
    below = (negatives - np.cumsum(scores.negative) + 0.5 * scores.negative) / negatives
    above = (np.cumsum(scores.positive) - 0.5 * scores.positive) / positives
    area = float(scores.positive @ below / positives)
    variance = (scores.positive @ (below - area) ** 2) / max(positives - 1.0, 1.0) / positives
    variance += (scores.negative @ (above - area) ** 2) / max(negatives - 1.0, 1.0) / negatives
    tied = float(0.5 * (scores.positive @ scores.negative) / (positives * negatives))
    return area, float(np.sqrt(variance)), tied


def average_precision(scores: Ranking) -> float:
    """Area under the precision-recall curve as steps: the mean precision at each positive (scikit-learn's way)."""
    hits, all_above = np.cumsum(scores.positive), np.cumsum(scores.positive + scores.negative)
    return float((hits / all_above) @ scores.positive / scores.positive.sum())


def curves(scores: Ranking, points: int = 101) -> dict[str, dict[str, list[float]]]:
    """The ROC and the precision-recall curve as Model Monitor writes them, of at most ``points`` points each."""
    hits, alarms = np.cumsum(scores.positive), np.cumsum(scores.negative)
    share = (hits + alarms) / (hits[-1] + alarms[-1])
    chosen = np.unique(np.searchsorted(share, np.linspace(0.0, 1.0, points - 1)).clip(0, len(share) - 1))
    true_positive, false_positive = hits[chosen] / hits[-1], alarms[chosen] / alarms[-1]
    precision = hits[chosen] / (hits[chosen] + alarms[chosen])
    return {
        "receiver_operating_characteristic_curve": {
            "false_positive_rates": [0.0, *map(float, false_positive)],
            "true_positive_rates": [0.0, *map(float, true_positive)],
        },
        "precision_recall_curve": {
            "precisions": [float(precision[0]), *map(float, precision)],
            "recalls": [0.0, *map(float, true_positive)],
        },
    }
