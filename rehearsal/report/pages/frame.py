"""The frame of every page, and the parts that pages have in common: the signal, the timeline, a notice."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path

from rehearsal.report.result import Moment, Notice, Result, instant
from rehearsal.scenario.quantities import duration, offset

_STYLE = Path(__file__).with_name("style.css")
LAMP = {"Succeeded": "green", "RolledBack": "amber", "Failed": "red"}


def document(title: str, crumb: str, body: str, result: Result) -> str:
    """A whole page: its title, the way back, and what is on it."""
    covered = duration(result.ended - result.started)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE.read_text(encoding='utf-8')}</style></head>"
        f'<body><main><p class="crumb">{crumb}</p>{body}'
        f"<footer>Simulated account, {covered} of virtual time from {instant(result.started)}, seed {result.seed}. "
        f"Times are virtual and in UTC.</footer></main></body></html>\n"
    )


def signal(lit: str, title: str) -> str:
    """A colour-light signal: the outcome at a glance, repeated in words beside it."""
    lamps = "".join(
        f'<circle cx="17" cy="{y}" r="8.5" class="{colour if colour == lit else "dark"}"/>'
        for colour, y in (("green", 17), ("amber", 39), ("red", 61))
    )
    return (
        f'<svg class="signal" viewBox="0 0 34 78" role="img" aria-label="{escape(title)}">'
        f'<rect class="post" x=".5" y=".5" width="33" height="77" rx="16"/>{lamps}</svg>'
    )


def timeline_table(moments: Iterable[Moment], start: float) -> str:
    """Moments as a table, their times counted from `start`."""
    rows = []
    for moment in moments:
        tone = {True: "good", False: "bad", None: ""}[moment.good]
        text = escape(f"{moment.endpoint} {moment.text}".strip())
        rows.append(
            f'<tr><td class="when">{offset(moment.at - start) if moment.at >= start else "before"}</td>'
            f'<td class="tight {tone or "soft"}">{moment.kind}</td><td>{text}</td></tr>'
        )
    return f"<table>{''.join(rows)}</table>" if rows else ""


def notice_card(notice: Notice) -> str:
    """A notice as people got it."""
    subject, when = escape(notice.subject), instant(notice.at)[11:19]
    return f'<article class="notice"><h3>{subject}<span>{when}</span></h3><pre>{escape(notice.body)}</pre></article>'
