"""Shows a rehearsal in the terminal: its moments as they happen, then each release in a few lines, then expectations.

At most 100 columns. Colour and the moving status line only on a terminal; NO_COLOR is honoured (https://no-color.org).
"""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from rehearsal.report.plural import counted
from rehearsal.report.prices import LIST_PRICES
from rehearsal.report.result import Moment, Release, Result, starts
from rehearsal.report.retrainings import RULE_SIGNS, VERDICT_WORDS, Loop
from rehearsal.report.watching import FOUND
from rehearsal.scenario.quantities import count, duration, money, offset, share

WIDTH = 100
_STRIP = 64
_BARS = " ▁▂▃▄▅▆▇█"
_COLOURS = {"good": "32", "bad": "31", "warn": "33", "soft": "2", "strong": "1", "candidate": "34"}
_WHOLE = ("release", "decision", "gate")
_OUTCOMES = {"Succeeded": "good", "RolledBack": "warn", "Failed": "bad"}
_VERDICTS = {
    "Pass": ("✓", "good"),
    "Fail": ("✕", "bad"),
    "Error": ("!", "bad"),
    "Inconclusive": ("?", "warn"),
    "ROLLBACK": ("↩", "bad"),
}


@dataclass(frozen=True)
class Screen:
    """Where to write, and whether it is a terminal that shows colour and a moving line."""

    out: TextIO
    colour: bool
    moving: bool

    def say(self, text: str = "") -> None:
        """One line, in place of the moving line if there is one."""
        self.out.write(("\r\x1b[2K" if self.moving else "") + text + "\n")
        self.out.flush()

    def paint(self, text: str, tone: str) -> str:
        """`text` in the colour of `tone`, or as it is."""
        return f"\x1b[{_COLOURS[tone]}m{text}\x1b[0m" if self.colour and tone in _COLOURS else text

    def status(self, text: str) -> None:
        """The moving line: the progress right now; nothing where a line cannot be overwritten."""
        if self.moving:
            self.out.write(f"\r\x1b[2K{self.paint(text[: WIDTH - 1], 'soft')}")
            self.out.flush()


def screen(out: TextIO, environment: Mapping[str, str] = os.environ) -> Screen:
    """A screen on `out`, as colourful as it and the environment allow."""
    terminal = out.isatty() and environment.get("TERM") != "dumb"
    return Screen(out, terminal and not environment.get("NO_COLOR"), terminal)


def show_title(view: Screen, name: str, about: str, start: float) -> None:
    """The scenario's name, its sentence, and the instant that its times count from."""
    view.say()
    view.say(view.paint(name, "strong"))
    for line in textwrap.wrap(about, WIDTH - 2):
        view.say(line)
    view.say(view.paint(starts(start), "soft"))
    view.say()


def show_list(view: Screen, listed: list[dict[str, Any]]) -> None:
    """Each scenario with its sentence, and what is known of its releases: hosting, strategy, traffic, outcome."""
    for each in listed:
        view.say(view.paint(each["scenario"], "strong"))
        for line in textwrap.wrap(each["about"], WIDTH - 4, max_lines=2, placeholder=" …"):
            view.say(f"    {line}")
        known = [" ".join(filter(None, release.values())) for release in each["releases"]]
        for line in textwrap.wrap("; ".join(dict.fromkeys(known)), WIDTH - 4):
            view.say(view.paint(f"    {line}", "soft"))
    view.say()
    view.say(f"{counted(len(listed), 'scenario')}. Play one with: make scenario NAME=<name>")


def show_moment(view: Screen, moment: Moment, start: float) -> None:
    """One entry of the running timeline, with as much text as two lines take; what decides is told whole."""
    tone = {True: "good", False: "bad", None: ""}[moment.good]
    lead = f"{offset(max(0.0, moment.at - start)):>13}  {moment.kind:<9}"
    text = f"{moment.endpoint} {moment.text}".strip()
    most = None if moment.kind in _WHOLE else 2
    lines = textwrap.wrap(text, WIDTH - len(lead) - 1, max_lines=most, placeholder=" …")
    for index, line in enumerate(lines):
        head = view.paint(lead, "soft") if index == 0 else " " * len(lead)
        view.say(f"{head} {view.paint(line, tone)}")


def show_progress(view: Screen, at: float, start: float, lasts: float, requests: int) -> None:
    """Where virtual time stands."""
    part = min(max((at - start) / lasts, 0.0), 1.0) if lasts else 1.0
    bar = "━" * round(part * 30) + "╌" * (30 - round(part * 30))
    view.status(f"  {bar} {duration(max(at - start, 0.0))} of {duration(lasts)}, {count(requests)} requests served")


def show_result(view: Screen, result: Result) -> None:
    """Each release, then each expectation, then one closing line."""
    for release in result.releases:
        view.say()
        for line in _release(view, release, result):
            view.say(line)
    for block in (*(_loop(view, each, result) for each in result.loops), _monitoring(view, result)):
        lines = list(block)
        for line in ("", *lines) if lines else ():
            view.say(line)
    view.say()
    view.say(view.paint("Expectations", "strong"))
    for finding in result.findings:
        sign = view.paint("✓", "good") if finding.held else view.paint("✕", "bad")
        seen = "" if finding.held else f" (seen: {finding.seen})"
        first, *rest = textwrap.wrap(finding.text + seen, WIDTH - 4)
        view.say(f"  {sign} {first}")
        for line in rest:
            view.say(f"    {line}")
    held = sum(finding.held for finding in result.findings)
    tone = "good" if result.passed else "bad"
    view.say()
    covered = duration(result.ended - result.started)
    closing = f"{held} of {counted(len(result.findings), 'expectation')} held"
    view.say(f"{view.paint(closing, tone)} over {covered} of virtual time, in {result.wall_seconds:.1f} s.")


def _release(view: Screen, release: Release, result: Result) -> Iterator[str]:
    outcome = release.outcome or "Unfinished"
    title = f"{view.paint(release.id, 'strong')}  {view.paint(outcome, _OUTCOMES.get(outcome, 'warn'))}"
    yield f"{title}  {view.paint(release.reason, 'soft')}"
    for line in textwrap.wrap(release.sentence, WIDTH - 2):
        yield f"  {line}"
    ended = release.ended or result.ended
    yield from _strip(view, release, result, ended)
    yield (
        f"  {duration(ended - release.started)}, {counted(release.transitions, 'transition')}, "
        f"{counted(release.functions_invoked, 'function call')}, {counted(release.polls, 'poll')}"
    )
    yield f"  {money(release.cost_usd)} for the release itself, at {LIST_PRICES}"
    errors = f"{count(release.requests_failed_by_candidate)} failed by the candidate"
    lost = f"{count(release.requests_lost)} lost"
    yield (
        f"  {counted(release.requests_served, 'request')} served, "
        f"{view.paint(errors, 'bad') if release.requests_failed_by_candidate else errors}, "
        f"{view.paint(lost, 'bad') if release.requests_lost else lost}"
    )


def _loop(view: Screen, loop: Loop, result: Result) -> Iterator[str]:
    """A retraining: what became of it, each rule of the gate, where it led, and its cost."""
    word, tone = VERDICT_WORDS.get(loop.verdict, ("failed", "bad") if loop.failed else ("no new version", "warn"))
    if loop.ended is None:
        word, tone = "unfinished", "warn"
    title = f"Retraining {loop.name}"
    yield f"{view.paint(title, 'strong')}  {view.paint(word, tone)}  {view.paint(loop.reason, 'soft')}"
    why = [loop.decision.sentence] if loop.decision else []
    for text in (*why, *([] if loop.rules else [loop.sentence])):
        yield from (f"  {line}" for line in textwrap.wrap(text, WIDTH - 2))
    for rule in loop.rules:
        sign, colour = RULE_SIGNS.get(rule.verdict, ("?", "warn"))
        first, *rest = textwrap.wrap(rule.sentence, WIDTH - 4)
        yield f"  {view.paint(sign, colour)} {first}"
        yield from (f"    {line}" for line in rest)
    led = f", led to {loop.release}" if loop.release else ""
    took = duration((loop.ended or result.ended) - loop.started)
    yield f"  version {loop.version or 'none'}{led}; {took}, {money(loop.cost_usd)} with its jobs"


def _monitoring(view: Screen, result: Result) -> Iterator[str]:
    """Each monitor in a line, and the decisions by remedy."""
    if not result.monitors and not result.decisions:
        return
    yield view.paint("Monitoring", "strong")
    for each in result.monitors:
        found = sum(run.status == FOUND for run in each.runs)
        month = "" if each.usd_per_month is None else f"; jobs at this rate {money(each.usd_per_month)} a month"
        yield f"  {each.endpoint} {each.name}: {counted(len(each.runs), 'run')}, {found} found something{month}"
    counts = Counter(each.remedy for each in result.decisions)
    if counts:
        taken = ", ".join(f"{number} {remedy}" for remedy, number in counts.items())
        yield f"  {counted(len(result.decisions), 'decision')}: {taken}"


def _strip(view: Screen, release: Release, result: Result, ended: float) -> Iterator[str]:
    """The candidate's share of traffic over the release as a row of bars, with the verdicts below it."""
    cell = max(ended - release.started, 60.0) / _STRIP
    shares = [0.0] * _STRIP
    for minute in result.minutes:
        if not release.served(minute):
            continue
        first, last = (minute.at - release.started) / cell, (minute.at + 60 - release.started) / cell
        for index in range(max(0, int(first)), min(_STRIP, int(last) + 1)):
            shares[index] = max(shares[index], minute.share)
    if not any(shares):
        return
    bars = "".join(_BARS[min(8, -int(-part * 8 // 1))] for part in shares)
    yield f"  {view.paint(bars, 'candidate')}  candidate's share, up to {share(max(shares))}"
    marks = [" "] * _STRIP
    tones: dict[int, str] = {}
    for entry in release.journal:
        told = str(entry.document.get("verdict", entry.kind))
        sign, tone = _VERDICTS.get(told, ("", ""))
        if sign:
            index = min(_STRIP - 1, max(0, int((entry.at - release.started) / cell)))
            marks[index], tones[index] = sign, tone
    if tones:
        row = "".join(view.paint(mark, tones[index]) if index in tones else mark for index, mark in enumerate(marks))
        yield f"  {row}  verdicts"
