"""How far the distributions of the labels of two groups are apart: KL, JS, LP, TVD, KS.

Formulas: docs sagemaker/latest/dg/clarify-data-bias-metric-kl-divergence, -jensen-shannon-divergence, -lp-norm,
-total-variation-distance, -kolmogorov-smirnov.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf, log, sqrt
from typing import NamedTuple

from monitor import intervals
from monitor.bias.counts import Counts, Side, UndefinedMetricError, need_both_groups
from monitor.intervals import Estimate, apart, minus, proportion


class _Labels(NamedTuple):
    """Of each label that both groups have: its share in a and in d, with intervals that hold together."""

    a: list[Estimate]
    d: list[Estimate]
    two: bool


def _labels(counts: Counts, z: float) -> _Labels:
    """Like Clarify's library, only labels that both groups have count (``pdfs_aligned_nonzero``)."""
    of_a, of_d = counts.labels_a or _binary(counts.a), counts.labels_d or _binary(counts.d)
    a, d = sum(of_a.values()), sum(of_d.values())
    need_both_groups(a, d, "labels")
    common = sorted(label for label in of_a if of_a[label] and of_d.get(label))
    if not common:
        raise UndefinedMetricError("The groups have no label in common; there may be too few records.")
    every = len({label for counted in (of_a, of_d) for label, n in counted.items() if n})
    each = intervals.shared(z, 1 if every == 2 else every)
    return _Labels(
        [proportion(of_a[label], a, each) for label in common],
        [proportion(of_d[label], d, each) for label in common],
        every == 2,
    )


def _binary(side: Side) -> dict[str, int]:
    positive, total = side.observed()
    return {"1": positive, "0": total - positive}


def _distance(norm: Callable[[Sequence[float]], float]) -> Callable[[Counts, float], Estimate]:
    """A norm of the differences of the labels' shares; its ends are those that Newcombe's intervals of these allow."""

    def metric(counts: Counts, z: float) -> Estimate:
        labels = _labels(counts, z)
        gaps = [minus(a, d) for a, d in zip(labels.a, labels.d, strict=True)]
        return Estimate(
            norm([abs(gap.value) for gap in gaps]),
            norm([max(0.0, gap.low, -gap.high) for gap in gaps]),
            norm([min(1.0, max(-gap.low, gap.high)) for gap in gaps]),
        )

    return metric


total_variation = _distance(lambda gaps: sum(gaps) / 2.0)
"""TVD = half the sum of the differences."""

divergence = _distance(lambda gaps: sqrt(sum(gap * gap for gap in gaps)))
"""LP, the 2-norm of the differences."""

largest_gap = _distance(max)
"""KS, the largest difference."""


def _entropy(p: float, q: float) -> float:
    """p log(p/q)."""
    return 0.0 if p == 0.0 else inf if q == 0.0 else p * log(p / q)


def _two(p: float, q: float) -> float:
    """KL of two labels whose first has the shares p and q."""
    return _entropy(p, q) + _entropy(1.0 - p, 1.0 - q)


def kullback_leibler(counts: Counts, z: float) -> Estimate:
    """KL(Pa || Pd) in nats.

    Lower end: no label against the rest may differ more than both together (data processing inequality), so it is the
    largest such part that the intervals of the shares allow. Upper end: the farthest shares that they allow.
    """
    labels = _labels(counts, intervals.shared(z, 2))
    value = sum(_entropy(a.value, d.value) for a, d in zip(labels.a, labels.d, strict=True))
    ends = [apart(a, d) for a, d in zip(labels.a, labels.d, strict=True)]
    high = (
        max(_two(*far) for _, far in ends)
        if labels.two
        else sum(_entropy(a.high, d.low) for a, d in zip(labels.a, labels.d, strict=True))
    )
    return Estimate(value, min(value, max(_two(*near) for near, _ in ends)), max(value, high))


def jensen_shannon(counts: Counts, z: float) -> Estimate:
    """JS = (KL(Pa || P) + KL(Pd || P)) / 2, P = (Pa + Pd) / 2. Lower end as of KL; upper end: ln 2 TVD (Lin 1991)."""
    labels = _labels(counts, intervals.shared(z, 2))
    value = sum(_halves(a.value, d.value) for a, d in zip(labels.a, labels.d, strict=True))
    near = [apart(a, d)[0] for a, d in zip(labels.a, labels.d, strict=True)]
    low = max(_halves(p, q) + _halves(1.0 - p, 1.0 - q) for p, q in near)
    return Estimate(value, min(value, low), max(value, log(2.0) * total_variation(counts, z).high))


def _halves(p: float, q: float) -> float:
    middle = (p + q) / 2.0
    return (_entropy(p, middle) + _entropy(q, middle)) / 2.0
