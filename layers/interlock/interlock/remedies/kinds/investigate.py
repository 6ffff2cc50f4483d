"""Ask a person to look: the data changed its form, or the law asks for a person."""

from __future__ import annotations

from collections.abc import Iterable

from interlock.model.reasons import Reason
from interlock.model.signal import Signal
from interlock.remedies.case import Case, Decision
from interlock.remedies.kinds.remedy import EVERY_KIND, Remedy, seen

SCHEMA_CHECKS = frozenset({"missing_column_check", "extra_column_check", "data_type_check"})
"""Check types of Model Monitor that say the inputs have another form (AWS documentation,
model-monitor-interpreting-violations). A model trained on such data would learn the fault."""

NAMED = 5
ADVICE = "Look at the evidence and repair the data or the monitor. To retrain all the same, ask for it with operate."


def weigh(case: Case) -> Decision:
    """Always possible."""
    why = why_a_person(case.signal, case.limits.regulated if case.limits else ())
    return Decision(
        "investigate", Reason.PERSON_NEEDED, f"{seen(case)} {why or 'The policy asks for a person.'}", advice=ADVICE
    )


def why_a_person(signal: Signal, regulated: Iterable[str]) -> str:
    """Why nothing may be retrained before a person has looked; empty if nothing says so."""
    broken = [each for each in signal.violations if each.check in SCHEMA_CHECKS]
    if broken:
        about = _named([each.subject or each.check for each in broken])
        return f"The inputs changed their form ({about}), so a person must look before anything is trained."
    kept = set(regulated)
    touched = [each.subject for each in signal.violations if each.subject.partition("=")[0] in kept]
    if touched:
        return f"The policy lists {_named(touched)} as regulated, so a person must look before anything is trained."
    return ""


def _named(subjects: list[str]) -> str:
    unique = list(dict.fromkeys(subjects))
    more = len(unique) - NAMED
    return ", ".join(unique[:NAMED]) + (f" and {more} more" if more > 0 else "")


REMEDY = Remedy("investigate", EVERY_KIND - {"person", "new_data", "calendar"}, weigh)
