"""How far a column has moved from its baseline, and whether chance would do as much.

Distance: for numbers the largest difference of the distribution functions (two-sample KS), for texts the largest
difference of a share (L-infinity), as Model Monitor documents (sagemaker/latest/dg/model-monitor-byoc-constraints);
the population stability index stands beside it. Chance: the Kolmogorov distribution for numbers, the chi-squared test
of homogeneity for texts.

Correction for many features: Holm 1979 (Scandinavian Journal of Statistics 6). It holds the chance of *any* false
alarm in a run at ``ALPHA``, whatever the features have to do with each other; and a run with a false alarm is what
costs a team a look or a retraining. (Benjamini and Hochberg bound the share of false ones among the alarms instead:
with nothing wrong and one alarm, that is no less strict, and with many true ones it lets more false ones through.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from monitor import sketch
from monitor.data_quality.features import Feature, Texts, coarser_texts

ALPHA = 0.005
"""Of drift, and again of missing values: together a run with nothing wrong is flagged with a chance of 1 % at most."""
EXPECTED = 5.0
"""A class of the chi-squared test expects at least so many on either side; rarer ones are taken together (Cochran
1954)."""


@dataclass(frozen=True)
class Drift:
    """``p``: the chance of such a distance when nothing has moved; ``n``: values of the window; ``inexact``: by how
    much the distance may be too small, since the sketches hold bins."""

    distance: float
    psi: float
    p: float
    n: int
    method: str
    inexact: float = 0.0


def numerical(now: Feature, before: Feature) -> Drift | None:
    """Of the numbers of a column; None when either side has none."""
    n, m = now.numbers.total, before.numbers.total
    if not n or not m:
        return None
    apart, inexact = sketch.distance(now.numbers, before.numbers)
    p = float(special.kolmogorov(sketch.kolmogorov_argument(apart, n, m)))
    return Drift(apart, sketch.psi(now.numbers, before.numbers), p, n, "KS", inexact)


def categorical(now: Feature, before: Feature) -> Drift | None:
    """Of the texts of a column. What the baseline does not name is one class; None when either side has no text."""
    level = max(now.texts.level, before.texts.level)
    window, base = coarser_texts(now.texts, level), coarser_texts(before.texts, level)
    names = sorted(base.counts if base.rest else base.counts.keys() | window.counts.keys())
    counts = np.array([_counts(window, names, now.numeric), _counts(base, names, before.numeric)], dtype=np.float64)
    if not counts[0].sum() or not counts[1].sum():
        return None
    shares = counts / counts.sum(axis=1, keepdims=True)
    apart = float(np.abs(shares[0] - shares[1]).max())
    return Drift(apart, sketch.shares_psi(*counts), _homogeneity(counts), int(counts[0].sum()), "LInfinity")


def _counts(texts: Texts, names: list[str], numbers: int) -> list[int]:
    """Of each name, and of everything else, numbers too."""
    named = [texts.counts.get(name, 0) for name in names]
    return [*named, texts.total - sum(named) + numbers]


def _homogeneity(counts: np.ndarray) -> float:
    sizes = counts.sum(axis=1, keepdims=True)
    classes = counts.sum(axis=0)
    rare = classes * sizes.min() / sizes.sum() < EXPECTED
    table = np.column_stack([counts[:, ~rare], counts[:, rare].sum(axis=1)])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2:
        return 1.0
    expected = sizes * table.sum(axis=0) / sizes.sum()
    return float(special.chdtrc(table.shape[1] - 1, ((table - expected) ** 2 / expected).sum()))


def incomplete(present: int, missing: int, asked: float, base: int) -> float:
    """The chance of so many missing values when a share ``asked`` is present, known from ``base`` values (one-sided
    z-test)."""
    n = present + missing
    pooled = (present + asked * base) / (n + base)
    spread = pooled * (1 - pooled) * (1 / n + (1 / base if base else 0))
    return float(special.ndtr((present / n - asked) / spread**0.5)) if spread > 0 else 1.0


def adjusted(chances: Mapping[str, float]) -> dict[str, float]:
    """Holm's adjusted p of each name: below ALPHA means significant among all of them."""
    largest, found = 0.0, {}
    for place, name in enumerate(sorted(chances, key=lambda name: (chances[name], name))):
        largest = max(largest, min(1.0, (len(chances) - place) * chances[name]))
        found[name] = largest
    return found
