"""What a remedy is: its name, the signals that it may answer, and how it weighs a case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from interlock.model.signal import KINDS
from interlock.remedies.case import Case, Decision

MONITORS = frozenset({"data_quality", "model_quality", "bias", "attribution"})
"""Kinds of signal that come from the runs of a monitor."""

EVERY_KIND = frozenset(KINDS)


@dataclass(frozen=True)
class Remedy:
    """``answers``: the kinds of signal for which a policy may name it."""

    name: str
    answers: frozenset[str]
    weigh: Callable[[Case], Decision]


def seen(case: Case) -> str:
    """What was seen, as the beginning of a sentence."""
    return case.signal.sentence.strip() or f"A signal {case.signal.kind} came."
