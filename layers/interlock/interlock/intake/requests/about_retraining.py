"""Requests about the retraining of a group: ``{"action": "retrain", "group": "churn"}``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from interlock.intake.commands import Weigh, told, weigh
from interlock.intake.requests.asking import Action, Asked
from interlock.model.fields import S3_JSON, SageMakerName
from interlock.model.results_path import read_file_key


class AboutGroup(Asked):
    """A request that names a model package group."""

    group: SageMakerName


class AboutFile(AboutGroup):
    """A request that names a violations file, too."""

    file: Annotated[str, Field(pattern=S3_JSON, max_length=1100)]


def retrain(asked: AboutGroup) -> Weigh:
    """A person's word is a signal like any other: budget and freeze hold for it."""
    run = f"person/{asked.group}"
    return weigh(told("person", run, "", "high", asked.sentence, group=asked.group), once=False)


def weigh_file(asked: AboutFile) -> Weigh:
    """Say what would be decided for a file, and do nothing."""
    folder = read_file_key(asked.file)
    run, endpoint, since = (folder.run, folder.endpoint, folder.hour) if folder else (asked.file, "", "")
    named = {"group": asked.group, "endpoint": endpoint, "evidence": asked.file}
    signal = told("", f"dry-run/{run}", since, "low", asked.sentence, **named)
    return weigh(signal, once=False, dry_run=True)


_EXAMPLE = '"group": "churn"'
_FILE = '"file": "s3://bucket/results/churn/inputs/2026/01/05/09/constraint_violations.json"'
RETRAIN = Action("retrain", AboutGroup, retrain, _EXAMPLE)
WEIGH = Action("weigh", AboutFile, weigh_file, f"{_EXAMPLE}, {_FILE}")
