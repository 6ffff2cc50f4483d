"""Writes the page of a retraining: what drifted, what was decided, which model came of it, and where it led."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from html import escape

from rehearsal.report.pages.comparison import comparison
from rehearsal.report.pages.costs import costs_table
from rehearsal.report.pages.frame import document, notice_card, signal, timeline_table
from rehearsal.report.pages.markup import record
from rehearsal.report.pages.measured import figure, monitor_chart
from rehearsal.report.pages.monitor_page import monitor_file
from rehearsal.report.result import Moment, Notice, Release, Result, starts
from rehearsal.report.retrainings import Loop
from rehearsal.report.watching import CLEAN, FOUND, MonitorRun
from rehearsal.scenario.quantities import duration, money, offset

_MARGIN = 8 * 3600.0  # of a drawing, before and after
_VERDICTS = {"Approve": "was approved", "Leave": "waits for a person", "Reject": "was rejected"}
_LAMPS = {"Approve": "green", "Leave": "amber", "Reject": "red"}


def loop_file(loop: Loop) -> str:
    """The file name of a retraining's page."""
    return f"loop-{loop.name}.html"


def loop_page(loop: Loop, result: Result) -> str:
    """The page of one retraining."""
    sections = (
        ("What happened", _chart(loop, result)),
        ("From drift to a new version", _story(loop, result)),
        ("Signal and decision", _decision(loop)),
        ("The gate: champion and challenger", comparison(loop) or f"<p>{escape(loop.verdict_sentence)}</p>"),
        ("Training", _steps(loop)),
        ("Timeline", timeline_table(_moments(loop, result), loop.started)),
        ("Cost", costs_table(loop.costs)),
        ("Notices", "".join(notice_card(each) for each in _notices(loop, result))),
    )
    body = _head(loop) + _facts(loop, result)
    body += "".join(f"<section><h2>{title}</h2>{html}</section>" for title, html in sections if html)
    crumb = f'<a href="index.html">Rehearsal {escape(result.scenario)}</a>'
    return document(f"Retraining {loop.name}", crumb, body, result)


def outcome(loop: Loop) -> tuple[str, str]:
    """What became of a retraining, in words, and the colour of its lamp."""
    if loop.ended is None:
        return "is under way", ""
    if loop.verdict:
        return f"version {loop.version} {_VERDICTS.get(loop.verdict, loop.verdict)}", _LAMPS.get(loop.verdict, "")
    return ("failed", "red") if loop.failed else ("brought no new version", "amber")


def _head(loop: Loop) -> str:
    words, lamp = outcome(loop)
    colon = ": " if loop.verdict else " "
    said = loop.verdict_sentence or loop.sentence
    return (
        f'<div class="head">{signal(lamp, words)}<div><h1>Retraining of {escape(loop.group)}{colon}{escape(words)}</h1>'
        f'<p class="sentence">{escape(said)}</p><p class="reason">{escape(loop.name)} · {escape(loop.reason)}</p>'
        f'<p class="reason">{starts(loop.started)}</p></div></div>'
    )


def _facts(loop: Loop, result: Result) -> str:
    release = _release(loop, result)
    kept = sum(each.verdict == "Pass" for each in loop.rules)
    month = sum(each.usd_per_month or 0.0 for each in result.monitors if each.endpoint == loop.endpoint)
    facts = (
        ("Retraining took", duration((loop.ended or result.ended) - loop.started)),
        ("New version", str(loop.version or "none")),
        ("Rules kept", f"{kept} of {len(loop.rules)}"),
        ("Its release", release.outcome or "unfinished" if release else "none"),
        ("Retraining cost", money(loop.cost_usd)),
        ("Monitors, a month", money(month)),
    )
    items = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return f'<dl class="facts six">{items}</dl>'


def _chart(loop: Loop, result: Result) -> str:
    """Each monitor of the endpoint that compares features, from before the drift until after the release."""
    release = _release(loop, result)
    begins = [each.begin for each in result.drifts if each.endpoint == loop.endpoint and each.begin <= loop.started]
    begin = max(result.started, min(loop.started, *begins[-1:] or [loop.started]) - _MARGIN)
    ended = (release.ended if release else loop.ended) or result.ended
    span = begin, min(result.ended, max(ended, loop.started) + _MARGIN)
    parts = []
    for each in result.monitors:
        drawing = monitor_chart(each, result, span) if each.endpoint == loop.endpoint else ""
        if drawing:
            link = f'<a href="{escape(monitor_file(each))}">all runs of monitor {escape(each.name)}</a>'
            parts.append(figure(drawing, each.kind, f"{_ANEW} {link}"))
    return "".join(parts)


_ANEW = "When a new version goes live, its own baseline counts; a window in which that happens is not judged."


def _story(loop: Loop, result: Result) -> str:
    """The loop in a few rows, each with its time since the drift began, or since the retraining did."""
    rows = sorted(_stations(loop, result), key=lambda each: each[0])
    zero = rows[0][0]
    cells = "".join(
        f'<tr><td class="when">{offset(at - result.started)}</td>'
        f'<td class="when">{datetime.fromtimestamp(at, UTC):%d %b %H:%M}</td><td>{html}</td>'
        f"<td class=when>{duration(at - zero) if at > zero else ''}</td></tr>"
        for at, html in rows
    )
    head = "<th class=when>When</th><th class=when>UTC</th><th>What</th><th class=when>Since the first row</th>"
    return f"<table><tr>{head}</tr>{cells}</table>"


def _stations(loop: Loop, result: Result) -> Iterator[tuple[float, str]]:
    drift = next(
        (each for each in reversed(result.drifts) if each.endpoint == loop.endpoint and each.begin <= loop.started),
        None,
    )
    if drift is not None:
        yield drift.begin, f"The requests of {escape(loop.endpoint)} begin to drift ({escape(drift.drift)})."
        seen = _first(loop, result, FOUND, drift.begin)
        if seen is not None:
            yield seen.ended, f"Monitor {escape(seen.monitor)} sees it: {escape(', '.join(seen.subjects))}."
    if loop.decision is not None:
        yield loop.decision.at, "The decision to retrain."
    yield loop.started, "The retraining begins."
    if loop.judged is not None:
        yield loop.judged, f"The gate has judged: version {loop.version} {_VERDICTS.get(loop.verdict, loop.verdict)}."
    release = _release(loop, result)
    if release is not None:
        link = f'<a href="{escape(release.id)}.html">{escape(release.id)}</a>'
        yield release.started, f"Its release begins: {link}."
        if release.ended is not None:
            yield release.ended, f"The release ends {escape(release.outcome)}. {escape(release.sentence)}"
            clean = _first(loop, result, CLEAN, release.ended)
            if clean is not None:
                yield clean.ended, f"Monitor {escape(clean.monitor)} finds nothing again."


def _first(loop: Loop, result: Result, status: str, since: float) -> MonitorRun | None:
    runs = (run for each in result.monitors if each.endpoint == loop.endpoint for run in each.runs)
    fitting = [run for run in runs if run.status == status and run.begin >= since - 1]
    return min(fitting, key=lambda run: run.ended, default=None)


def _decision(loop: Loop) -> str:
    if loop.decision is None:
        return f"<p>Nobody decided it from a signal: a person started it.</p>{record(loop.signal)}"
    decision = loop.decision
    return (
        f"<p><b>{escape(decision.remedy)}</b>, because of {escape(decision.reason)}. {escape(decision.sentence)}</p>"
        f"<details><summary>The signal, as the retraining was told</summary>{record(loop.signal)}</details>"
    )


def _steps(loop: Loop) -> str:
    if not loop.steps:
        return ""
    rows = "".join(
        f'<tr><td class="when">{offset(each.began - loop.started)}</td><td>{escape(each.name)}</td>'
        f'<td class="word {"bad" if each.status == "Failed" else "good"}">{escape(each.status)}</td>'
        f'<td class="when">{duration(each.ended - each.began) if each.ended is not None else ""}</td>'
        f"<td class=number>{money(each.cost_usd) if each.cost_usd else ''}</td><td>{escape(each.failure)}</td></tr>"
        for each in loop.steps
    )
    head = "<tr><th>Began</th><th>Step</th><th>Ended</th><th>Took</th><th class=number>Its job</th><th></th></tr>"
    name = escape(loop.pipeline.partition("pipeline/")[2].partition("/")[0])
    return f"<p>Pipeline <code>{name}</code></p><div class=scroll><table>{head}{rows}</table></div>"


def _release(loop: Loop, result: Result) -> Release | None:
    return next((each for each in result.releases if each.id == loop.release), None)


def _moments(loop: Loop, result: Result) -> list[Moment]:
    begin = min(loop.started, loop.decision.at if loop.decision else loop.started)
    end = loop.ended or result.ended
    return [
        each for each in result.moments if begin - 60 <= each.at <= end + 5 and each.endpoint in ("", loop.endpoint)
    ]


def _notices(loop: Loop, result: Result) -> list[Notice]:
    end = (loop.ended or result.ended) + 5
    return [
        each
        for each in result.notices
        if loop.started - 5 <= each.at <= end and f"[Interlock] {loop.group} " in each.subject
    ]
