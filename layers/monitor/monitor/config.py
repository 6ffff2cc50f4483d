"""config.json: what a job is asked to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, TypeGuard

TASKS = ("run", "baseline", "summarise", "merge", "prepare", "judge")

MIN_RECORDS = 200


class ConfigFault(ValueError):
    """config.json cannot be used; the message names the field."""


class UnusableSettingsError(ConfigFault):
    """The settings of the monitor cannot be used. The text says what to write instead."""


@dataclass(frozen=True)
class Config:
    """``columns``: of a CSV request, in order; None when nobody named them.

    ``baseline_files``: name -> path below the folder of the baseline, since a package may call its files what it wants;
    empty: every file there, under its own name.

    ``window``: ``start`` and ``end``, ISO 8601 in UTC; the end is outside. A key may be absent: no limit there.
    """

    kind: str
    task: str = "run"
    monitor: str = ""
    endpoint: str = ""
    version: int | None = None
    window: dict[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    min_records: int = MIN_RECORDS
    settings: dict[str, Any] = field(default_factory=dict)
    baseline_files: dict[str, str] = field(default_factory=dict)


def read_config(text: str | bytes) -> Config:
    """Raises ConfigFault, with a sentence that names the field, when the text is no configuration."""
    try:
        document = json.loads(text)
    except ValueError as fault:
        raise ConfigFault(f"config.json is not JSON: {fault}") from None
    if not isinstance(document, dict):
        raise ConfigFault("config.json is not an object")
    for name, (holds, wanted) in _FIELDS.items():
        if name in document and not holds(document[name]):
            raise ConfigFault(f"config.json: {name} is not {wanted}")
    if "kind" not in document:
        raise ConfigFault("config.json: kind is missing")
    known = {name: document[name] for name in _FIELDS if document.get(name) is not None}
    columns = known.pop("columns", None)
    return Config(columns=tuple(columns) if columns else None, **known)


def _is(*types: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, types) and not isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _names(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and all(isinstance(name, str) for name in value) and len(set(value)) == len(value)


_FIELDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "kind": (_is(str), "text"),
    "task": (lambda value: value in TASKS, f"one of {', '.join(TASKS)}"),
    "monitor": (_is(str), "text"),
    "endpoint": (_is(str), "text"),
    "version": (_is(int, type(None)), "a whole number"),
    "window": (_texts, "an object with start and end"),
    "columns": (_names, "a list of different names"),
    "min_records": (_is(int), "a whole number"),
    "settings": (_is(dict), "an object"),
    "baseline_files": (_texts, "an object of paths"),
}


def finite(value: Any) -> TypeGuard[float]:
    """Whether a value of a JSON document is a number that can be reckoned with."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)
