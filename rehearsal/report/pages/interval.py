"""Draws the sure range of the candidate as time went on: a band that narrows, against the lines that decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import ceil, floor, log10

from rehearsal.report.evidence import Sure
from rehearsal.report.pages.drawing import LEFT, RIGHT, WIDTH, Scale, gridline, heading, reference

_ROOM = 13.0  # between signs and between labels, so that both can be read
_MOMENT = 60.0  # seconds
_REACH = 2.0  # how far beyond its lines a panel goes, in their own distance; what lies further off runs out of it


@dataclass(frozen=True)
class Dot:
    """One look: where the estimate and the ends of the interval were. `kind` as of a verdict's lamp; a decision is
    drawn larger."""

    at: float
    estimate: float | None
    low: float | None
    high: float | None
    kind: str
    sign: str
    title: str
    decides: bool = False


@dataclass(frozen=True)
class Line:
    """A value that the interval is held against: `kind` is `limit`, or `same` for no difference."""

    value: float
    label: str
    kind: str


@dataclass(frozen=True)
class Interval:
    """A plot of bounds over time. A None in `band` is a moment at which nothing could be told, which is a gap."""

    title: str
    height: float
    band: Sequence[Sure | None]
    dots: Sequence[Dot]
    lines: Sequence[Line]
    label: Callable[[float], str]

    def draw(self, scale: Scale, top: float) -> str:
        """Grid, band, lines and looks; an end beyond the panel runs out of it."""
        lowest, highest = self._range()

        def y(value: float) -> float:
            return top + self.height * (highest - value) / (highest - lowest)

        parts = [heading(self.title, top)]
        parts += [gridline(y(value), self.label(value)) for value in _round_values(lowest, highest)]
        window = Window(scale, top, self.height, y)
        parts.append(window.opened("".join((*_band(self.band, window), *(_whisker(dot, window) for dot in self.dots)))))
        parts += _lines(self.lines, y)
        parts += [_dot(dot, window, signed) for dot, signed in _signed(self.dots, scale)]
        return "".join(parts)

    def _range(self) -> tuple[float, float]:
        """All of the bounds, but never so much that the lines which decide lie on one another."""
        lines = [0.0, *(line.value for line in self.lines)]
        far = max(lines) - min(lines) or max((abs(dot.estimate or 0.0) for dot in self.dots), default=0.0) or 1.0
        known = [(sure.low, sure.high) for sure in self.band if sure]
        known += [(dot.low, dot.high) for dot in self.dots if dot.estimate is not None]
        off = min(lines) - far, max(lines) + far  # room for an end without a bound to run off through
        ends = [dot.estimate for dot in self.dots if dot.estimate is not None]
        ends += [bound if end is None else end for pair in known for end, bound in zip(pair, off, strict=True)]
        low = max(min((*ends, *lines)), min(lines) - _REACH * far)
        high = min(max((*ends, *lines)), max(lines) + _REACH * far)
        if low == high:
            return low, low + far
        air = (high - low) * 0.08
        return (low - air if low < 0 else low), high + air


@dataclass(frozen=True)
class Window:
    """The part of the drawing that a panel may draw in; what leaves it is cut off."""

    scale: Scale
    top: float
    height: float
    y: Callable[[float], float]

    def opened(self, content: str) -> str:
        """Content cut off at the edges: a nested SVG does so without an id."""
        return (
            f'<svg x="{LEFT:.0f}" y="{self.top:.1f}" width="{WIDTH - LEFT - RIGHT:.0f}" height="{self.height:.1f}">'
            f"{content}</svg>"
        )

    def place(self, at: float, value: float | None, unbounded: float) -> tuple[float, float]:
        """A point inside the window; far outside of it on the side of `unbounded` (-1 up, 2 down) for None."""
        y = self.height * unbounded if value is None else self.y(value) - self.top
        return self.scale(at) - LEFT, min(max(y, -self.height), 2 * self.height)

    def inside(self, value: float) -> float:
        """Where a value is drawn, at the edge if it lies beyond."""
        return min(max(self.y(value), self.top), self.top + self.height)


def _band(band: Sequence[Sure | None], window: Window) -> Iterator[str]:
    run: list[Sure] = []
    for sure in (*band, None):
        if sure is not None:
            run.append(sure)
        elif run:
            if len(run) == 1:  # what was known at one moment alone has no width
                run = [replace(run[0], at=run[0].at - _MOMENT), run[0]]
            upper = [window.place(each.at, each.high, -1) for each in run]
            lower = [window.place(each.at, each.low, 2) for each in run]
            yield f'<polygon class="sure" points="{_path(upper + lower[::-1])}"/>'
            yield f'<polyline class="bound" points="{_path(upper)}"/><polyline class="bound" points="{_path(lower)}"/>'
            run = []


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _whisker(dot: Dot, window: Window) -> str:
    if dot.estimate is None:
        return ""
    (x, upper), (_, lower) = window.place(dot.at, dot.high, -1), window.place(dot.at, dot.low, 2)
    return f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" y1="{upper:.1f}" y2="{lower:.1f}"/>'


def _lines(lines: Sequence[Line], y: Callable[[float], float]) -> Iterator[str]:
    """Each with its label above it, or below where the label would lie on another's."""
    placed: list[float] = []
    for line in sorted(lines, key=lambda each: -each.value):
        height = y(line.value)
        close = any(abs(height - other) < _ROOM for other in placed)
        yield reference(height, line.label, line.kind, left=True, below=close)
        placed.append(height)


def _signed(dots: Sequence[Dot], scale: Scale) -> Iterator[tuple[Dot, bool]]:
    """Every look, and whether there is room for its sign; a decision's is always there."""
    free = -1.0
    decisions = [scale(dot.at) for dot in dots if dot.decides]
    for dot in dots:
        x = scale(dot.at)
        signed = dot.decides or (x >= free and all(abs(x - other) >= _ROOM for other in decisions))
        if signed:
            free = x + _ROOM
        yield dot, signed


def _dot(dot: Dot, window: Window, signed: bool) -> str:
    x, bottom = window.scale(dot.at), window.top + window.height
    y = bottom - 8 if dot.estimate is None else window.inside(dot.estimate)
    title = f"<title>{escape(dot.title)}</title>"
    if not signed:
        return f'<g class="look {dot.kind}"><circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>{title}</g>'
    radius = 8.0 if dot.decides else 5.5
    return (
        f'<g class="look {dot.kind}{" decides" if dot.decides else ""}">{_arrow(dot, window, x, radius)}'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'
        f'<text x="{x:.1f}" y="{y + 3.4:.1f}" text-anchor="middle">{escape(dot.sign)}</text>{title}</g>'
    )


def _arrow(dot: Dot, window: Window, x: float, radius: float) -> str:
    """Above or below the sign of an estimate that lies beyond the panel."""
    if dot.estimate is None or abs(window.inside(dot.estimate) - window.y(dot.estimate)) < 0.5:
        return ""
    up = window.y(dot.estimate) < window.top
    side = -1 if up else 1
    base = (window.top if up else window.top + window.height) + side * (radius + 1)
    return f'<polygon points="{x - 4:.1f},{base:.1f} {x + 4:.1f},{base:.1f} {x:.1f},{base + side * 5:.1f}"/>'


def _round_values(lowest: float, highest: float) -> list[float]:
    """Three to six round numbers between two values."""
    rough = (highest - lowest) / 4
    power = 10.0 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [step * index for index in range(ceil(lowest / step), floor(highest / step) + 1)]
