"""An evaluation report: the metrics of a version, with what is known of their errors.

Reports are read in the format of Model Monitor's model quality statistics (AWS documentation,
model-monitor-model-quality-metrics) or as a flat ``{"metrics": {"accuracy": 0.91}, "dataset": {"item_count": 2000}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, isfinite, sqrt
from typing import Any

from interlock.retraining.metrics import SHARES

GROUPS = ("binary_classification_metrics", "multiclass_classification_metrics", "regression_metrics", "metrics")
"""Where the metrics of a report lie."""

FROM_SAMPLES = 2.0
"""The standard error as a multiple of Model Monitor's ``standard_deviation``: that is the spread of the metric over
five random samples of 80 % of the records (AWS documentation, model-monitor-model-quality-metrics), and samples of
which so much is common scatter half as much as independent data sets do (the delete-d jackknife: the variance is
0.8 / 0.2 times that of the samples; Shao and Wu 1989)."""

SAMPLES_FREEDOM = 4.0
"""Degrees of freedom of a spread over five samples."""


@dataclass(frozen=True)
class Estimate:
    """A metric: its value, its standard error (None if nothing says it) and the degrees of freedom of that error."""

    value: float
    error: float | None
    freedom: float = inf


@dataclass(frozen=True)
class Paired:
    """How often both versions were right, one alone, or neither, on the same records."""

    both: float
    challenger: float
    champion: float
    neither: float


@dataclass(frozen=True)
class Evaluation:
    """``samples``: records of the evaluation, None if the report does not say; ``metrics`` by name; ``paired`` if the
    report compares with version ``paired_with`` itself (None: it does not say with which). ``beside``: the metrics of
    version ``beside_version`` on the same records, empty if the report has none."""

    samples: int | None
    metrics: dict[str, Estimate]
    paired: Paired | None = None
    paired_with: int | None = None
    beside: Mapping[str, Estimate] = field(default_factory=dict)
    beside_version: int | None = None

    def on_same_records(self, version: int) -> dict[str, Estimate]:
        """The metrics of another version on the records of this evaluation. Its accuracy follows from paired counts,
        where nothing else says it."""
        found: dict[str, Estimate] = {}
        if self.paired and self.paired_with in (None, version):
            total = self.paired.both + self.paired.challenger + self.paired.champion + self.paired.neither
            accuracy = (self.paired.both + self.paired.champion) / total
            found["accuracy"] = Estimate(accuracy, share_error(accuracy, total))
        return found | (dict(self.beside) if self.beside_version == version else {})


def read_evaluation(report: Any) -> Evaluation | None:
    """The evaluation in ``report``; None if it has no metrics. What is no number is left out."""
    if not isinstance(report, Mapping):
        return None
    metrics = _group(report)
    if metrics is None:
        return None
    dataset = report.get("dataset")
    samples = number(dataset.get("item_count")) if isinstance(dataset, Mapping) else None
    cells = _cells(metrics.get("confusion_matrix"))
    if samples is None and cells:
        samples = sum(cells.values())
    paired, written = report.get("paired"), report.get("champion")
    champion = written if isinstance(written, Mapping) else {}
    beside_version = _version(champion, "version")
    return Evaluation(
        samples=None if samples is None or samples < 0 else int(samples),
        metrics=_estimates(metrics, samples),
        paired=_paired(paired),
        paired_with=_version(paired, "champion_version"),
        beside={} if beside_version is None else _estimates(_group(champion) or {}, samples),
        beside_version=beside_version,
    )


def _group(report: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next((report[name] for name in GROUPS if isinstance(report.get(name), Mapping)), None)


def _estimates(metrics: Mapping[str, Any], samples: float | None) -> dict[str, Estimate]:
    cells = _cells(metrics.get("confusion_matrix"))
    found = {str(name): _estimate(str(name), each, cells, samples) for name, each in metrics.items()}
    return {name: estimate for name, estimate in found.items() if estimate}


def number(value: Any) -> float | None:
    """``value`` if it is a finite number. Model Monitor writes "NaN" where it has none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    return None


def _estimate(name: str, node: Any, cells: Mapping[str, float], samples: float | None) -> Estimate | None:
    """A metric that is a plain number or ``{"value": …, "standard_deviation": …}``."""
    written = node if isinstance(node, Mapping) else {"value": node}
    value = number(written.get("value"))
    if value is None:
        return None
    stated = _positive(written.get("standard_error"))
    if stated is not None:
        return Estimate(value, stated)
    spread = _positive(written.get("standard_deviation"))
    counted = _counted(name, value, cells, samples)
    if counted is not None and (spread is None or counted >= spread):
        return Estimate(value, counted)
    if counted is not None and spread is not None:
        return Estimate(value, spread, SAMPLES_FREEDOM)
    return Estimate(value, None if spread is None else FROM_SAMPLES * spread, SAMPLES_FREEDOM)


def _positive(value: Any) -> float | None:
    """An error of exactly zero is no measurement."""
    found = number(value)
    return found if found is not None and found > 0.0 else None


def _counted(name: str, value: float, cells: Mapping[str, float], samples: float | None) -> float | None:
    """The standard error of a metric whose records can be counted; None if they cannot."""
    if name == "auc":
        return _auc_error(value, cells)
    if name not in SHARES or not 0.0 <= value <= 1.0:
        return None
    counted = sum(cells[cell] for cell in SHARES[name]) if cells else None
    if counted is None:
        counted = samples if name == "accuracy" else None
    return share_error(value, counted) if counted else None


def share_error(share: float, records: float) -> float:
    """The standard error of a share, with one success and one failure added, so that it is not zero at 0 % and 100 %
    (Agresti and Caffo 2000)."""
    adjusted = (share * records + 1.0) / (records + 2.0)
    return sqrt(adjusted * (1.0 - adjusted) / (records + 2.0))


def _auc_error(auc: float, cells: Mapping[str, float]) -> float | None:
    """The standard error of an area under the ROC curve (Hanley and McNeil 1982, with the bound of a binomial)."""
    if not cells or not 0.0 <= auc <= 1.0:
        return None
    positive, negative = cells["tp"] + cells["fn"], cells["tn"] + cells["fp"]
    if positive < 1 or negative < 1:
        return None
    area = min(max(auc, 0.5), 1.0 - 0.5 / max(positive, negative))
    first, second = area / (2.0 - area), 2.0 * area * area / (1.0 + area)
    variance = (
        area * (1.0 - area) + (positive - 1.0) * (first - area * area) + (negative - 1.0) * (second - area * area)
    )
    return sqrt(variance / (positive * negative))


def _cells(matrix: Any) -> dict[str, float]:
    """The cells of a binary confusion matrix, whose outer key is the label and whose inner key is the prediction (so in
    the documented example, of which recall is 1 and precision 1/3). Empty if it is not one."""
    try:
        read = {
            name: number(matrix[label][predicted])
            for name, label, predicted in (("tn", "0", "0"), ("fp", "0", "1"), ("fn", "1", "0"), ("tp", "1", "1"))
        }
    except (KeyError, TypeError, IndexError):
        return {}
    cells = {name: value for name, value in read.items() if value is not None and value >= 0.0}
    return cells if len(cells) == 4 else {}


def _paired(written: Any) -> Paired | None:
    """Counts against a version that cannot be read are counts against nobody."""
    if not isinstance(written, Mapping):
        return None
    if written.get("champion_version") is not None and _version(written, "champion_version") is None:
        return None
    names = ("both_right", "only_challenger_right", "only_champion_right", "both_wrong")
    counts = [count for count in (number(written.get(name)) for name in names) if count is not None and count >= 0.0]
    return Paired(*counts) if len(counts) == 4 and sum(counts) > 0 else None


def _version(written: Any, name: str) -> int | None:
    """A version in the field ``name``: 7, or "7", as the parameters of a pipeline are texts."""
    found = written.get(name) if isinstance(written, Mapping) else None
    if isinstance(found, str):
        return int(found) if found.isascii() and found.isdecimal() and len(found) < 10 else None
    counted = number(found)
    return int(counted) if counted is not None and counted.is_integer() else None
