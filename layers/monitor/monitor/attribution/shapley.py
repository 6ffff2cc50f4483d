"""Shapley values of a model's features by sampling, and how far their order is from a baseline's.

Štrumbelj, Kononenko 2014 (Knowl. Inf. Syst. 41:647): walk from a row of the background to the row that is explained,
one feature after the other in a random order. What the score changes at a step is that feature's share in this walk,
and the mean over walks is its Shapley value. Each order is walked forwards and backwards (antithetic sampling; Mitchell
et al. 2022, J. Mach. Learn. Res. 23(43)), which makes the mean exact where features act in pairs at most.

The shares of a walk add up to f(row) - f(background) exactly, so those of all walks add up to the difference from the
mean of the backgrounds that were used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

Model = Callable[[Sequence[Sequence[Any]]], np.ndarray]
"""Rows -> a score for each; NaN where the model did not answer."""

RESAMPLES = 2000


class Background(NamedTuple):
    """What features are when they are "not known". ``scores``: the model's, of each row."""

    rows: list[list[Any]]
    scores: np.ndarray


def calls_of_a_row(features: int, pairs: int) -> int:
    """How many scores the explanation of one row takes: f(row), and what lies between the ends of each walk."""
    return 1 + 2 * pairs * max(0, features - 1)


def walks(features: int, pairs: int, seed: int) -> list[np.ndarray]:
    """Random orders of the features, each followed by its reverse. The same seed gives the same orders."""
    chance = np.random.Generator(np.random.PCG64(seed))
    orders = (chance.permutation(features) for _ in range(pairs))
    return [way for order in orders for way in (order, order[::-1])]


def explain(
    row: Sequence[Any], background: Background, model: Model, pairs: int, seed: int
) -> tuple[np.ndarray, float] | None:
    """The Shapley value of each feature of a row and the row's score; None when the model did not answer all.

    The pairs of walks begin at the rows of the background in turn, from the place that the seed says.
    """
    orders = walks(len(row), pairs, seed)
    starts = [(seed + walk // 2) % len(background.rows) for walk in range(len(orders))]
    asked: list[list[Any]] = [list(row)]
    for order, start in zip(orders, starts, strict=True):
        mixed = list(background.rows[start])
        for feature in order[:-1]:
            mixed[feature] = row[feature]
            asked.append(list(mixed))
    scores = np.asarray(model(asked), dtype=float)
    if not np.isfinite(scores).all():
        return None
    between = scores[1:].reshape(len(orders), -1)
    shares = np.zeros(len(row))
    for order, start, steps in zip(orders, starts, between, strict=True):
        path = np.concatenate(([background.scores[start]], steps, scores[:1]))
        shares[order] += np.diff(path)
    return shares / len(orders), float(scores[0])


def ndcg(baseline: Mapping[str, float], live: Mapping[str, float]) -> float:
    """How well the order of the live attributions keeps the baseline's, from 0 to 1 (1: the same order).

    NDCG = DCG / iDCG with DCG = sum of a(f'_i) / log2(i + 1) over the features in the live order, and iDCG the same in
    the baseline's own order; a(f) is the baseline's attribution (docs:
    sagemaker/latest/dg/clarify-model-monitor-feature-attribution-drift). Ties are in the order of names. A feature that
    only one of them has counts as 0 in the other. Raises ValueError when the baseline has no attribution above 0.
    """
    names = sorted({*baseline, *live})
    gains = np.array([[baseline.get(name, 0.0) for name in names]])
    return float(_ndcg(gains[0], np.array([[live.get(name, 0.0) for name in names]]))[0])


def _ndcg(gains: np.ndarray, live: np.ndarray) -> np.ndarray:
    """Of each row of ``live``: attributions of the same features as ``gains``."""
    discounts = 1.0 / np.log2(np.arange(len(gains)) + 2.0)
    ideal = float((np.sort(gains)[::-1] * discounts).sum())
    if ideal <= 0.0:
        raise ValueError("The baseline has no attribution above 0.")
    order = np.argsort(-live, axis=1, kind="stable")
    return (gains[order] * discounts).sum(axis=1) / ideal


def ndcg_interval(
    baseline: Mapping[str, float], names: Sequence[str], shares: np.ndarray, level: float
) -> tuple[float, float]:
    """The percentile bootstrap interval of NDCG over the explained rows (Efron 1979), with a fixed seed.

    ``shares``: a row for each explained row, a column for each of ``names``: Shapley values.
    """
    every = sorted({*baseline, *names})
    sizes = np.zeros((len(shares), len(every)))
    sizes[:, [every.index(name) for name in names]] = np.abs(shares)
    chance = np.random.Generator(np.random.PCG64(0))
    weights = chance.multinomial(len(sizes), np.full(len(sizes), 1.0 / len(sizes)), size=RESAMPLES)
    found = _ndcg(np.array([baseline.get(name, 0.0) for name in every]), weights @ sizes / len(sizes))
    low, high = np.quantile(found, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)
