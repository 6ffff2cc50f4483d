"""The preparation of a run in which Clarify's container computes the metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.bias.clarify import analysis_config, complete_rows, count_dataset, dataset
from monitor.bias.kind import asked, hindrance
from monitor.bias.rows import count_rows, read_rows
from monitor.bias.settings import bias_settings
from monitor.config import Config, UnusableSettingsError
from monitor.problems import Problems
from monitor.reading.capture import Chunk
from monitor.reading.labels import label_settings


@dataclass(frozen=True)
class Prepared:
    """``summary``: as ``bias.kind.results`` takes it, without the analysis. ``dataset`` (CSV) and ``analysis_config``
    are for the container; without a dataset there is nothing for it to do, and ``hindrance`` says why."""

    summary: dict[str, Any]
    dataset: str = ""
    analysis_config: dict[str, Any] | None = None
    hindrance: str = ""


def prepare(chunks: Iterator[Chunk], config: Config, problems: Problems, inputs: Path) -> Prepared:
    """What the container and the job after it need of the rows."""
    try:
        settings, labels = bias_settings(config.settings), label_settings(config.settings)
    except UnusableSettingsError as error:
        return Prepared({"fault": str(error), "counts": None}, hindrance=str(error))
    read = read_rows(chunks, settings, labels, inputs / "labels", problems)
    counts = count_rows(read, settings)
    summary: dict[str, Any] = {"fault": "", "counts": counts, "dataset": None}
    hindered = hindrance(counts, settings, config)
    if hindered:
        return Prepared(summary, hindrance=hindered[1])
    _, labelled, methods = asked(counts, settings, config)
    rows = complete_rows(read, settings, labelled)
    summary["dataset"] = count_dataset(rows, settings)
    hindered = hindrance(summary["dataset"], settings, config)
    if hindered or not methods:
        return Prepared(summary, hindrance=hindered[1] if hindered else "No metric that is asked for can be computed.")
    return Prepared(summary, dataset(rows, settings, labelled), analysis_config(settings, methods))
