"""Writes the index of a rehearsal: its releases, retrainings, decisions and monitors, and what was expected."""

from __future__ import annotations

from html import escape

from rehearsal.report.loop_moments import NOTHING_FOUND
from rehearsal.report.pages.frame import LAMP, document, signal, timeline_table
from rehearsal.report.pages.loop_page import loop_file, outcome
from rehearsal.report.pages.monitor_page import decisions_table, monitor_file
from rehearsal.report.plural import counted
from rehearsal.report.result import Release, Result, starts
from rehearsal.report.watching import FOUND
from rehearsal.scenario.quantities import count, duration, money, offset

_TONES = {"green": "good", "amber": "warn", "red": "bad"}


def index_page(result: Result) -> str:
    """The page that lists the releases of a rehearsal and its expectations."""
    held = sum(finding.held for finding in result.findings)
    kept = f"{held} of {len(result.findings)} expectations held"
    lamp = "green" if result.passed else "red"
    rows = "".join(_index_row(release, result) for release in result.releases)
    findings = "".join(
        f'<tr><td class="tight word {"good" if each.held else "bad"}">{"held" if each.held else "failed"}</td>'
        f"<td>{escape(each.text)}</td><td class=soft>{'' if each.held else 'seen: ' + escape(each.seen)}</td></tr>"
        for each in result.findings
    )
    body = (
        f'<div class="head">{signal(lamp, kept)}<div><h1>{escape(result.scenario)}</h1>'
        f'<p class="sentence">{escape(result.about)}</p><p class="reason">{kept}</p>'
        f'<p class="reason">{starts(result.started)}</p></div></div>'
        "<h2>Releases</h2><div class=scroll><table class=releases>"
        "<tr><th>Release</th><th>Outcome</th><th>Why</th><th>Took</th>"
        "<th class=number>Requests</th><th class=number>Candidate errors</th><th class=number>Lost</th></tr>"
        f"{rows}</table></div>{_loops(result)}{_decisions(result)}{_monitors(result)}"
        f"<h2>Timeline</h2>{timeline_table(result.moments, result.started)}"
        f"<h2>Expectations</h2><details{'' if result.passed else ' open'}><summary>{kept}</summary>"
        f"<table>{findings}</table></details>"
    )
    return document(f"Rehearsal {result.scenario}", "Rehearsal", body, result)


def _index_row(release: Release, result: Result) -> str:
    tone = _TONES.get(LAMP.get(release.outcome, ""), "")
    lost = "number bad" if release.requests_lost else "number"
    return (
        f'<tr><td class="word"><a href="{escape(release.id)}.html">{escape(release.id)}</a></td>'
        f'<td class="word {tone}">{escape(release.outcome or "unfinished")}</td><td>{escape(release.sentence)}</td>'
        f'<td class="when" data-title="Took">{duration((release.ended or result.ended) - release.started)}</td>'
        f'<td class="number" data-title="Requests">{count(release.requests_served)}</td>'
        f'<td class="number" data-title="Candidate errors">{count(release.requests_failed_by_candidate)}</td>'
        f'<td class="{lost}" data-title="Lost">{count(release.requests_lost)}</td></tr>'
    )


def _loops(result: Result) -> str:
    """Each retraining: why, what became of it, and the release it led to."""
    rows = []
    for each in result.loops:
        words, lamp = outcome(each)
        link = f'<a href="{escape(each.release)}.html">{escape(each.release)}</a>' if each.release else "none"
        why = each.decision.sentence if each.decision else "A person started it."
        rows.append(
            f'<tr><td class="when">{offset(each.started - result.started)}</td><td class="word">'
            f'<a href="{escape(loop_file(each))}">{escape(each.name)}</a></td>'
            f'<td class="{_TONES.get(lamp, "")}"><b>{escape(words)}</b></td><td>{escape(why)}</td>'
            f"<td class=word>{link}</td><td class=number>{money(each.cost_usd)}</td></tr>"
        )
    head = "<tr><th>When</th><th>Retraining</th><th>Outcome</th><th>Why</th><th>Release</th>"
    head += "<th class=number>Cost</th></tr>"
    table = f"<div class=scroll><table>{head}{''.join(rows)}</table></div>"
    return f"<h2>Retrainings</h2>{table}" if rows else ""


def _decisions(result: Result) -> str:
    """The decisions about signals that told of something, and how many others there were."""
    told = [each for each in result.decisions if each.reason != NOTHING_FOUND]
    clean = len(result.decisions) - len(told)
    more = f"<p class=soft>{counted(clean, 'run')} of monitors found nothing, so nothing was done.</p>" if clean else ""
    return f"<h2>Decisions</h2>{decisions_table(told, result.started)}{more}" if result.decisions else ""


def _monitors(result: Result) -> str:
    rows = "".join(
        f'<tr><td class="word"><a href="{escape(monitor_file(each))}">{escape(f"{each.endpoint} {each.name}")}</a></td>'
        f"<td>{escape(each.kind)}</td><td class=number>{len(each.runs)}</td>"
        f"<td class=number>{sum(run.status == FOUND for run in each.runs)}</td>"
        f"<td class=number>{'' if each.usd_per_month is None else money(each.usd_per_month)}</td></tr>"
        for each in result.monitors
    )
    head = (
        "<tr><th>Monitor</th><th>Kind</th><th class=number>Runs</th><th class=number>Found something</th>"
        "<th class=number>Jobs, a month at this rate</th></tr>"
    )
    return f"<h2>Monitors</h2><div class=scroll><table>{head}{rows}</table></div>" if rows else ""
