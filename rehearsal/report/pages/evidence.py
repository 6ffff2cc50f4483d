"""Writes the evidence of a release: each rule with its measurements and its sure range, then every look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from html import escape
from typing import Any

from rehearsal.report.evidence import (
    Case,
    Judge,
    Look,
    Sure,
    between,
    cases,
    decisions,
    difference,
    direction,
    in_words,
    number,
    verdicts,
    what_was_sure,
)
from rehearsal.report.pages.drawing import Mark, Panel, Series, chart
from rehearsal.report.pages.interval import Dot, Interval, Line
from rehearsal.report.pages.markup import legend, record, sign, tone
from rehearsal.report.plural import counted
from rehearsal.report.result import JournalEntry, Release
from rehearsal.report.timeline import NEXT, sentence
from rehearsal.scenario.quantities import duration, offset

_AT_ONCE = 60.0
_SIGNS = (  # its class in a drawing, class and text in the legend, meaning
    ('class="line candidate"', "candidate", "", "candidate"),
    ('class="line stable"', "stable", "", "stable"),
    ('class="sure"', "sure", "", "where the truth very probably lies, however often one looks"),
    (">✓</text>", "sign pass", "✓", "Pass"),
    (">✕</text>", "sign fail", "✕", "Fail"),
    (">?</text>", "sign unsure", "?", "Inconclusive"),
    (">!</text>", "sign fail", "!", "Error"),
)


def evidence(release: Release, span: tuple[float, float], judge: Judge | None = None) -> str:
    """The whole section; `judge` computes the bands: the deployed one, unless a test brings its own."""
    looks = verdicts(release.journal)
    if not looks:
        bakes = any(step.get("bake") for step in release.plan.get("steps", ()))
        return "<p class=soft>The release was over before a look was taken.</p>" if bakes and release.ended else ""
    known: dict[int, dict[tuple[str, str], list[Sure | None]]] = {}
    drawn = ""
    for case in cases(release.journal):
        if id(case.given) not in known:
            known[id(case.given)] = what_was_sure(case.given, judge or _deployed())
        drawn += _case(case, known[id(case.given)].get(case.key, []), span, release)
    return f'<div class="evidence">{legend(drawn, _SIGNS)}{drawn}{_looks(looks, release.started)}</div>'


def _deployed() -> Judge:
    """The judge of the layer, which is on the path once an account has been deployed."""
    from interlock.evidence.judge import judge

    return judge


def _case(case: Case, band: Sequence[Sure | None], span: tuple[float, float], release: Release) -> str:
    """One rule: its question, the drawing, the last finding, and the sample of that finding."""
    last = case.looks[-1]
    drawing = chart(span, _panels(case, band), [], list(_marks(case, release)), f"Evidence on {in_words(case.rule)}")
    facts = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in _facts(case, last))
    return (
        f'<article><h3><span class="{tone(last.verdict)}">{sign(last.verdict)[1]} {escape(last.verdict)}</span> '
        f"{escape(in_words(case.rule))}</h3><figure>{drawing}"
        f"<figcaption><p>{escape(sentence(last.finding))}</p><dl>{facts}</dl></figcaption></figure></article>"
    )


def _facts(case: Case, last: Look) -> Iterator[tuple[str, str]]:
    finding, rule = last.finding, case.rule
    sample = counted(finding.get("requests") or 0, "request") + " of the candidate"
    yield "Sample", f"{sample} in {counted(finding.get('periods') or 0, 'period')} of {duration(case.period)}"
    if finding.get("interval"):
        told = difference if case.compares else partial(_number, case)
        low, high = finding["interval"]
        yield "Difference" if case.compares else "Interval", between(low, high, told)
    if rule.get("min_requests"):
        yield "Never passes before", counted(rule["min_requests"], "request")
    if finding.get("best") is not None:
        yield "Chance to be the better one", number("share", finding["best"])
    needs = finding.get("needs")
    if needs:
        more = f"about {counted(needs['requests'], 'more request')}"
        yield "Would take", f"{more}, {duration(needs['seconds'])} at this traffic"
    elif last.verdict == "Inconclusive":
        yield "Would take", "longer than can be told"


def _number(case: Case, value: float) -> str:
    """A value on the scale of the rule's interval: a percentile within a limit is a share of requests beyond it."""
    return number("share" if case.rule["kind"] == "percentile" else case.rule["unit"], value)


def _panels(case: Case, band: Sequence[Sure | None]) -> list[Panel | Interval]:
    rule = case.rule
    series = [
        Series(role, _name(case, role), _with_gaps(case.values(role), case.period)) for role in ("stable", "candidate")
    ]
    smoothed = f", each over five periods of {duration(case.period)}" if rule["kind"] == "rate" else ""
    title = f"{rule['title'][:1].upper()}{rule['title'][1:]} as measured{smoothed}"
    unit = rule["unit"]
    values = Panel(
        title if any(each.points for each in series) else f"{title}: nothing was measured",
        96,
        [each for each in series if each.points],
        partial(number, unit),
        limit=None if case.compares else rule["value"],
    )
    decided, end = {id(look) for look in decisions(case)}, case.looks[-1].at  # periods may have been under way then
    band = [sure and replace(sure, at=min(sure.at, end)) for sure in band]
    dots = [_dot(case, look, id(look) in decided) for look in case.looks]
    if case.compares:
        up = direction(rule)
        lines = [
            Line(0.0, "no difference", "same"),
            Line(rule["value"], f"{number('share', rule['value'])} {up}", "limit"),
        ]
        return [
            values,
            Interval(f"Sure range of the difference to stable: up is {up}", 132, band, dots, lines, difference),
        ]
    title, limit, label = "Sure range of the candidate’s value", rule["value"], number(unit, rule["value"])
    if rule["kind"] == "percentile":
        title = f"Sure range of the share of the candidate’s requests slower than {label}"
        limit, label = rule["tail"], f"{number('share', rule['tail'])} allowed"
    lines = [Line(limit, label if rule["kind"] == "percentile" else f"limit {label}", "limit")]
    return [values, Interval(title, 132, band, dots, lines, partial(_number, case))]


def _name(case: Case, role: str) -> str:
    variant = case.variant(role)
    return f"{role}, variant {variant}" if variant else role


def _with_gaps(values: Mapping[float, float], period: float) -> list[tuple[float, float | None]]:
    """Points of a line that breaks where a period was not measured."""
    points: list[tuple[float, float | None]] = []
    for at, value in values.items():
        if points and at - points[-1][0] > period * 1.5:
            points.append((points[-1][0] + period, None))
        points.append((at, value))
    return points


def _dot(case: Case, look: Look, decides: bool) -> Dot:
    kind, shown = sign(look.verdict)
    low, high = look.finding.get("interval") or (None, None)
    title = f"{look.verdict}: {sentence(look.finding)}"
    return Dot(look.at, case.estimate(look), low, high, kind, shown, title, decides)


def _marks(case: Case, release: Release) -> Iterator[Mark]:
    """Where the candidate's share changed, the looks that decided or that ended a bake, and the end of the release."""
    decided = {id(look) for look in decisions(case)}
    begun: dict[str, float] = {}
    for entry in verdicts(release.journal):
        begun.setdefault(str(entry.document.get("since", "")), float(entry.document.get("percent") or 0))
    for since, percent in begun.items():
        if since:
            yield Mark(
                datetime.fromisoformat(since).timestamp(),
                "traffic",
                f"{percent:g} % of the traffic from here on" if percent else "copies only from here on",
                words=f"{percent:g} %" if percent else "shadow",
            )
    for look in case.looks:
        if id(look) in decided or look.ends_bake:
            kind, shown = sign(look.verdict)
            words = _short(case, look) if id(look) in decided else look.verdict
            title = f"{look.verdict}: {sentence(look.finding)}"
            yield Mark(look.at, kind, title, shown, words + (_consequence(look) if look.ends_bake else ""))
    for entry in release.journal:  # a look that ended in one says so itself
        if entry.kind == "ROLLBACK" and all(abs(look.at - entry.at) > _AT_ONCE for look in case.looks):
            yield Mark(entry.at, "fail", f"rolled back: {sentence(entry.document)}", "↩", "rolled back")


def _consequence(look: Look) -> str:
    """The consequence of the end of a bake, if this rule is its reason."""
    then = NEXT.get(look.next, look.next)
    return f", {then}" if look.verdict == look.overall else f" ({then} for another reason)"


def _short(case: Case, look: Look) -> str:
    """Few words for a decision: `Fail: +16 %`, `Pass: within 2 %`."""
    passed, rule = look.verdict == "Pass", case.rule
    if case.compares:
        measured, high = look.finding.get("difference"), (look.finding.get("interval") or (None, None))[1]
        if passed and rule["bound"] == "margin" and (high is None or high >= rule["value"]) and rule["ignore_below"]:
            return f"Pass: below {number('share', rule['ignore_below'])}"
        return f"{look.verdict}: {difference(measured)}" if measured is not None else look.verdict
    return f"{look.verdict}: {'within' if passed else 'beyond'} {number(rule['unit'], rule['value'])}"


def _looks(looks: Sequence[JournalEntry], start: float) -> str:
    """Every look as a row; the raw record of one is folded away."""
    titles = ("When", "Traffic", "Verdict", "Finding of each rule", "Then")
    rows = "".join(_row(entry, start, last=entry is looks[-1]) for entry in looks)
    head = "".join(f"<th>{title}</th>" for title in titles)
    return f'<h3>Every look</h3><div class="scroll"><table class="looks"><tr>{head}</tr>{rows}</table></div>'


def _row(entry: JournalEntry, start: float, last: bool) -> str:
    document = entry.document
    verdict, then, percent = (str(document.get(name, "")) for name in ("verdict", "next", "percent"))
    lines = "".join(_finding(each) for each in document.get("findings") or [document])
    shown = record(document if last else _without_results(document))
    share = "shadow" if percent in ("0", "0.0") else f"{percent} %" if percent else ""
    return (
        f'<tr><td class="when">{offset(entry.at - start)}</td><td class="when">{escape(share)}</td>'
        f'<td class="word {tone(verdict)}">{sign(verdict)[1]} {escape(verdict)}</td>'
        f'<td>{lines}<details class="soft"><summary>record</summary>{shown}</details></td>'
        f'<td class="word">{escape(NEXT.get(then, then))}</td></tr>'
    )


def _finding(finding: Mapping[str, Any]) -> str:
    verdict = str(finding.get("verdict", ""))
    return f'<div><span class="{tone(verdict)}">{sign(verdict)[1]}</span> {escape(sentence(finding))}</div>'


def _without_results(document: Mapping[str, Any]) -> dict[str, Any]:
    """A record without the parts that stand elsewhere: each look measures from the first bake on, so the last one has
    all datapoints, and the plan has the bake."""
    given = document.get("given") or {}
    if not given.get("results"):
        return dict(document)
    measured = {each["Id"]: f"{len(each['Values'])} values, among those of the last look" for each in given["results"]}
    return {**document, "given": {**given, "bake": "as in the plan", "results": measured}}
