"""Whether the stages of a policy make a path that a version can go along."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from interlock.model.approval_words import STAGE
from interlock.policy.stage import Stage


def impassable(stages: tuple[Stage, ...]) -> str | None:
    """Why a version cannot go along these stages; None if it can."""
    if name := _twice(each.name for each in stages):
        return f"two stages have the name {name}; give each a name of its own, for example name: staging"
    if endpoint := _twice(each.endpoint for each in stages):
        return f"two stages have the endpoint {endpoint}; write an endpoint of its own for each"
    first = stages[0].approval if stages else None
    if first and STAGE in first.before:
        said = f"before: {STAGE} asks about what the stage before has shown, and there is none before {stages[0].name}"
        return f"{said}; approve the version in the registry, or write it into a later stage"
    return None


def _twice(names: Iterable[str]) -> str | None:
    return next((name for name, times in Counter(names).items() if times > 1), None)
