"""Draws panels over virtual time as SVG, with bands for what lasted and marks for what happened.

Colours are classes that the page's style sheet gives meaning to, so that one drawing serves light, dark and paper.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Protocol

from rehearsal.scenario.quantities import count

WIDTH, LEFT, RIGHT, GAP = 960.0, 58.0, 14.0, 34.0
RAIL = 84.0
LABEL_ROWS = 3
LAMPS = ("pass", "fail", "unsure")


@dataclass(frozen=True)
class Series:
    """Values of one variant over time, each holding until the next; `kind` is `stable` or `candidate`."""

    kind: str
    name: str
    points: Sequence[tuple[float, float | None]]


class Plot(Protocol):
    """One of the stack of plots that share a clock."""

    @property
    def height(self) -> float:
        """Of the plot itself, without the room for its title above."""

    def draw(self, scale: Scale, top: float) -> str:
        """The plot as SVG, `top` being where it begins below its title."""


@dataclass(frozen=True)
class Panel:
    """One plot of the stack. `stacked` fills areas on top of one another; `limit` is drawn as a dashed line."""

    title: str
    height: float
    series: Sequence[Series]
    label: Callable[[float], str]
    stacked: bool = False
    top: float | None = None
    limit: float | None = None

    def draw(self, scale: Scale, top: float) -> str:
        """Axis, areas or lines, and the limit."""
        return _panel(self, scale, top)


@dataclass(frozen=True)
class Band:
    """Something that lasted: `kind` is `alarm`, or `drift` of the traffic."""

    begin: float
    end: float
    title: str
    kind: str = "alarm"


@dataclass(frozen=True)
class Mark:
    """Something that happened: `kind` is `step`, `traffic`, `pass`, `fail`, `unsure`, `begin` or `end`. The sign of a
    verdict is in its lamp; `words` stand above the rail if there is room."""

    at: float
    kind: str
    title: str
    sign: str = ""
    words: str = ""


@dataclass(frozen=True)
class Scale:
    """Virtual time to horizontal position."""

    begin: float
    end: float

    def __call__(self, at: float) -> float:
        """The position of an instant, kept inside the plot."""
        part = (min(max(at, self.begin), self.end) - self.begin) / max(self.end - self.begin, 1.0)
        return LEFT + part * (WIDTH - LEFT - RIGHT)


def chart(
    span: tuple[float, float], panels: Sequence[Plot], bands: Iterable[Band], marks: Sequence[Mark], title: str
) -> str:
    """The whole drawing as one SVG element, its clock in UTC; `title` is its text alternative."""
    scale = Scale(*span)
    bottom = RAIL + sum(panel.height + GAP for panel in panels) - GAP
    parts, top = [], RAIL
    for panel in panels:
        parts.append(panel.draw(scale, top))
        top += panel.height + GAP
    parts += [_rule(mark, scale, bottom) for mark in marks if mark.kind != "step"]
    parts += [_band(band, scale, bottom) for band in bands]
    parts.append(_clock(scale, bottom))
    parts += _rail(marks, scale)
    height = bottom + 34
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH:.0f} {height:.0f}" role="img" aria-label="{escape(title)}">'
        + "".join(parts)
        + "</svg>"
    )


def _panel(panel: Panel, scale: Scale, top: float) -> str:
    base, ceiling = top + panel.height, _ceiling(panel)

    def y(value: float) -> float:
        return base - min(value / ceiling, 1.0) * panel.height

    parts = [heading(panel.title, top)]
    parts += [gridline(y(ceiling * part), panel.label(ceiling * part)) for part in (0.0, 0.5, 1.0)]
    draw = _areas if panel.stacked else _lines
    parts += draw(panel, scale, y)
    if panel.limit is not None and panel.limit <= ceiling:
        parts.append(reference(y(panel.limit), f"limit {panel.label(panel.limit)}", "limit"))
    return "".join(parts)


def heading(title: str, top: float) -> str:
    """A plot's title, above where it begins."""
    return f'<text class="panel-title" x="{LEFT:.0f}" y="{top - 9:.1f}">{escape(title)}</text>'


def gridline(y: float, label: str) -> str:
    """A line across the plot, and beside the axis what it stands for."""
    line = f'<line class="grid" x1="{LEFT:.0f}" x2="{WIDTH - RIGHT:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return f'{line}<text class="axis" x="{LEFT - 8:.0f}" y="{y + 3.5:.1f}" text-anchor="end">{escape(label)}</text>'


def reference(y: float, label: str, kind: str, left: bool = False, below: bool = False) -> str:
    """A line that values are held against: `kind` is `limit`, or `same` where there is no difference. Its label stands
    above it on the right, unless told otherwise."""
    x, anchor = (LEFT + 4, "start") if left else (WIDTH - RIGHT, "end")
    place = f'x="{x:.0f}" y="{y + (12 if below else -4):.1f}" text-anchor="{anchor}"'
    return (
        f'<line class="{kind}" x1="{LEFT:.0f}" x2="{WIDTH - RIGHT:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="{kind}-label" {place}>{escape(label)}</text>'
    )


def _ceiling(panel: Panel) -> float:
    if panel.top is not None:
        return panel.top
    if panel.stacked:
        highest = max((sum(values) for values in _columns(panel.series)), default=0.0)
    else:
        highest = max((value or 0.0 for series in panel.series for _, value in series.points), default=0.0)
    highest = max(highest, (panel.limit or 0.0) * 1.5)
    round_numbers = (10.0**power * factor for power in range(-3, 12) for factor in (1, 2, 4, 5))
    return next(number for number in round_numbers if highest <= number)


def _columns(series: Sequence[Series]) -> list[list[float]]:
    instants = sorted({at for each in series for at, _ in each.points})
    tables = [dict(each.points) for each in series]
    return [[table.get(at) or 0.0 for table in tables] for at in instants]


def _areas(panel: Panel, scale: Scale, y: Callable[[float], float]) -> list[str]:
    instants = sorted({at for each in panel.series for at, _ in each.points})
    columns, parts = _columns(panel.series), []
    for index, series in enumerate(panel.series):
        upper = [(at, sum(column[: index + 1])) for at, column in zip(instants, columns, strict=True)]
        lower = [(at, sum(column[:index])) for at, column in zip(instants, columns, strict=True)]
        if any(high > low for (_, high), (_, low) in zip(upper, lower, strict=True)):
            there, back = _steps(upper, scale, y), _steps(lower, scale, y)[::-1]
            path = " ".join(f"{x:.1f},{height:.1f}" for x, height in there + back)
            parts.append(
                f'<polygon class="area {series.kind}" points="{path}"><title>{escape(series.name)}</title></polygon>'
            )
    return parts


def _lines(panel: Panel, scale: Scale, y: Callable[[float], float]) -> list[str]:
    parts = []
    for series in panel.series:
        run: list[tuple[float, float]] = []
        for at, value in (*series.points, (scale.end, None)):
            if value is not None:
                run.append((at, value))
            elif run:
                path = " ".join(f"{x:.1f},{height:.1f}" for x, height in _steps(run, scale, y))
                name = escape(series.name)
                parts.append(f'<polyline class="line {series.kind}" points="{path}"><title>{name}</title></polyline>')
                run = []
    return parts


def _steps(
    points: Sequence[tuple[float, float]], scale: Scale, y: Callable[[float], float]
) -> list[tuple[float, float]]:
    """Corners of a line that holds each value until the next: what was measured was measured over a whole minute."""
    corners: list[tuple[float, float]] = []
    width = min((later - at for (at, _), (later, _) in itertools.pairwise(points)), default=60.0)
    for index, (at, value) in enumerate(points):
        until = points[index + 1][0] if index + 1 < len(points) else at + width
        corners += [(scale(at), y(value)), (scale(until), y(value))]
    return corners


def _band(band: Band, scale: Scale, bottom: float) -> str:
    left, right = scale(band.begin), scale(band.end)
    return (
        f'<g class="{band.kind}"><rect x="{left:.1f}" y="{RAIL:.1f}" width="{max(right - left, 1.5):.1f}" '
        f'height="{bottom - RAIL:.1f}"/><title>{escape(band.title)}</title></g>'
    )


def _rule(mark: Mark, scale: Scale, bottom: float) -> str:
    x = scale(mark.at)
    return f'<line class="rule {mark.kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{RAIL - 30:.1f}" y2="{bottom:.1f}"/>'


def _rail(marks: Sequence[Mark], scale: Scale) -> list[str]:
    """The strip above the plots: ticks for calls, lamps for verdicts, and words where there is room for them."""
    y = RAIL - 36
    parts = [f'<line class="rail" x1="{LEFT:.0f}" x2="{WIDTH - RIGHT:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>']
    for mark in sorted(marks, key=lambda each: (each.kind in LAMPS, each.at)):
        x, title = scale(mark.at), f"<title>{escape(mark.title)}</title>"
        if mark.kind in LAMPS:
            parts.append(
                f'<g class="lamp {mark.kind}"><circle cx="{x:.1f}" cy="{y:.1f}" r="7.5"/>'
                f'<text x="{x:.1f}" y="{y + 3.8:.1f}" text-anchor="middle">{escape(mark.sign)}</text>{title}</g>'
            )
            continue
        parts.append(f'<g class="tick {mark.kind}"><circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>{title}</g>')
    for mark, middle, row in _placed([each for each in marks if each.words], scale):
        place = f'x="{middle:.1f}" y="{y - 11 - 13 * row:.1f}" text-anchor="middle"'
        parts.append(f'<text class="rail-label {mark.kind}" {place}>{escape(mark.words)}</text>')
    return parts


def _placed(marks: Iterable[Mark], scale: Scale) -> list[tuple[Mark, float, int]]:
    """Where each mark's words go, in the lowest of the rows that has room; what has none keeps its title alone."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(LABEL_ROWS)]
    placed = []
    for mark in sorted(marks, key=lambda each: (each.kind not in ("begin", "end", *LAMPS), each.at)):
        half = 3.2 * len(mark.words)
        middle = min(max(scale(mark.at), LEFT + half), WIDTH - RIGHT - half)
        left, right = middle - half - 3, middle + half + 3
        free = (row for row, words in enumerate(taken) if all(right <= begin or end <= left for begin, end in words))
        row = next(free, None)
        if row is not None:
            taken[row].append((left, right))
            placed.append((mark, middle, row))
    return placed


def _clock(scale: Scale, bottom: float) -> str:
    length = scale.end - scale.begin
    steps = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
    step = next((each for each in steps if length / each <= 9), 86400 * max(1, round(length / 86400 / 8)))
    parts, at = [], scale.begin - scale.begin % step + step
    while at < scale.end:
        x = scale(at)
        parts.append(f'<line class="tickmark" x1="{x:.1f}" x2="{x:.1f}" y1="{bottom:.1f}" y2="{bottom + 5:.1f}"/>')
        text = f"{int(at) % 86400 // 3600:02d}:{int(at) % 3600 // 60:02d}"
        if length > 86400 and text == "00:00":
            text = f"{datetime.fromtimestamp(at, UTC):%d %b}"
        parts.append(f'<text class="axis" x="{x:.1f}" y="{bottom + 19:.1f}" text-anchor="middle">{text}</text>')
        at += step
    parts.append(f'<text class="axis" x="{LEFT - 8:.0f}" y="{bottom + 19:.1f}" text-anchor="end">UTC</text>')
    return "".join(parts)


def milliseconds(microseconds: float) -> str:
    """An axis label for a latency."""
    return f"{count(microseconds / 1000)} ms"
