"""The six checks of data quality, each a function of one window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.data_quality import drift
from monitor.data_quality.drift import Drift
from monitor.data_quality.features import Feature
from monitor.data_quality.formats import Constraint, Statistic, violation

OTHER_COLUMNS = 0.1
"""Of the rows: so many must have another number of columns, or a column that the baseline does not know, before it is
a violation. Fewer are a client's mistakes, and are told in the details."""


@dataclass(frozen=True)
class Window:
    """``widths``: rows that were left out since they have so many columns."""

    features: Mapping[str, Feature]
    records: int
    widths: Mapping[str, int]


def check(
    window: Window,
    constraints: Mapping[str, Constraint],
    statistics: Mapping[str, Statistic],
    configured: Sequence[str],
    alpha: float,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The violations of a window, and the details of its run. ``configured``: the names of columns."""
    columns = set(configured)
    absent = [name for name in constraints if name not in window.features] if window.records else []
    unknown = [name for name in absent if columns and name not in columns]
    extra = {name: one.present for name, one in window.features.items() if name not in constraints}
    unheard = [name for name in extra if name in columns]
    violations = list(_columns(window, constraints, set(absent) - set(unknown), set(extra) - set(unheard)))
    known = {name: one for name, one in constraints.items() if name in window.features and one.rules.evaluate}
    for name, one in known.items():
        violations += _values(window.features[name], one)
    violations += _incomplete(window, known, statistics, alpha)
    moved = {
        name: found for name in known if (found := _drift(window.features[name], known[name], statistics.get(name)))
    }
    chances = drift.adjusted({name: found.p for name, found in moved.items()})
    drawn = {}
    for name, found in moved.items():
        threshold = _threshold(known[name], found)
        drifted = found.distance > threshold and chances[name] < alpha
        if drifted:
            words = f"Baseline drift distance: {found.distance} exceeds threshold: {threshold}"
            violations.append(violation(name, "baseline_drift_check", words))
        drawn[name] = vars(found) | {"p": chances[name], "threshold": threshold, "drifted": drifted}
    details = {
        "features": drawn,
        "significance": alpha,
        "correction": "Holm",
        "widths": dict(window.widths),
        "unknown_features": unknown,
        "not_in_baseline": unheard,
        "rare_columns": [name for name in extra if name not in columns and _rare(extra[name], window)],
        "not_compared": [name for name in known if name not in moved],
        "sampled_texts": [name for name, one in window.features.items() if one.texts.level],
    }
    return violations, details


def _rare(count: int, window: Window) -> bool:
    return count <= OTHER_COLUMNS * (window.records + sum(window.widths.values()))


def _columns(window: Window, known: Mapping[str, Any], absent: set[str], extra: set[str]) -> Iterator[dict[str, Any]]:
    """Columns that are missing or too many. A CSV request does not say which; there the number is all that is known."""
    for width, count in window.widths.items():
        if not _rare(count, window):
            yield _other_columns(int(width), len(known), "Missing columns", "Extra columns")
    now = len(window.features)
    for name in sorted(absent):
        yield _other_columns(min(now, len(known) - 1), len(known), name, name)
    for name in sorted(extra):
        if not _rare(window.features[name].present, window):
            yield _other_columns(max(now, len(known) + 1), len(known), name, name)


def _other_columns(now: int, before: int, missing: str, extra: str) -> dict[str, Any]:
    word, name = ("missing", missing) if now < before else ("extra", extra)
    return violation(
        name,
        f"{word}_column_check",
        f"There are {word} columns in current dataset. Number of columns in current dataset: {now}, "
        f"Number of columns in baseline constraints: {before}",
    )


def _values(found: Feature, asked: Constraint) -> Iterator[dict[str, Any]]:
    """Types and categories of one column. A whole number fits Fractional too, and String takes any text."""
    integral, _, strings, _ = found.types
    fits = {"Integral": integral, "Fractional": found.numeric, "String": found.numeric + strings}.get(
        asked.inferred_type
    )
    if not found.present or fits is None:
        return
    share, kind = fits / found.present, asked.inferred_type
    if share < asked.rules.datatype:
        yield violation(
            asked.name,
            "data_type_check",
            f"Data type match requirement is not met. Expected data type: {kind}, "
            f"Expected match: {100 * asked.rules.datatype}%. Observed: Only {100 * share}% of data is {kind}.",
        )
    if kind == "String" and asked.domains is not None and strings:
        inside = sum(count for text, count in found.texts.counts.items() if text in asked.domains)
        share = inside / strings
        if share < asked.rules.domain:
            unseen = sorted(set(found.texts.counts) - asked.domains, key=lambda text: -found.texts.counts[text])
            yield violation(
                asked.name,
                "categorical_values_check",
                f"Categorical values requirement is not met. Expected match: {100 * asked.rules.domain}%. "
                f"Observed: Only {100 * share}% of data is in the domain. Not in it: {', '.join(unseen[:5])[:200]}",
            )


def _incomplete(
    window: Window, known: Mapping[str, Constraint], statistics: Mapping[str, Statistic], alpha: float
) -> Iterator[dict[str, Any]]:
    """Values that are missing. A column that must be complete may miss none; else fewer than chance explains."""
    chances, shares = {}, {}
    for name, one in known.items():
        present = window.features[name].present
        shares[name] = present / window.records
        if one.completeness is not None and shares[name] < one.completeness:
            base = statistics[name].present + statistics[name].missing if name in statistics else 0
            missing = window.records - present
            chances[name] = 0.0 if one.completeness == 1 else drift.incomplete(present, missing, one.completeness, base)
    corrected = drift.adjusted(chances | {name: 1.0 for name in known if name not in chances})
    for name in chances:
        if corrected[name] < alpha:
            yield violation(
                name,
                "completeness_check",
                "Data completeness requirement is not met. "
                f"Expected completeness: {100 * (known[name].completeness or 0)}%. "
                f"Observed: Only {100 * shares[name]}% of values are present.",
            )


def _drift(found: Feature, asked: Constraint, before: Statistic | None) -> Drift | None:
    if before is None or not asked.rules.compare:
        return None
    compare = drift.categorical if before.inferred_type == "String" else drift.numerical
    return compare(found, before.summary)


def _threshold(asked: Constraint, found: Drift) -> float:
    return asked.rules.distance if found.method == "KS" else asked.rules.categorical_distance
