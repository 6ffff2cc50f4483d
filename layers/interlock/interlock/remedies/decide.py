"""Which remedy follows from a signal, with reason and sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, NotRequired, TypedDict

from interlock.model.limits import Limits
from interlock.model.notices import Notice
from interlock.model.reasons import Reason
from interlock.model.signal import Signal
from interlock.remedies.case import Case, Decision, ignored
from interlock.remedies.defaults import default_row
from interlock.remedies.facts import Facts, case_of
from interlock.remedies.kinds.investigate import why_a_person
from interlock.remedies.kinds.registry import REMEDIES
from interlock.remedies.kinds.remedy import MONITORS, seen
from interlock.remedies.memory import Past, as_text, moment
from interlock.remedies.notices import notice_of
from interlock.remedies.section import RemedyRow

TOGETHER = timedelta(minutes=15)
"""A group decides about one kind of signal once in this time, however many come."""

REMIND = timedelta(days=1)
"""The same is told again after this time."""

RECORDED = 30
"""Subjects that a record keeps."""


class Answer(TypedDict):
    """The decision. ``remedy`` is one of the policy's, or wait (then ``until`` says when the signal is weighed again).
    ``record`` goes to the ledger's decisions, ``remember`` into the group's item, if its revision is still the one
    that was read; of ``retrain``, ``roll_back`` and ``scale`` there is the one that the remedy needs."""

    remedy: str
    reason: str
    sentence: str
    until: NotRequired[str]
    notice: NotRequired[Notice]
    record: NotRequired[dict[str, Any]]
    remember: NotRequired[dict[str, Any]]
    retrain: NotRequired[dict[str, Any]]
    roll_back: NotRequired[dict[str, Any]]
    scale: NotRequired[dict[str, Any]]


def decide(facts: Facts, signal: Signal, rows: Sequence[RemedyRow], limits: Limits | None) -> Answer:
    """The decision about ``signal`` under the ``rows`` and ``limits`` of a policy."""
    case = case_of(facts, signal, limits)
    decision = _decision(case, rows)
    unread = case.memory.unread
    if unread:
        decision = decision.with_sentence(f"({unread} entries of the ledger's memory could not be read.)")
    return _answer(case, decision)


def decide_without_policy(facts: Facts, signal: Signal, reason: Reason, sentence: str) -> Answer:
    """The decision about ``signal`` while the policy cannot be used for ``reason``: people are told once a day."""
    case = case_of(facts, signal, None)
    first = _first_of_many(case, _DECIDED | {reason})
    if first:
        return _answer(case, _counted(case, first))
    told = next((past for past in case.memory.decisions if past.reason == reason and _is_notice(case, past)), None)
    if told and not case.by_person:
        return _answer(case, ignored(reason, f"{sentence} That was told at {as_text(told.at)}."))
    return _answer(case, Decision("notify", reason, sentence, advice="Nothing was done about the signal."))


def _decision(case: Case, rows: Sequence[RemedyRow]) -> Decision:
    before = case.memory.about(case.signal.run)
    if before and before.remedy != "wait" and not case.by_person:  # all requests of persons have the same run
        said = f"This run was decided at {as_text(before.at)} already ({before.remedy}, {before.reason})."
        return ignored(Reason.EVENT_DUPLICATE, said)
    if case.signal.version is not None and case.signal.version != case.live:
        live = f"version {case.live} is live" if case.live is not None else "nothing is live"
        said = f"{seen(case)} That was version {case.signal.version}, but {live} on {case.endpoint} now."
        return ignored(Reason.VERSION_NOT_LIVE, said)
    if _is_older(case):
        said = f"{seen(case)} That began at {case.signal.since}, before version {case.live} went live."
        return ignored(Reason.VERSION_NOT_LIVE, said)
    row = _row(case, rows)
    if case.signal.kind in MONITORS and not case.signal.count:
        return _clean(case)
    why = why_a_person(case.signal, case.limits.regulated if case.limits else ())
    remedy = "investigate" if row.do == "retrain" and why and case.signal.kind in MONITORS else row.do
    first = _first_of_many(case, _DECIDED)
    if first and (remedy != "investigate" or first.remedy == "investigate"):
        return _counted(case, first)
    shown, looked = _runs_that_show_it(case, row)
    if remedy == row.do and shown < row.runs[0]:
        said = f"{seen(case)} {_so_many(shown, looked, row)}, so nothing is done."
        newer_are_clean = bool(before) and _newest_is_clean(case)
        return ignored(Reason.DRIFT_WENT_AWAY if newer_are_clean else Reason.DRIFT_NOT_CONFIRMED, said)
    decision = REMEDIES[remedy].weigh(case)
    if row.runs[0] > 1 and remedy == row.do:
        decision = decision.with_sentence(f"{_so_many(shown, looked, row)}.")
    return _unless_told(case, decision)


def _is_older(case: Case) -> bool:
    """Whether a signal that names no version began before the live one served: then it is about the one before."""
    if case.signal.version is not None or case.signal.kind not in ABOUT_A_VERSION or case.live_since is None:
        return False
    try:
        return moment(case.signal.since) < case.live_since
    except ValueError:
        return False


ABOUT_A_VERSION = MONITORS | {"monitor_failed", "alarm"}
"""Kinds of signal that say something about the version that served at the time."""


def _row(case: Case, rows: Sequence[RemedyRow]) -> RemedyRow:
    """The first row that fits, else the default."""
    signal = case.signal
    subjects, checks = _subjects(signal), [each.check for each in signal.violations]
    fitting = (row for row in rows if row.fits(signal.kind, subjects, checks, signal.severity))
    return next(fitting, None) or default_row(signal, retrains=case.limits is not None)


def _subjects(signal: Signal) -> list[str]:
    return list(dict.fromkeys(each.subject for each in signal.violations if each.subject))


def _clean(case: Case) -> Decision:
    """A run that found nothing: it says so if the runs before had found something that was never confirmed."""
    last = next(case.memory.of_kind(case.signal.kind, case.version), None)
    if last and last.reason == Reason.DRIFT_NOT_CONFIRMED:
        said = f"{seen(case)} What was seen at {as_text(last.at)} went away by itself."
        return ignored(Reason.DRIFT_WENT_AWAY, said)
    return ignored(Reason.NO_VIOLATIONS, f"{seen(case)} Nothing has to be done.")


def _is_notice(case: Case, past: Past) -> bool:
    """Whether people were told of ``past`` within the last day."""
    return past.remedy == "notify" and case.at - past.at < REMIND


def _counted(case: Case, first: Past) -> Decision:
    said = f"{seen(case)} It is counted with the decision of {as_text(first.at)} ({first.remedy}, {first.reason})."
    return ignored(Reason.COALESCED, said)


def _first_of_many(case: Case, decided: frozenset[Reason]) -> Past | None:
    """The decision of the last minutes, or one that still waits, with which this signal is counted: of one that was
    ``decided`` for these reasons. A person is always answered."""
    if case.by_person:
        return None
    recent = (
        past
        for past in case.memory.decisions
        if past.kind == case.signal.kind
        and past.version == case.version
        and past.run != case.signal.run
        and (timedelta() <= case.at - past.at < TOGETHER or past.until > as_text(case.at))
    )
    return next((past for past in recent if not past.clean and past.reason in decided), None)


_DECIDED = frozenset(Reason) - {
    Reason.COALESCED,
    Reason.EVENT_DUPLICATE,
    Reason.VERSION_NOT_LIVE,
    Reason.POLICY_INVALID,
    Reason.POLICY_MISSING,
}
"""Reasons of decisions with which further signals are counted. One that a policy made impossible is none of them: it
may have been written again since."""


def _runs_that_show_it(case: Case, row: RemedyRow) -> tuple[int, int]:
    """``(shown, looked)``: how many of the last runs that the row looks at show what it is about, and how many there
    are. The run itself is the newest one, unless it waited since: then newer runs count too."""
    signal = case.signal
    past = list(case.memory.of_kind(signal.kind, case.version))
    shows = [(each.run, _shows(each, row)) for each in past if each.run != signal.run]
    place = next((at for at, each in enumerate(past) if each.run == signal.run), 0)
    shows.insert(place, (signal.run, True))
    last = list(islice(shows, row.runs[1]))
    return sum(shown for _, shown in last), len(last)


def _shows(past: Past, row: RemedyRow) -> bool:
    """Whether a remembered run showed what ``row`` is about, as far as its record says."""
    return not past.clean and row.fits(past.kind, past.subjects, past.checks or row.checks, past.severity)


def _newest_is_clean(case: Case) -> bool:
    newest = next(case.memory.of_kind(case.signal.kind, case.version), None)
    return newest is not None and newest.clean


def _so_many(shown: int, looked: int, row: RemedyRow) -> str:
    runs = "run shows" if looked == 1 else "runs show"
    return f"{shown} of the last {looked} {runs} it, and the policy asks for {row.runs[0]} of {row.runs[1]}"


def _unless_told(case: Case, decision: Decision) -> Decision:
    """The decision, or none if a monitor's run says again what was told within the last day."""
    monitored = case.signal.kind in MONITORS or case.signal.kind == "monitor_failed"
    if not monitored or decision.remedy not in ("notify", "investigate"):
        return decision
    told = [
        past
        for past in case.memory.of_kind(case.signal.kind, case.version)
        if (past.remedy, past.reason) == (decision.remedy, decision.reason) and case.at - past.at < REMIND
    ]
    known = {subject for past in told for subject in past.subjects}
    if told and set(_subjects(case.signal)) <= known:
        said = f"{seen(case)} The same was told at {as_text(told[-1].at)} ({decision.reason})."
        return ignored(Reason.ALREADY_TOLD, said)
    return decision


def _answer(case: Case, decision: Decision) -> Answer:
    answer: Answer = {"remedy": decision.remedy, "reason": str(decision.reason), "sentence": decision.sentence}
    if decision.until is not None:
        answer["until"] = as_text(decision.until)
    notice = notice_of(case, decision)
    if notice:
        answer["notice"] = notice
    if decision.reason is not Reason.EVENT_DUPLICATE:
        answer["record"] = _record(case, decision)
        answer["remember"] = {"revision": case.memory.revision + 1, **decision.remember}
    return answer | decision.needs  # type: ignore[return-value]


def _record(case: Case, decision: Decision) -> dict[str, Any]:
    """The decision as the ledger keeps it; ``read_memory`` reads it again."""
    signal = case.signal
    return {
        "at": as_text(case.at),
        "run": signal.run,
        "kind": signal.kind,
        "remedy": decision.remedy,
        "reason": str(decision.reason),
        "until": as_text(decision.until) if decision.until else "",
        "version": case.version,
        "severity": signal.severity,
        "count": signal.count,
        "subjects": [subject[:100] for subject in _subjects(signal)[:RECORDED]],
        "checks": sorted({each.check[:60] for each in signal.violations})[:RECORDED],
        "evidence": signal.evidence[:1024],
        "sentence": decision.sentence[:1000],
    }
