"""Draws how far the features of an endpoint's requests were from their baseline, window by window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from rehearsal.report.loop_moments import VERDICTS, window
from rehearsal.report.pages.drawing import Band, Mark, Plot, Scale, chart, gridline, heading, reference
from rehearsal.report.result import Result
from rehearsal.report.watching import FeatureDrift, Monitor, MonitorRun
from rehearsal.scenario.quantities import duration

MOST = 6  # features that get a plot of their own
_CEILINGS = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
_LAMPS = {"Approve": ("pass", "✓"), "Leave": ("unsure", "?"), "Reject": ("fail", "✕")}
_QUIET = ("ignore", "wait")  # remedies that change nothing


SIGNS = (  # for the legend
    ('class="feature calm"', "calm", "", "distance in one window, as usual"),
    ('class="feature drifted"', "drifted", "", "distance that the monitor calls drift"),
    ('class="others"', "stable", "", "the range of all other features"),
    ('class="drift"', "drift", "", "the requests really differ (the scenario's drift)"),
)


@dataclass(frozen=True)
class FeaturePlot:
    """The distance of one feature from its baseline: a line over each window, red where the monitor calls it drift."""

    name: str
    runs: Sequence[tuple[MonitorRun, FeatureDrift]]
    height: float = 96.0

    def draw(self, scale: Scale, top: float) -> str:
        """Axis, threshold, and a line over each window; windows that follow one another are joined."""
        ceiling = _ceiling(drift for _, drift in self.runs)

        def y(drift: FeatureDrift) -> float:
            return top + self.height * (1 - min((drift.distance or 0.0) / ceiling, 1.0))

        parts = [heading(f"{self.name}: distance from the baseline", top), *_grid(top, self.height, ceiling)]
        before: tuple[MonitorRun, float] | None = None
        for run, drift in self.runs:
            height, kind = y(drift), "drifted" if drift.drifted else "calm"
            left, right = scale(run.begin), scale(run.end)
            if before is not None and _follows(before[0], run):
                parts.append(_line(left, before[1], left, height, kind))
            parts.append(_line(left, height, right, height, kind, f"<title>{escape(_said(run, drift))}</title>"))
            before = run, height
        limit = next((drift.threshold for _, drift in self.runs if drift.threshold is not None), None)
        if limit is not None and limit <= ceiling:
            at = top + self.height * (1 - limit / ceiling)
            parts.append(reference(at, f"the monitor's limit, {limit:g}", "limit", left=True))
        return "".join(parts)


@dataclass(frozen=True)
class OtherFeatures:
    """All features without a plot of their own as one band, from the nearest to the farthest."""

    title: str
    runs: Sequence[tuple[MonitorRun, Sequence[FeatureDrift]]]
    height: float = 60.0

    def draw(self, scale: Scale, top: float) -> str:
        """A box a window."""
        ceiling = _ceiling(drift for _, drifts in self.runs for drift in drifts)
        parts = [heading(self.title, top), *_grid(top, self.height, ceiling)]
        for run, drifts in self.runs:
            if not drifts:
                continue
            nearest, farthest = (pick(drifts, key=_distance) for pick in (min, max))
            low, high = (top + self.height * (1 - min(_distance(each) / ceiling, 1)) for each in (nearest, farthest))
            said = f"{window(run.begin, run.end)}: from {_short(nearest)} to {_short(farthest)}"
            left, right = scale(run.begin), scale(run.end)
            parts.append(
                f'<g class="others"><rect x="{left:.1f}" y="{high:.1f}" width="{right - left + 0.3:.1f}" '
                f'height="{max(low - high, 1.0):.1f}"/><title>{escape(said)}</title></g>'
            )
        return "".join(parts)


def drift_chart(monitor: Monitor, result: Result, span: tuple[float, float]) -> str:
    """The drawing of a monitor's runs whose windows lie in a span of time; nothing when none compared features."""
    runs = [each for each in monitor.runs if each.features and each.end > span[0] and each.begin < span[1]]
    if not runs:
        return ""
    shown = _drifted(runs)
    plots: list[Plot] = [
        FeaturePlot(name, [(run, each) for run in runs for each in run.features if each.name == name]) for name in shown
    ]
    others = [(run, [each for each in run.features if each.name not in shown]) for run in runs]
    number = max(len(drifts) for _, drifts in others)
    if number:
        which = f"The other {number} features" if shown else f"All {number} features"
        plots.append(OtherFeatures(f"{which}: distance from the baseline, from the nearest to the farthest", others))
    title = f"Drift of the requests of {monitor.endpoint}, seen by monitor {monitor.name}"
    return chart(span, plots, list(bands(monitor.endpoint, result, span)), marks(monitor, result, span), title)


def _drifted(runs: Sequence[MonitorRun]) -> list[str]:
    """The features that drifted in any window, the farthest first, and no more than get a plot."""
    far: dict[str, float] = {}
    for run in runs:
        for each in run.features:
            if each.drifted:
                far[each.name] = max(far.get(each.name, 0.0), _distance(each))
    return sorted(far, key=lambda name: -far[name])[:MOST]


def bands(endpoint: str, result: Result, span: tuple[float, float]) -> Iterator[Band]:
    """When the requests of an endpoint really drift, in a span of time."""
    for each in result.drifts:
        if each.endpoint == endpoint and each.end > span[0] and each.begin < span[1]:
            title = f"the requests drift ({each.drift}) for {duration(each.end - each.begin)}"
            yield Band(max(each.begin, span[0]), min(each.end, span[1]), title, "drift")


def marks(monitor: Monitor, result: Result, span: tuple[float, float]) -> list[Mark]:
    """What happened to the endpoint meanwhile: drift, decisions that did something, verdicts, versions that went
    live."""
    endpoint, found = monitor.endpoint, []
    groups = {each.group for each in result.loops if each.endpoint == endpoint}
    for drift in result.drifts:
        if drift.endpoint == endpoint:
            found.append(
                Mark(drift.begin, "begin", f"the requests begin to drift ({drift.drift})", words="drift begins")
            )
    for decision in result.decisions:
        here = decision.run.startswith(f"{endpoint}/") or decision.group in groups
        if here and decision.remedy not in _QUIET:
            title = f"decision: {decision.remedy} ({decision.reason}). {decision.sentence}"
            found.append(Mark(decision.at, "traffic", title, words=decision.remedy.replace("_", " ")))
    for loop in result.loops:
        if loop.endpoint == endpoint and loop.judged is not None:
            kind, sign = _LAMPS.get(loop.verdict, ("unsure", "?"))
            title = f"version {loop.version} is {VERDICTS.get(loop.verdict, loop.verdict)}: {loop.verdict_sentence}"
            found.append(Mark(loop.judged, kind, title, sign))
    for release in result.releases:
        if release.endpoint == endpoint and release.outcome == "Succeeded" and release.ended is not None:
            words = f"v{release.version} live"
            found.append(Mark(release.ended, "end", f"{release.id}: version {release.version} is live", words=words))
    return [each for each in found if span[0] <= each.at <= span[1]]


def _ceiling(drifts: Iterable[FeatureDrift]) -> float:
    """The top of an axis: a round number above everything and above the threshold."""
    highest = max((max(_distance(each), (each.threshold or 0.0) * 1.3) for each in drifts), default=0.0)
    return next((each for each in _CEILINGS if highest <= each), 1.0)


def _distance(drift: FeatureDrift) -> float:
    return drift.distance or 0.0


def _grid(top: float, height: float, ceiling: float) -> list[str]:
    return [gridline(top + height * (1 - part), f"{ceiling * part:.2g}") for part in (0.0, 0.5, 1.0)]


def _line(left: float, one: float, right: float, other: float, kind: str, title: str = "") -> str:
    place = f'x1="{left:.1f}" x2="{right:.1f}" y1="{one:.1f}" y2="{other:.1f}"'
    return f'<g class="feature {kind}"><line {place}/>{title}</g>'


def _follows(one: MonitorRun, other: MonitorRun) -> bool:
    """Whether a window begins where another ends, and both were compared with the same baseline."""
    return abs(other.begin - one.end) < 1 and one.version == other.version


def _short(drift: FeatureDrift) -> str:
    return f"{drift.name} {_distance(drift):.3f}"


def _said(run: MonitorRun, drift: FeatureDrift) -> str:
    parts = [f"{window(run.begin, run.end)}: {_short(drift)}"]
    parts += [f"p = {drift.p:.2g}"] if drift.p is not None else []
    parts += [f"PSI {drift.psi:.3f}"] if drift.psi is not None else []
    parts += [f"{run.records} records"] if run.records is not None else []
    parts += [f"compared with the baseline of version {run.version}"] if run.version is not None else []
    return ", ".join(parts) + ("; this is drift" if drift.drifted else "")
