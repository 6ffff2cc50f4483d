"""Whether a window can be judged yet: enough predictions, enough labels, and both of the same classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.config import Config
from monitor.reading.labels import label_settings
from monitor.reading.output_form import MULTICLASS, REGRESSION, OutputForm, output_form
from monitor.results import Status

MOST_CLASSES = 200


def coverage(summary: Mapping[str, Any]) -> dict[str, Any]:
    """How many predictions there are, and how many of them have a label."""
    predictions, labelled = summary["predictions"], summary["labelled"]
    return {
        "rows": summary["rows"],
        "predictions": predictions,
        "labelled": labelled,
        "missing": predictions - labelled,
        "share": labelled / predictions if predictions else 0.0,
    }


def coverage_sentence(summary: Mapping[str, Any]) -> str:
    """The same in words."""
    predictions, missing = summary["predictions"], summary["predictions"] - summary["labelled"]
    if not missing:
        return f"All {predictions:,} predictions have a label." if predictions else "There are no predictions."
    share = 100.0 * missing / predictions
    per_cent = f"{share:.0f}" if share >= 1.0 else f"{share:.2g}"
    return f"{missing:,} of {predictions:,} predictions have no label yet ({per_cent} %)."


def hindrance_of(summary: Mapping[str, Any], config: Config, last_chance: bool = False) -> tuple[Status, str] | None:
    """Why the window cannot be judged: a status and a sentence. None when it can."""
    if summary["unusable"]:
        return "Unusable", summary["unusable"]
    if not summary["predictions"]:
        if not summary["rows"]:
            return "TooThin", "The window has no predictions."
        reasons = sorted(summary["unreadable"].items(), key=lambda reason: (-reason[1], reason[0]))
        told_of = f": {reasons[0][0]}" if reasons else ""
        few = summary["rows"] < max(config.min_records, 1)
        return "TooThin" if few else "Unusable", f"None of {summary['rows']:,} responses holds a prediction{told_of}."
    settings = label_settings(config.settings)
    waits = not (last_chance or settings.last_chance) and coverage(summary)["share"] < settings.at_least
    if waits:
        return "WaitingForLabels", coverage_sentence(summary)
    if summary["labelled"] < max(config.min_records, 1):
        missing = coverage_sentence(summary)
        return (
            "TooThin",
            f"{summary['labelled']:,} records have a label, and {config.min_records:,} are needed. {missing}",
        )
    strange = _strange_classes(summary, output_form(config.settings))
    return ("Unusable", strange) if strange else None


def _strange_classes(summary: Mapping[str, Any], form: OutputForm) -> str:
    """Why labels and predictions do not speak of the same classes; "" when they do."""
    if form.problem == REGRESSION:
        return ""
    confusion = summary["confusion"]
    true, said = sorted(confusion), sorted({name for row in confusion.values() for name in row})
    if len({*true, *said}) > MOST_CLASSES:
        return f"Labels and predictions have {len({*true, *said}):,} classes; is it a problem: regression?"
    words = f"The labels are {', '.join(map(repr, true[:5]))}; the predictions are {', '.join(map(repr, said[:5]))}"
    if form.problem == MULTICLASS:
        return "" if {*true} & {*said} else f"{words}; no label is a class that is predicted."
    if form.positive not in true and not {*true} <= {*said, form.negative}:
        return f"{words}; no label is the positive class {form.positive!r}; write the positive one of them as positive."
    if form.positive in true and form.positive not in said and not {*said} <= {*true, form.negative}:
        return f"{words}; no prediction is the positive class {form.positive!r}; write classes, or another positive."
    return ""
