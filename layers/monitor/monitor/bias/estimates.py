"""The metrics of each facet from counts, with intervals that hold together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from monitor.bias.counts import Counts, Side, UndefinedMetricError
from monitor.bias.metrics import METRICS
from monitor.bias.report import Row
from monitor.bias.rows import OTHER, A, D
from monitor.bias.settings import Facet, Settings
from monitor.intervals import quantile

LEVEL = 0.99
"""With this chance all intervals of a run hold, so that a run without drift raises no alarm."""


def estimates(counts: Mapping[str, Any], settings: Settings, methods: list[str]) -> list[Row]:
    """Each of ``methods`` of each group of each facet."""
    groups = [
        (facet.name, value, made)
        for facet, counted in zip(settings.facets, counts["facets"], strict=True)
        if counted["absent"] < counts["records"] and not counted["overflow"]
        for value, made in _groups(facet, counted["groups"])
    ]
    z = quantile(LEVEL, len(groups) * len(methods))
    return [_row(facet, value, name, made, z) for facet, value, made in groups for name in methods]


def _row(facet: str, value: str, name: str, counts: Counts, z: float) -> Row:
    try:
        return Row(facet, value, name, METRICS[name].of(counts, z))
    except UndefinedMetricError as error:
        return Row(facet, value, name, None, str(error))


def _groups(facet: Facet, groups: Mapping[str, Any]) -> list[tuple[str, Counts]]:
    """Each group d of a facet, with everybody else as group a."""
    if facet.values or facet.threshold is not None:
        return [(facet.text(), _counts([groups[A]] if A in groups else [], [groups[D]] if D in groups else []))]
    return [
        (name, _counts([groups[other] for other in groups if other != name], [groups[name]])) for name in sorted(groups)
    ]


def _counts(a: list[Mapping[str, Any]], d: list[Mapping[str, Any]]) -> Counts:
    names = sorted({name for group in (*a, *d) for name in group["strata"]})
    strata = [(_side(a, name), _side(d, name)) for name in names]
    whole = Counts(Side(), Side())
    for side_a, side_d in strata:
        whole = Counts(whole.a.plus(side_a), whole.d.plus(side_d))
    told_apart = names != [OTHER]
    return Counts(whole.a, whole.d, strata if told_apart else (), _labels(a), _labels(d))


def _side(groups: list[Mapping[str, Any]], stratum: str) -> Side:
    side = Side()
    for group in groups:
        side = side.plus(Side(*group["strata"].get(stratum, ())))
    return side


def _labels(groups: list[Mapping[str, Any]]) -> dict[str, int] | None:
    """How often each label occurs; None when they are too many, or none: positive and negative will do."""
    total: Counter[str] = Counter()
    for group in groups:
        total.update(group["labels"])
    return None if not total or OTHER in total else total
