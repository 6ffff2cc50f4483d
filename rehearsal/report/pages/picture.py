"""Decides the contents of a release's drawing: its minutes, panels and marks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rehearsal.report.pages.drawing import Band, Mark, Panel, Series, chart, milliseconds
from rehearsal.report.pages.markup import sign
from rehearsal.report.result import AlarmChange, Release, Result
from rehearsal.report.timeline import BAKING_ON, READS, moment_of_call, sentence, shares_asked
from rehearsal.scenario.quantities import count, duration, share

if TYPE_CHECKING:
    from rehearsal.account.gateway import Call
    from rehearsal.traffic import Minute

_CHANGES = ("CreateEndpoint", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities")


def release_picture(release: Release, result: Result) -> str:
    """The SVG of one release, with a margin of time before and after it."""
    span = span_of(release, result)
    minutes = [each for each in result.minutes if each.endpoint == release.endpoint and span[0] <= each.at < span[1]]
    alarms = [each for each in result.alarms if each.alarm in release.guards and each.at <= span[1]]
    deleted = {
        name: call.at
        for call in calls_of(release, result)
        if call.operation == "DeleteAlarms" and not call.error
        for name in call.request["AlarmNames"]
    }
    title = f"Traffic of {release.endpoint} during release {release.id}"
    return chart(
        span, _panels(minutes, release), list(_bands(alarms, deleted, span[1])), _marks(release, result), title
    )


def span_of(release: Release, result: Result) -> tuple[float, float]:
    """From when to when the drawings of a release show it."""
    end = release.ended or result.ended
    margin = max(300.0, (end - release.started) * 0.06)
    return max(release.started - margin, result.started), min(end + margin, result.ended)


@dataclass(frozen=True)
class Sum:
    """A minute of stable, or of the candidate, over all fleets: while one replaces another, both answer."""

    share: float
    requests: int
    errors: int
    correct: int
    slowest_us: float


def _panels(minutes: Sequence[Minute], release: Release) -> list[Panel]:
    """None where nobody sent a request; the marks then stand alone."""
    if not minutes:
        return []
    sums = {
        kind: _sums([each for each in minutes if release.served(each) is is_candidate])
        for kind, is_candidate in (("candidate", True), ("stable", False))
    }

    def series(value: Callable[[Sequence[Sum]], list[float | None]]) -> list[Series]:
        return [
            Series(kind, kind, tuple(zip(here, value([*here.values()]), strict=True))) for kind, here in sums.items()
        ]

    panels = [
        Panel(
            "Share of traffic", 132, series(lambda here: [each.share for each in here]), share, stacked=True, top=1.0
        ),
        Panel("Requests per minute", 84, series(lambda here: [each.requests for each in here]), count, stacked=True),
        Panel("Error rate over five minutes", 84, series(_error_rates), share, limit=_limit(release)),
        Panel("Latency, 99th percentile", 84, series(lambda here: [each.slowest_us for each in here]), milliseconds),
        Panel("Correct among answered, over five minutes", 84, series(_accuracies), share, top=1.0),
    ]
    return panels if any(each.correct is not None for each in minutes) else panels[:-1]


def _sums(minutes: Sequence[Minute]) -> dict[float, Sum]:
    found: dict[float, list[Minute]] = defaultdict(list)
    for minute in minutes:
        found[minute.at].append(minute)
    return {
        at: Sum(
            share=sum(each.share for each in here),
            requests=sum(each.requests for each in here),
            errors=sum(each.errors for each in here),
            correct=sum(each.correct or 0 for each in here),
            slowest_us=max(each.latency_p99_us for each in here),
        )
        for at, here in sorted(found.items())
    }


def _error_rates(here: Sequence[Sum]) -> list[float | None]:
    return _over_five([each.errors for each in here], [each.requests for each in here])


def _accuracies(here: Sequence[Sum]) -> list[float | None]:
    return _over_five([each.correct for each in here], [each.requests - each.errors for each in here])


def _over_five(parts: Sequence[int], wholes: Sequence[int]) -> list[float | None]:
    """Over five minutes, because a canary's single minutes have too few requests to say anything."""
    rates: list[float | None] = []
    for index in range(len(wholes)):
        window = slice(max(0, index - 4), index + 1)
        whole = sum(wholes[window])
        rates.append(sum(parts[window]) / whole if whole else None)
    return rates


def _limit(release: Release) -> float | None:
    """The highest error rate that the plan's evidence allows, when it has such a rule."""
    bakes = [step["bake"] for step in release.plan.get("steps", ()) if step.get("bake")]
    rules = [rule for bake in bakes for rule in bake["rules"] if rule["metric"] == "error_rate"]
    limits = [rule["value"] for rule in rules if rule["bound"] == "max"]
    return float(limits[0]) if limits else None


def _bands(alarms: Iterable[AlarmChange], deleted: Mapping[str, float], end: float) -> Iterable[Band]:
    """When alarms were raised; an alarm that is deleted meanwhile never says that it is over."""
    raised: dict[str, float] = {}
    for change in alarms:
        if change.state == "ALARM":
            raised.setdefault(change.alarm, change.at)
        elif change.alarm in raised:
            yield _band(change.alarm, raised.pop(change.alarm), change.at)
    for alarm, begin in raised.items():
        yield _band(alarm, begin, min(deleted.get(alarm, end), end))


def _band(alarm: str, begin: float, end: float) -> Band:
    return Band(begin, end, f"{alarm} in ALARM for {duration(end - begin)}")


def _marks(release: Release, result: Result) -> list[Mark]:
    marks = [Mark(release.started, "begin", f"{release.id} begins", words="begins")]
    for call in calls_of(release, result):
        if call.service != "sagemaker" or call.error or call.operation.startswith(READS):
            continue
        moment = moment_of_call(call)
        words = _words(call, release) if call.operation in _CHANGES else ""
        title = moment.text if moment else call.operation
        marks.append(Mark(call.at, "traffic" if words else "step", title, words=words))
    before = ""
    for entry in release.journal:
        if entry.kind == "VERDICT":
            verdict = str(entry.document.get("verdict"))
            # The rest of the looks is under Evidence.
            if verdict != before or entry.document.get("next") not in BAKING_ON:
                kind, shown = sign(verdict)
                marks.append(Mark(entry.at, kind, f"{verdict}: {sentence(entry.document)}", shown))
            before = verdict
        if entry.kind == "ROLLBACK":
            marks.append(Mark(entry.at, "fail", f"rolled back: {sentence(entry.document)}", "↩"))
    if release.ended is not None:
        marks.append(Mark(release.ended, "end", f"{release.id} ends {release.outcome}", words="ends"))
    return marks


def _words(call: Call, release: Release) -> str:
    """Few words beside a change of traffic: the candidate's new share, or the endpoint's new fleets."""
    if call.operation == "CreateEndpoint":
        return "created"
    if call.operation == "UpdateEndpoint":
        return _moved_to(call.request["EndpointConfigName"], release)
    names = {variant for variant, _ in release.candidates}
    return share(sum(part for name, part in shares_asked(call.request).items() if name in names))


def _moved_to(config: str, release: Release) -> str:
    if config == (release.plan.get("facts") or {}).get("shadow_config"):
        return "shadow added"
    runs = release.variants.get(config, frozenset())
    new = {variant for variant, of in release.candidates if of == config}
    if not new:
        return "candidate removed"
    if runs - new:
        return "candidate added"
    return "stable retired" if release.plan.get("traffic") == "weights" else "replaced"


def calls_of(release: Release, result: Result) -> list[Call]:
    """The calls that the release's own executions made, in their order."""
    return [call for call in result.calls if call.caller.execution in release.executions]
