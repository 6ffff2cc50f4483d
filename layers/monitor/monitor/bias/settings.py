"""What a bias monitor is asked: which groups, which outcome is the positive one, which metrics.

::

    facets: [{name: contract, values: [monthly]}, {name: age, threshold: 40}, {name: sex}]
    positive: "1"                  # or [cat, dog]; or a number, with problem: regression
    group_variable: region         # of CDDL and CDDPL
    label: churned                 # the column of the training data, for a baseline
    methods: [DPPL, DI]            # all, if not written
    labels: {at_least: 0.8}        # as of model_quality
    tolerance: 0.02                # by how much a metric may be worse than the baseline's; 0.01, if not written

Group d of a facet is made of the rows that have one of its values, or a number greater than its threshold (Clarify's
``value_or_threshold``; docs: sagemaker/latest/dg/clarify-processing-job-configure-analysis). A facet with neither is
looked at once for each of its values. Clarify's names ``value_or_threshold`` and ``label_values_or_threshold`` are
understood as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.bias.metrics import METRICS, WITHOUT_FLIP_TEST
from monitor.config import UnusableSettingsError
from monitor.reading.output_form import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    OutputForm,
    class_name,
    output_form,
)

TOLERANCE = 0.01
"""One point of a share: with a million records much less is proven, and nobody is treated differently by it."""
WITH_STRATA = ("CDDL", "CDDPL")


@dataclass(frozen=True)
class Facet:
    """``values``: those of group d. ``threshold``: group d is above it. Neither: each value is group d in turn."""

    name: str
    values: tuple[str, ...] = ()
    threshold: float | None = None

    def text(self) -> str:
        """As analysis.json has it: ``value_or_threshold``; "" for a facet with neither."""
        return f"{self.threshold:g}" if self.threshold is not None else ",".join(self.values)


@dataclass(frozen=True)
class Settings:
    """``positive``: the names of the positive classes. ``limit``: a regression's outcome is positive above it."""

    facets: tuple[Facet, ...]
    positive: tuple[str, ...]
    limit: float | None
    methods: tuple[str, ...]
    group_variable: str
    label: str
    form: OutputForm
    tolerance: float

    def outcome(self) -> str:
        """What counts as positive, as analysis.json has it."""
        return f"{self.limit:g}" if self.limit is not None else ",".join(self.positive)


def bias_settings(settings: Mapping[str, Any]) -> Settings:
    """The settings of a bias monitor. Raises UnusableSettingsError, which says what to write."""
    written = settings.get("positive", settings.get("label_values_or_threshold", "1"))
    names = written if isinstance(written, (list, tuple)) else [written]
    problem = settings.get("problem") or (MULTICLASS if len(names) > 1 else BINARY)
    form = output_form({**settings, "problem": problem, "positive": names[0] if names else "1"})
    limit = _number(names[0]) if form.problem == REGRESSION and len(names) == 1 else None
    if not names or (form.problem == REGRESSION and limit is None):
        raise UnusableSettingsError(
            'positive: write the class that is the good outcome ("1"), a list of such classes, or, in a regression, the'
            " number above which an outcome is good."
        )
    tolerance = _number(settings.get("tolerance", TOLERANCE))
    if tolerance is None or tolerance < 0.0:
        raise UnusableSettingsError(f"tolerance: {settings['tolerance']!r} is not a number; write one like 0.02.")
    group_variable = str(settings.get("group_variable") or "")
    return Settings(
        _facets(settings.get("facets")),
        tuple(class_name(name) for name in names),
        limit,
        _methods(settings.get("methods"), group_variable),
        group_variable,
        str(settings.get("label") or ""),
        form,
        tolerance,
    )


def _facets(written: object) -> tuple[Facet, ...]:
    if not isinstance(written, Sequence) or isinstance(written, str) or not written:
        raise UnusableSettingsError(
            "facets: write at least one group to compare, like [{name: contract, values: [monthly]}]."
        )
    facets = tuple(_facet(facet) for facet in written)
    if len(set(facets)) != len(facets):
        raise UnusableSettingsError("facets: one is written twice; write each once.")
    return facets


def _facet(written: object) -> Facet:
    if not isinstance(written, Mapping) or not isinstance(written.get("name"), str) or not written["name"]:
        raise UnusableSettingsError(f"facets: {written!r} has no name; write {{name: <a column>, values: [<group>]}}.")
    name = written["name"]
    either = written.get("value_or_threshold")
    values = written.get("values", either if isinstance(either, list) else None)
    threshold = written.get("threshold", None if isinstance(either, list) else either)
    if values and threshold is not None:
        raise UnusableSettingsError(f"facets: {name} has values and a threshold; write one of them.")
    if threshold is not None:
        number = _number(threshold)
        if number is None:
            raise UnusableSettingsError(f"facets: the threshold {threshold!r} of {name} is not a number.")
        return Facet(name, (), number)
    if values is not None and not isinstance(values, (list, tuple)):
        raise UnusableSettingsError(f"facets: write the values of {name} as a list, like values: [monthly].")
    return Facet(name, tuple(class_name(value) for value in values or ()))


def _methods(written: object, group_variable: str) -> tuple[str, ...]:
    if written is None or written == "all":
        return tuple(name for name in METRICS if group_variable or name not in WITH_STRATA)
    if not isinstance(written, (list, tuple)):
        raise UnusableSettingsError("methods: write a list of metrics, like [DPPL, DI].")
    names = ["DCA" if name == "DCAcc" else name for name in written]
    if "FT" in names:
        raise UnusableSettingsError(f"methods: {WITHOUT_FLIP_TEST}")
    unknown = [str(name) for name in names if name not in METRICS]
    if unknown or not names:
        raise UnusableSettingsError(
            f"methods: {', '.join(unknown) or 'the list'} is not known; write some of {', '.join(METRICS)}."
        )
    if not group_variable and any(name in WITH_STRATA for name in names):
        raise UnusableSettingsError(
            "methods: CDDL and CDDPL need group_variable: a column whose values are the strata."
        )
    return tuple(name for name in METRICS if name in names)


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if number == number and abs(number) != float("inf") else None
