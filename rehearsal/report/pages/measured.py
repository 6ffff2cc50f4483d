"""Draws what the runs of a monitor measured: each metric with its interval, window by window, and how the order of the
features changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rehearsal.report.loop_moments import window
from rehearsal.report.measured import Measured, Order
from rehearsal.report.pages import drift
from rehearsal.report.pages.drawing import Plot, Scale, chart, gridline, heading, reference
from rehearsal.report.pages.markup import legend
from rehearsal.report.result import Result
from rehearsal.report.watching import Monitor, MonitorRun

MOST = 8  # metrics that get a plot of their own
ROW, COLUMN = 22.0, 320.0

SIGNS = (  # for the legend
    ('class="measured calm"', "calm", "", "value of one window, with its interval"),
    ('class="measured found"', "drifted", "", "value that the monitor calls a violation"),
)


READ = {
    "data_quality": (
        "Each short line is one run: how far the feature lay from the live version's baseline in that window (0: "
        "alike, 1: nothing in common). The monitor calls it drift when the distance is above the limit and too large "
        "for chance. A window in which another version went live is not judged."
    ),
    "model_quality": (
        "Each box is one run: the metric, and the interval in which it lies. The monitor calls it a violation when the "
        "whole interval is on the wrong side of the threshold."
    ),
    "bias": (
        "Each box is one run: the metric of a facet, and the interval in which it lies. The monitor calls it a "
        "violation when the interval proves that it is farther from 0 than the baseline was."
    ),
    "attribution": (
        "Each box is one run: how alike the orders of the features are (NDCG, 1: the same), and the interval in which "
        "it lies. The monitor calls it a violation when the interval lies below the limit."
    ),
}
"""How to read the drawing of a monitor, by its kind."""


@dataclass(frozen=True)
class MetricPlot:
    """One metric: a line over each window in the box of its interval, and what it is held against."""

    name: str
    runs: Sequence[tuple[MonitorRun, Measured]]
    height: float = 84.0

    def draw(self, scale: Scale, top: float) -> str:
        """The axis goes from the lowest to the highest of what is drawn, with a little room."""
        values = [
            each for _, one in self.runs for each in (one.value, one.low, one.high, one.against) if each is not None
        ]
        room = (max(values) - min(values)) * 0.1 or 0.05
        bottom, length = min(values) - room, max(values) - min(values) + 2 * room

        def y(value: float) -> float:
            return top + self.height * (1 - (value - bottom) / length)

        parts = [heading(self.name, top)]
        parts += [gridline(y(at), f"{at:.2g}") for at in (bottom, bottom + length / 2, bottom + length)]
        for run, one in self.runs:
            left, right = scale(run.begin), scale(run.end)
            low, high = (one.value if each is None else each for each in (one.low, one.high))
            box = (
                f'x="{left:.1f}" y="{y(high):.1f}" width="{right - left:.1f}" height="{max(y(low) - y(high), 1.0):.1f}"'
            )
            line = f'x1="{left:.1f}" x2="{right:.1f}" y1="{y(one.value):.1f}" y2="{y(one.value):.1f}"'
            kind = "found" if one.found else "calm"
            parts.append(
                f'<g class="measured {kind}"><rect {box}/><line {line}/><title>{escape(_said(run, one))}</title></g>'
            )
        last = self.runs[-1][1]
        if last.against is not None:
            at = y(last.against)
            parts.append(reference(at, last.words, "limit", left=True, below=at < top + 12))
        return "".join(parts)


def monitor_chart(monitor: Monitor, result: Result, span: tuple[float, float]) -> str:
    """The drawing of a monitor's runs whose windows lie in a span of time; nothing when none measured anything."""
    runs = [each for each in monitor.runs if each.measured and each.end > span[0] and each.begin < span[1]]
    if not runs:
        return drift.drift_chart(monitor, result, span)
    names = sorted({one.name for run in runs for one in run.measured if one.found})
    names += sorted({one.name for run in runs for one in run.measured} - set(names))
    plots: list[Plot] = [
        MetricPlot(name, [(run, one) for run in runs for one in run.measured if one.name == name])
        for name in names[:MOST]
    ]
    title = f"What monitor {monitor.name} measured of {monitor.endpoint}"
    return chart(
        span, plots, list(drift.bands(monitor.endpoint, result, span)), drift.marks(monitor, result, span), title
    )


def figure(drawing: str, kind: str, more: str = "") -> str:
    """The drawing of a monitor of this kind, with its legend and how to read it; nothing when there is none."""
    if not drawing:
        return ""
    signs = legend(drawing, (*drift.SIGNS, *SIGNS))
    return f"{signs}<figure>{drawing}</figure><p class=soft>{READ.get(kind, '')} {more}</p>"


def order_drawing(order: Order) -> str:
    """The features in their order before and now; a line joins the two places of each, red where it lost or won three
    places or more."""
    names = [*order.before, *(name for name in order.now if name not in order.before)]
    height = 40 + ROW * len(names)
    parts = ['<text class="panel-title" x="12" y="18">baseline</text>']
    parts.append(f'<text class="panel-title" x="{12 + COLUMN:.0f}" y="18">this window</text>')
    for column, listed in ((0.0, order.before), (COLUMN, order.now)):
        for place, name in enumerate(listed):
            text = f"{place + 1}. {name}"
            parts.append(f'<text class="axis" x="{12 + column:.0f}" y="{44 + ROW * place:.0f}">{escape(text)}</text>')
    for place, name in enumerate(order.before):
        if name in order.now:
            now = order.now.index(name)
            kind = "found" if abs(now - place) >= 3 else "calm"
            line = f'x1="{COLUMN / 2:.0f}" x2="{COLUMN + 2:.0f}" y1="{40 + ROW * place:.0f}" y2="{40 + ROW * now:.0f}"'
            parts.append(f'<g class="measured {kind}"><line {line}/><title>{escape(name)}</title></g>')
    title = "The order of the features by how much the model decides by them, in the baseline and in this window"
    return (
        f'<svg class="chart order" viewBox="0 0 {COLUMN * 2:.0f} {height:.0f}" role="img" aria-label="{title}">'
        f"{''.join(parts)}</svg>"
    )


def _said(run: MonitorRun, one: Measured) -> str:
    interval = "" if one.low is None or one.high is None else f", between {one.low:.4g} and {one.high:.4g}"
    held = f"; {one.words}" if one.words else ""
    return f"{window(run.begin, run.end)}: {one.name} {one.value:.4g}{interval}{held}"
