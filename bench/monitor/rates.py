"""Runs that are flagged though nothing moved, and shifts that are found, by three judges on the same windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from bench.evidence.table import Row, Table, share
from monitor.config import Config
from monitor.data_quality import kind as data_quality
from monitor.problems import Problems
from monitor.reading.capture import Chunk

FEATURES, BASELINE = 20, 10_000
CATEGORICAL = 5
"""Of the features; the others are numbers of several shapes."""

COLUMNS = tuple(f"f{place:02}" for place in range(FEATURES))
FALSE_ALARMS, FOUND = 0.01, 0.95
WINDOWS = (200, 2_000, 20_000)

Flagged = dict[str, bool]
NAMES = ("Interlock", "distance over 0.1", "KS at 5 % each")


def draw(chance: np.random.Generator, n: int, shift: float = 0.0) -> pd.DataFrame:
    """``shift``: of the first feature, a normal one, in standard deviations."""
    shapes: tuple[Callable[[], Any], ...] = (
        lambda: chance.normal(size=n),
        lambda: chance.gamma(2.0, size=n),
        lambda: chance.poisson(4.0, n),
        lambda: chance.uniform(size=n),
        lambda: chance.lognormal(size=n),
    )
    plans = np.array(["a", "b", "c", "d"], dtype=object)
    columns: dict[str, Any] = {name: shapes[place % len(shapes)]() for place, name in enumerate(COLUMNS[:-CATEGORICAL])}
    columns |= {name: plans[chance.choice(4, n, p=[0.5, 0.3, 0.15, 0.05])] for name in COLUMNS[-CATEGORICAL:]}
    frame = pd.DataFrame(columns)
    frame[COLUMNS[0]] += shift
    return frame


@dataclass(frozen=True)
class Judge:
    """The program with one baseline."""

    base: pd.DataFrame
    files: dict[str, dict[str, Any]]
    config: Config

    def flagged(self, window: pd.DataFrame) -> tuple[dict[str, bool], dict[str, bool]]:
        """By each judge: whether the run has any flag, and whether the first feature has."""
        results = data_quality.results(summary(window, self.config), self.files, self.config)
        distances = {name: found["distance"] for name, found in results.details["features"].items()}
        flags = {
            NAMES[0]: {one["feature_name"] for one in results.violations},
            NAMES[1]: {name for name, apart in distances.items() if apart > 0.1},
            NAMES[2]: {name for name in COLUMNS if self._p(window, name) < 0.05},
        }
        return {name: bool(found) for name, found in flags.items()}, {name: COLUMNS[0] in flags[name] for name in NAMES}

    def _p(self, window: pd.DataFrame, name: str) -> float:
        if name in COLUMNS[-CATEGORICAL:]:
            counts = [frame[name].value_counts().reindex(list("abcd"), fill_value=0) for frame in (window, self.base)]
            return float(stats.chi2_contingency(np.array(counts)).pvalue)
        return float(stats.ks_2samp(window[name], self.base[name], method="asymp").pvalue)


def summary(frame: pd.DataFrame, config: Config) -> dict[str, Any]:
    """What the program keeps of a table."""
    chunk = Chunk(frame, [""] * len(frame), [""] * len(frame), [""] * len(frame))
    return data_quality.summarise(iter([chunk]), config, Problems(), Path())


def judge(chance: np.random.Generator) -> Judge:
    """With a baseline of its own: a baseline, too, is only a sample."""
    config = Config(kind="data_quality", columns=COLUMNS, min_records=50)
    base = draw(chance, BASELINE)
    return Judge(base, data_quality.baseline(summary(base, config), config), config)


def rates(seed: int, runs: int) -> Table:
    """Each run has a baseline and a window of its own."""
    rows = []
    for n in WINDOWS:
        count = runs if n == 2_000 else max(runs // 4, 1)
        for shift, what in ((0.0, "nothing moved"), (0.5, "half a standard deviation")):
            found = [_run(seed, number, n, shift) for number in range(count)]
            whole = [any_flag if shift == 0 else first for any_flag, first in found]
            cells = tuple(share([flags[name] for flags in whole]) for name in NAMES)
            rate = float(np.mean([flags[NAMES[0]] for flags in whole]))
            target = rate < FALSE_ALARMS if shift == 0 else rate >= FOUND
            rows.append(Row(f"{n:>6,} records, {what}", cells, target if n == 2_000 or shift == 0 else None))
    return Table(
        f"Flagged runs, {FEATURES} features ({FEATURES - CATEGORICAL} numbers, {CATEGORICAL} texts), {runs:,} runs",
        "nothing moved: under 1 % of the runs; half a standard deviation in one feature: it is flagged in 95 % or more",
        NAMES,
        tuple(rows),
        (f"The baseline of each run has {BASELINE:,} records. 200 and 20,000 records: a quarter of the runs.",),
    )


def _run(seed: int, number: int, n: int, shift: float) -> tuple[Flagged, Flagged]:
    chance = np.random.default_rng([seed, number, n, round(10 * shift)])
    return judge(chance).flagged(draw(chance, n, shift))
