"""Decides what a release's drawing shows: which minutes, which panels, which marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from rehearsal.quantities import count, duration, share
from rehearsal.report.drawing import Band, Mark, Panel, Series, chart, milliseconds
from rehearsal.result import AlarmChange, Release, Result
from rehearsal.timeline import moment_of_call, sentence, shares_asked

if TYPE_CHECKING:
    from rehearsal.gateway import Call
    from rehearsal.traffic import Minute

VERDICTS = {"Pass": ("pass", "✓"), "Fail": ("fail", "✕"), "Error": ("fail", "!"), "Inconclusive": ("unsure", "?")}
_CHANGES = ("CreateEndpoint", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities")


def release_picture(release: Release, result: Result) -> str:
    """The SVG of one release, with a margin of time before and after it."""
    end = release.ended or result.ended
    margin = max(300.0, (end - release.started) * 0.06)
    span = (max(release.started - margin, result.started), min(end + margin, result.ended))
    minutes = [each for each in result.minutes if each.endpoint == release.endpoint and span[0] <= each.at < span[1]]
    alarms = [change for change in result.alarms if release.endpoint in change.alarm]
    title = f"Traffic of {release.endpoint} during release {release.id}"
    return chart(span, _panels(minutes, release), list(_bands(alarms, span)), _marks(release, result), title)


def _panels(minutes: Sequence[Minute], release: Release) -> list[Panel]:
    """A fleet is a variant of one config: native deployments replace a fleet by one of the same name."""
    fleets: dict[tuple[bool, str, str], list[Minute]] = defaultdict(list)
    for minute in minutes:
        fleets[not release.served(minute), minute.variant, minute.config].append(minute)

    def series(values: Callable[[Sequence[Minute]], list[float | None]]) -> list[Series]:
        return [
            Series(
                "stable" if is_stable else "candidate",
                f"{variant} on {config}",
                tuple(zip((each.at for each in fleet), values(fleet), strict=True)),
            )
            for (is_stable, variant, config), fleet in sorted(fleets.items())
        ]

    return [
        Panel("Share of traffic", 132, series(_shares), share, stacked=True, top=1.0),
        Panel("Requests per minute", 84, series(_requests), count, stacked=True),
        Panel("Error rate over five minutes", 84, series(_error_rates), share, limit=_limit(release)),
        Panel("Latency, 99th percentile", 84, series(_latencies), milliseconds),
        Panel("Correct predictions over five minutes", 84, series(_accuracies), share, top=1.0),
    ]


def _shares(minutes: Sequence[Minute]) -> list[float | None]:
    return [each.share for each in minutes]


def _requests(minutes: Sequence[Minute]) -> list[float | None]:
    return [float(each.requests) for each in minutes]


def _error_rates(minutes: Sequence[Minute]) -> list[float | None]:
    return _over_five([each.errors for each in minutes], [each.requests for each in minutes])


def _accuracies(minutes: Sequence[Minute]) -> list[float | None]:
    return _over_five([each.correct for each in minutes], [each.requests - each.errors for each in minutes])


def _over_five(parts: Sequence[int], wholes: Sequence[int]) -> list[float | None]:
    """Over five minutes, because a canary's single minutes have too few requests to say anything."""
    rates: list[float | None] = []
    for index in range(len(wholes)):
        window = slice(max(0, index - 4), index + 1)
        whole = sum(wholes[window])
        rates.append(sum(parts[window]) / whole if whole else None)
    return rates


def _latencies(minutes: Sequence[Minute]) -> list[float | None]:
    return [each.latency_p99_us or None for each in minutes]


def _limit(release: Release) -> float | None:
    """The highest error rate that the plan's evidence allows, when it has such a rule."""
    bakes = [step["bake"] for step in release.plan.get("steps", ()) if step.get("bake")]
    rules = [rule for bake in bakes for rule in bake["rules"] if rule["metric"] == "error_rate"]
    return float(rules[0]["max"]) if rules else None


def _bands(alarms: Iterable[AlarmChange], span: tuple[float, float]) -> Iterable[Band]:
    raised: dict[str, float] = {}
    for change in alarms:
        if change.state == "ALARM":
            raised.setdefault(change.alarm, change.at)
        elif change.alarm in raised:
            yield _band(change.alarm, raised.pop(change.alarm), change.at)
    for alarm, begin in raised.items():
        yield _band(alarm, begin, span[1])


def _band(alarm: str, begin: float, end: float) -> Band:
    return Band(begin, end, f"{alarm} in ALARM for {duration(end - begin)}")


def _marks(release: Release, result: Result) -> list[Mark]:
    marks = [Mark(release.started, "begin", f"{release.id} begins", "begins")]
    for call in calls_of(release, result):
        if call.service != "sagemaker" or call.error or call.operation.startswith(("Describe", "List")):
            continue
        moment = moment_of_call(call)
        sign = _sign(call, release) if call.operation in _CHANGES else ""
        marks.append(Mark(call.at, "traffic" if sign else "step", moment.text if moment else call.operation, sign))
    for entry in release.journal:
        if entry.kind == "VERDICT":
            kind, sign = VERDICTS.get(str(entry.document.get("verdict")), ("unsure", "?"))
            marks.append(Mark(entry.at, kind, f"{entry.document.get('verdict')}: {sentence(entry.document)}", sign))
        if entry.kind == "TAKEBACK":
            marks.append(Mark(entry.at, "fail", f"taken back: {sentence(entry.document)}", "↩"))
    if release.ended is not None:
        marks.append(Mark(release.ended, "end", f"{release.id} ends {release.outcome}", "ends"))
    return marks


def _sign(call: Call, release: Release) -> str:
    """Few words beside a change of traffic: the candidate's new share, or that the endpoint is made or moved."""
    if call.operation != "UpdateEndpointWeightsAndCapacities":
        return "create" if call.operation == "CreateEndpoint" else "update"
    return share(shares_asked(call.request).get(release.candidate, 0.0))


def calls_of(release: Release, result: Result) -> list[Call]:
    """The calls that the release's own executions made, in their order."""
    return [call for call in result.calls if call.caller.execution in release.executions]
