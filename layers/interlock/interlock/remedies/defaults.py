"""What follows from a signal about which the policy says nothing."""

from __future__ import annotations

from interlock.model.signal import Signal
from interlock.remedies.kinds.investigate import SCHEMA_CHECKS
from interlock.remedies.kinds.registry import RemedyName
from interlock.remedies.kinds.remedy import MONITORS
from interlock.remedies.section import RemedyRow

ASKING = frozenset({"new_data", "calendar", "person"})
"""Kinds of signal that mean a retraining and nothing else."""


def default_row(signal: Signal, retrains: bool) -> RemedyRow:
    """The row for ``signal``. ``retrains``: the policy has a retraining section."""
    return RemedyRow(on=signal.kind, do=_default(signal, retrains))


def _default(signal: Signal, retrains: bool) -> RemedyName:
    if signal.kind == "data_quality" and any(each.check in SCHEMA_CHECKS for each in signal.violations):
        return "investigate"
    if signal.kind in ASKING or (signal.kind in MONITORS and retrains):
        return "retrain"
    return "notify"
