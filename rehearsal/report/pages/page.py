"""Writes the HTML of a release: one self-contained page, readable without a script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any

from rehearsal.report.pages.costs import costs_table
from rehearsal.report.pages.evidence import evidence
from rehearsal.report.pages.frame import LAMP, document, notice_card, signal, timeline_table
from rehearsal.report.pages.loop_page import loop_file
from rehearsal.report.pages.markup import legend, record
from rehearsal.report.pages.picture import calls_of, release_picture, span_of
from rehearsal.report.result import Moment, Notice, Release, Result, starts
from rehearsal.report.timeline import plan_title
from rehearsal.scenario.quantities import count, duration, money, offset

if TYPE_CHECKING:
    from rehearsal.account.gateway import Call

_LONGEST = 4_000  # characters of a call's request: Evidence shows the documents of the journal
_OUTCOME = {
    "Succeeded": "succeeded",
    "RolledBack": "was rolled back",
    "Failed": "failed",
    "Refused": "was refused",
    "Superseded": "was superseded",
    "Cancelled": "was cancelled",
}


def release_page(release: Release, result: Result) -> str:
    """The page of one release."""
    sections = (
        ("What happened", _picture(release, result)),
        ("Timeline", timeline_table(_moments(release, result), release.started)),
        ("Plan", _plans(release)),
        ("Evidence", evidence(release, span_of(release, result))),
        ("Cost", costs_table(release.costs)),
        ("API calls", _calls(calls_of(release, result), release.started)),
        ("Notices", "".join(notice_card(each) for each in _notices(release, result))),
    )
    body = _head(release, result) + _facts(release, result)
    body += "".join(f"<section><h2>{title}</h2>{html}</section>" for title, html in sections if html)
    crumb = f'<a href="index.html">Rehearsal {escape(result.scenario)}</a>'
    return document(f"{release.id}: {release.outcome}", crumb, body, result)


def _head(release: Release, result: Result) -> str:
    lamp = LAMP.get(release.outcome, "")
    words = _OUTCOME.get(release.outcome, "has not ended")
    title = f"Version {release.version} on {escape(release.endpoint)} {words}"
    reason = f"{escape(release.id)} · {escape(release.reason)}" if release.reason else escape(release.id)
    return (
        f'<div class="head">{signal(lamp, release.outcome)}<div><h1>{title}</h1>'
        f'<p class="sentence">{escape(release.sentence)}</p><p class="reason">{reason}</p>'
        f'<p class="reason">{starts(release.started)}</p>{_origin(release, result)}</div></div>'
    )


def _origin(release: Release, result: Result) -> str:
    """The retraining that made the version, if one did."""
    loop = next((each for each in result.loops if each.release == release.id), None)
    if loop is None:
        return ""
    return f'<p class="reason">trained by <a href="{escape(loop_file(loop))}">{escape(loop.name)}</a></p>'


def _facts(release: Release, result: Result) -> str:
    facts = (
        ("Virtual time", duration((release.ended or result.ended) - release.started), False),
        ("Requests", count(release.requests_served), False),
        ("Candidate errors", count(release.requests_failed_by_candidate), release.requests_failed_by_candidate > 0),
        ("Lost", count(release.requests_lost), release.requests_lost > 0),
        ("State transitions", count(release.transitions), False),
        ("Function calls", count(release.functions_invoked), False),
        ("Polls", count(release.polls), False),
        ("Cost", money(release.cost_usd), False),
    )
    items = "".join(
        f"<div><dt>{name}</dt><dd{' class=bad' if bad else ''}>{value}</dd></div>" for name, value, bad in facts
    )
    return f'<dl class="facts">{items}</dl>'


def _picture(release: Release, result: Result) -> str:
    """The drawing below a legend of its parts, and of no others."""
    drawing = release_picture(release, result)
    signs = (
        ('class="area candidate"', "candidate", "", f"candidate, version {release.version}"),
        ('class="area stable"', "stable", "", "stable"),
        ('class="alarm"', "alarm", "", "in alarm"),
        ('class="tick traffic"', "tick moved", "", "moves traffic or fleets"),
        ('class="tick step"', "tick", "", "other change"),
    )
    return f"{legend(drawing, signs)}<figure>{drawing}</figure>"


def _moments(release: Release, result: Result) -> list[Moment]:
    end = (release.ended or result.ended) + 1
    others = [each for each in result.releases if each.id != release.id]
    elsewhere = {source for each in others for source in _sources(each)} - _sources(release)
    return [
        moment
        for moment in result.moments
        if release.started - 60 <= moment.at <= end
        and moment.endpoint in ("", release.endpoint)
        and moment.source not in elsewhere
    ]


def _sources(release: Release) -> set[str]:
    """The sources of moments that belong to a release."""
    return {release.id, *release.executions, *release.guards}


def _plans(release: Release) -> str:
    """The plan that went out, and the plans that rolled it back or recovered it, in the order they were made."""
    plans = [entry for entry in release.journal if entry.kind == "PLAN"]
    stopped = next((entry.document.get("step") for entry in release.journal if entry.kind == "ROLLBACK"), None)
    return "".join(
        _plan(entry.document, entry.at - release.started, stopped if index == 0 else None)
        for index, entry in enumerate(plans)
    )


def _plan(plan: Mapping[str, Any], at: float, stopped: int | None) -> str:
    """`stopped` is the index of the step under way when the release was rolled back, None when it was not."""
    warnings = "".join(f"<li>{escape(str(warning))}</li>" for warning in plan.get("warnings", ()))
    steps = "".join(
        f"<li{_progress(index, stopped)}>{_step(step)}</li>" for index, step in enumerate(plan.get("steps", ()))
    )
    restore = plan.get("restore") or {}
    back = (
        f"<p class=soft>To restore stable, ready from the start:</p>{_step(restore)}" if restore.get("request") else ""
    )
    return (
        f"<p><b>{escape(plan_title(plan)[:1].upper() + plan_title(plan)[1:])}.</b> {escape(str(plan.get('why', '')))} "
        f"<span class=soft>Made at {offset(max(at, 0))}.</span></p>"
        + (f'<ul class="warnings">{warnings}</ul>' if warnings else "")
        + (f'<ol class="steps">{steps}</ol>' if steps else "")
        + back
    )


def _progress(index: int, stopped: int | None) -> str:
    """The class of a step of a plan that did not run to its end; the style sheet puts the sign in front of it."""
    if stopped is None:
        return ""
    kind, title = ("done", "done") if index < stopped else ("stopped", "rolled back here")
    if index > stopped:
        kind, title = "unreached", "not reached"
    return f' class="{kind}" title="{title}"'


def _step(step: Mapping[str, Any]) -> str:
    action, note = escape(str(step.get("action", ""))), escape(str(step.get("note", "")))
    summary = f"{note} <span class=soft>{action}</span>" if note else action
    return f"<details><summary>{summary}</summary>{record(step.get('bake') or step.get('request', {}))}</details>"


def _calls(calls: Iterable[Call], start: float) -> str:
    rows = []
    for call in calls:
        tone, error = ("bad", escape(str(call.error))) if call.error else ("soft", escape(call.caller.state))
        rows.append(
            f"<details><summary><span class=soft>{offset(max(call.at - start, 0))}</span>"
            f"<span class=soft>{escape(_role(call.caller.principal))}</span>"
            f'<span class="operation">{escape(call.service)} <b>{escape(call.operation)}</b></span>'
            f'<span class="{tone}">{error}</span></summary>{record(call.request, _LONGEST)}</details>'
        )
    return f'<div class="calls">{"".join(rows)}</div>' if rows else ""


def _role(principal: str) -> str:
    """A role's name as the template has it, without what CloudFormation puts around it: stack and twelve characters."""
    return re.sub(r"^.*?-(\w+)-[0-9a-f]{12}$", r"\1", principal.rpartition("/")[2])


def _notices(release: Release, result: Result) -> list[Notice]:
    whole = re.compile(rf"(?<![\w-]){re.escape(release.id)}(?![\w-])")  # digits-v1-1 is not digits-v1-10
    return [each for each in result.notices if whole.search(f"{each.subject} {each.body}")]
