"""What is kept of one column: how many values, of which types, the sketch of its numbers, the counts of its texts.

All of it merges exactly: a summary depends on the values only, not on how they were divided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from monitor import exact_sums, sketch
from monitor.sketch import Sketch

TYPES = ("Integral", "Fractional", "String", "Unknown")
"""Model Monitor's words. A number without a fraction is Integral, also when it is written 3.0. Infinities and nested
JSON values are Unknown."""

CATEGORIES = 10_000
TEXT = 200
"""Characters of a text that are looked at."""


@dataclass(frozen=True)
class Texts:
    """Counts by text. Of more than CATEGORIES texts only those are kept whose checksum ends with ``level`` zero bits,
    with the smallest level that leaves few enough; the others are counted in ``rest``. Their counts stay exact, and
    merging too."""

    counts: Mapping[str, int] = field(default_factory=dict)
    level: int = 0
    rest: int = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values()) + self.rest

    @property
    def distinct(self) -> int:
        """How many different texts there are; an estimate when only some are kept."""
        return len(self.counts) << self.level


@dataclass(frozen=True)
class Feature:
    """``present``: values that are not missing; ``types``: how many of them are of each of TYPES."""

    types: tuple[int, int, int, int] = (0, 0, 0, 0)
    numbers: Sketch = sketch.EMPTY
    texts: Texts = Texts()
    total: int = 0
    squares: int = 0
    low: float | None = None
    high: float | None = None

    @property
    def present(self) -> int:
        return sum(self.types)

    @property
    def numeric(self) -> int:
        return self.types[0] + self.types[1]


def feature(column: pd.Series) -> Feature:
    """The summary of a column of numbers or objects."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64)
        return _feature(values[~np.isnan(values)], Texts(), 0)
    values = column[column.notna()]
    nested = np.fromiter((isinstance(value, (list, dict)) for value in values), bool, len(values))
    places, different = pd.factorize(values[~nested].to_numpy(dtype=object))
    numbers = np.array([_number(value) for value in different], dtype=np.float64)
    counts = np.bincount(places, minlength=len(different))
    text = np.isnan(numbers)
    texts = {str(different[place])[:TEXT]: 0 for place in np.flatnonzero(text)}
    for place in np.flatnonzero(text):
        texts[str(different[place])[:TEXT]] += int(counts[place])
    return _feature(np.repeat(numbers[~text], counts[~text]), _fitting(Texts(texts)), int(nested.sum()))


def _number(value: Any) -> float:
    """The number that a value is or spells; NaN when it is neither."""
    try:
        return float(value) if not isinstance(value, str) or "_" not in value else float("nan")
    except (OverflowError, TypeError, ValueError):
        return float("inf") if isinstance(value, int) else float("nan")


def _feature(numbers: np.ndarray, texts: Texts, unknown: int) -> Feature:
    finite = numbers[np.isfinite(numbers)]
    integral = int(np.count_nonzero(finite == np.floor(finite)))
    types = (integral, len(finite) - integral, texts.total, unknown + len(numbers) - len(finite))
    if not len(finite):
        return Feature(types, texts=texts)
    sums = exact_sums.exact_sum(finite), exact_sums.exact_squares(finite)
    return Feature(types, sketch.sketch(finite), texts, *sums, float(finite.min()), float(finite.max()))


def merged(one: Feature, other: Feature) -> Feature:
    """The summary of the values of both."""
    types = tuple(first + second for first, second in zip(one.types, other.types, strict=True))
    lows = [low for low in (one.low, other.low) if low is not None]
    highs = [high for high in (one.high, other.high) if high is not None]
    return Feature(
        types,  # type: ignore[arg-type]
        sketch.merged(one.numbers, other.numbers),
        merged_texts(one.texts, other.texts),
        one.total + other.total,
        one.squares + other.squares,
        min(lows, default=None),
        max(highs, default=None),
    )


def merged_texts(one: Texts, other: Texts) -> Texts:
    """The counts of both."""
    level = max(one.level, other.level)
    one, other = coarser_texts(one, level), coarser_texts(other, level)
    counts = dict(one.counts)
    for text, count in other.counts.items():
        counts[text] = counts.get(text, 0) + count
    return _fitting(Texts(counts, level, one.rest + other.rest))


def coarser_texts(given: Texts, level: int) -> Texts:
    """What would be kept with this level, which must not be smaller."""
    if level == given.level:
        return given
    mask = (1 << level) - 1
    kept = {text: count for text, count in given.counts.items() if crc32(text.encode("utf-8", "replace")) & mask == 0}
    return Texts(kept, level, given.total - sum(kept.values()))


def _fitting(given: Texts) -> Texts:
    while len(given.counts) > CATEGORIES and given.level < 32:
        given = coarser_texts(given, given.level + 1)
    return given


def to_json(given: Feature) -> dict[str, Any]:
    """As the summary of a shard carries it. ``total`` and ``squares`` are long whole numbers."""
    return {
        "types": list(given.types),
        "numbers": sketch.to_kll(given.numbers),
        "texts": {
            "level": given.texts.level,
            "rest": given.texts.rest,
            "counts": dict(sorted(given.texts.counts.items())),
        },
        "total": given.total,
        "squares": given.squares,
        "low": given.low,
        "high": given.high,
    }


def from_json(document: Mapping[str, Any]) -> Feature:
    """The inverse of to_json."""
    texts = document["texts"]
    rest = {name: document[name] for name in ("total", "squares", "low", "high")}
    kept = Texts(texts["counts"], texts["level"], texts["rest"])
    return Feature(tuple(document["types"]), sketch.from_kll(document["numbers"]), kept, **rest)


def inferred_type(given: Feature) -> str:
    """The type of most values; a column of numbers is Fractional as soon as one has a fraction."""
    _, fractional, strings, _ = given.types
    if not given.numeric and not strings:
        return "Unknown"
    if strings > given.numeric:
        return "String"
    return "Fractional" if fractional else "Integral"
