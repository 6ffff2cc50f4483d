"""Writes the page of a monitor: how far the requests were from the baseline, each run, and what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rehearsal.report.loop_moments import subjects, window
from rehearsal.report.pages.frame import document, signal
from rehearsal.report.pages.measured import figure, monitor_chart, order_drawing
from rehearsal.report.plural import counted
from rehearsal.report.prices import LIST_PRICES
from rehearsal.report.result import Result, starts
from rehearsal.report.watching import CLEAN, FOUND, Decision, Monitor, MonitorRun
from rehearsal.scenario.quantities import count, money, offset

_TONES = {CLEAN: "good", FOUND: "bad", "Failed": "bad"}
STATUSES = {
    CLEAN: "found nothing",
    FOUND: "found something",
    "TooThin": "too few records",
    "WaitingForLabels": "waits for labels",
    "NoBaseline": "no baseline",
}
_REMEDY_TONES = {"ignore": "soft", "wait": "soft", "retrain": "good"}


def monitor_file(monitor: Monitor) -> str:
    """The file name of a monitor's page."""
    return f"monitor-{monitor.endpoint}-{monitor.name}.html"


def monitor_page(monitor: Monitor, result: Result) -> str:
    """The page of one monitor."""
    drawing = monitor_chart(monitor, result, (result.started, result.ended))
    decisions = [each for each in result.decisions if each.run.startswith(f"{monitor.endpoint}/{monitor.name}/")]
    sections = (
        ("Drift", figure(drawing, monitor.kind)),
        ("Order of the features", _order(monitor)),
        ("Decisions", decisions_table(decisions, result.started)),
        ("Runs", _runs(monitor, result)),
        ("Cost", _cost(monitor)),
    )
    found = sum(run.status == FOUND for run in monitor.runs)
    words = f"{counted(len(monitor.runs), 'run')}, {found} found something"
    body = (
        f'<div class="head">{signal("amber" if found else "green", words)}<div>'
        f"<h1>Monitor {escape(monitor.name)} of {escape(monitor.endpoint)}</h1>"
        f'<p class="sentence">{words}</p><p class="reason">{escape(monitor.kind)}</p>'
        f'<p class="reason">{starts(result.started)}</p></div></div>'
    )
    body += "".join(f"<section><h2>{title}</h2>{html}</section>" for title, html in sections if html)
    crumb = f'<a href="index.html">Rehearsal {escape(result.scenario)}</a>'
    return document(f"Monitor {monitor.name} of {monitor.endpoint}", crumb, body, result)


def _order(monitor: Monitor) -> str:
    """Of the last run that found something, else of the last one."""
    runs = [each for each in monitor.runs if each.order]
    last = next((each for each in reversed(runs) if each.status == FOUND), runs[-1] if runs else None)
    if last is None or last.order is None:
        return ""
    read = f"Window {window(last.begin, last.end)}: the feature by which the model decides most comes first."
    return f"<figure>{order_drawing(last.order)}</figure><p class=soft>{read} Red: three places or more.</p>"


def decisions_table(decisions: Sequence[Decision], start: float) -> str:
    """Each decision with its signal and its reason; several in a row that say the same are one row."""
    if not decisions:
        return ""
    rows = []
    for alike in _alike(decisions):
        first, more = alike[0], len(alike) - 1
        tone = _REMEDY_TONES.get(first.remedy, "warn")
        again = f"<div class=soft>and {counted(more, 'more time')} until {offset(alike[-1].at - start)}</div>"
        rows.append(
            f'<tr><td class="when">{offset(first.at - start)}</td><td>{escape(first.kind)}<div class=soft>'
            f'{escape(first.run)}</div></td><td class="word {tone}">{escape(first.remedy)}</td>'
            f"<td>{escape(first.reason)}</td><td>{escape(first.sentence)}{again if more else ''}</td></tr>"
        )
    head = "<tr><th>When</th><th>Signal</th><th>Remedy</th><th>Reason</th><th>Why</th></tr>"
    return f"<div class=scroll><table>{head}{''.join(rows)}</table></div>"


def _alike(decisions: Sequence[Decision]) -> list[list[Decision]]:
    """Decisions in groups: those that follow one another with the same signal's kind, remedy and reason."""
    groups: list[list[Decision]] = []
    for each in decisions:
        said = (each.group, each.kind, each.remedy, each.reason, each.version)
        last = groups[-1][0] if groups else None
        if last and said == (last.group, last.kind, last.remedy, last.reason, last.version):
            groups[-1].append(each)
        else:
            groups.append([each])
    return groups


def _runs(monitor: Monitor, result: Result) -> str:
    rows = "".join(_run(each, result) for each in monitor.runs)
    head = "<tr><th>Ended</th><th>Window (UTC)</th><th>Version</th><th>Status</th>"
    head += "<th class=number>Records</th><th></th></tr>"
    said = counted(len(monitor.runs), "run")
    return f"<details><summary>{said}</summary><div class=scroll><table>{head}{rows}</table></div></details>"


def _run(run: MonitorRun, result: Result) -> str:
    records = "" if run.records is None else count(run.records)
    told = subjects(run.subjects) if run.violations else "" if run.status == CLEAN else run.sentence
    return (
        f'<tr><td class="when">{offset(run.ended - result.started)}</td>'
        f'<td class="when">{window(run.begin, run.end)}</td><td>{run.version or ""}</td>'
        f'<td class="word {_TONES.get(run.status, "warn")}">{escape(STATUSES.get(run.status, run.status))}</td>'
        f'<td class="number">{records}</td><td>{escape(told)}</td></tr>'
    )


def _cost(monitor: Monitor) -> str:
    month = monitor.usd_per_month
    if month is None:
        return ""
    each = monitor.cost_usd / len(monitor.runs)
    return (
        f"<p>{counted(len(monitor.runs), 'run')} for {money(monitor.cost_usd)}, {money(each)} each; at this rate "
        f"<b>{money(month)} a month</b>.</p><p class=soft>The jobs alone, at {LIST_PRICES}; without S3 and the machine "
        "that starts them.</p>"
    )
