"""Reads the judge's input and findings, rule by rule, out of a release's journal.

A rule is judged at every look, from all that was measured since the release's first bake. What was sure in between is
not in the journal, but follows from it: the judge is a pure function, and is asked again with less of the same data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from rehearsal.report.result import JournalEntry
from rehearsal.report.timeline import BAKING_ON

Record = Mapping[str, Any]
Judge = Callable[[Any], Record]
COMPARING = ("margin", "better_by")
DECIDED = ("Pass", "Fail")
_MOST = 60  # moments at which the sure range is worked out
_SMOOTHED = 5  # periods a rate is shown over: a canary's single minutes have too few requests to say anything


@dataclass(frozen=True)
class Look:
    """The finding of one look about one rule; `overall` is the verdict on all rules, and `next` its consequence."""

    at: float
    finding: Record
    overall: str
    next: str

    @property
    def verdict(self) -> str:
        """Pass, Fail, Inconclusive or Error."""
        return str(self.finding.get("verdict", ""))

    @property
    def ends_bake(self) -> bool:
        """Whether the bake was over after this look."""
        return self.next not in BAKING_ON


@dataclass(frozen=True)
class Sure:
    """The sure range of a rule's quantity at an instant; an end is None where there is no bound yet."""

    at: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Case:
    """A rule with all its looks; `given` is the judge's input at the last look that had measurements."""

    rule: Record
    looks: tuple[Look, ...]
    given: Record

    @property
    def key(self) -> tuple[str, str]:
        """Metric and bound, by which a finding is told to be of this rule."""
        return str(self.rule["metric"]), str(self.rule["bound"])

    @property
    def compares(self) -> bool:
        """Whether the candidate is held against stable rather than against a limit."""
        return self.rule["bound"] in COMPARING

    @property
    def period(self) -> float:
        """Seconds of one measurement."""
        return float(self.given["bake"]["period"])

    @cached_property
    def measured(self) -> Mapping[str, dict[float, float]]:
        """Values by query id and the beginning of their period."""
        return _measured(self.given)

    def values(self, role: str) -> dict[float, float]:
        """The metric of `candidate` or `stable` by period, in its unit: a rate over the last five periods."""
        name = f"{role}_{self.rule['metric']}"
        values = self.measured.get(name, {})
        if self.rule["kind"] != "rate":
            return values
        wholes = self.measured.get(f"{name}_of" if self.rule.get("own") else f"{role}_requests", {})
        found, times = {}, sorted(set(values) & set(wholes))
        for index, at in enumerate(times):
            window = times[max(0, index - _SMOOTHED + 1) : index + 1]
            whole = sum(wholes[each] for each in window)
            if whole:
                found[at] = sum(values[each] for each in window) / whole
        return found

    def variant(self, role: str) -> str:
        """The name of the variant that `candidate` or `stable` was, or nothing when it was not asked about."""
        queries = (query for query in self.given["bake"].get("queries", ()) if query["Id"] == f"{role}_requests")
        dimensions = next((query["MetricStat"]["Metric"]["Dimensions"] for query in queries), ())
        return next((str(each["Value"]) for each in dimensions if each["Name"] == "VariantName"), "")

    def estimate(self, look: Look) -> float | None:
        """The quantity as measured at a look, on the scale of its interval; None where nothing could be told."""
        finding = look.finding
        if not finding.get("interval"):
            return None
        if self.compares:
            return finding.get("difference")
        return self._slow(look.at) if self.rule["kind"] == "percentile" else finding.get("candidate")

    def _slow(self, until: float) -> float | None:
        """The share of requests slower than the limit, of those served before an instant."""
        ranks = self.measured.get(f"candidate_{self.rule['metric']}_over", {})
        served = self.measured.get("candidate_requests", {})
        times = [at for at in ranks if at in served and at <= until]
        requests = sum(served[at] for at in times)
        return sum(served[at] * (1 - ranks[at] / 100) for at in times) / requests if requests else None


def cases(journal: Iterable[JournalEntry]) -> list[Case]:
    """Every rule that a release was judged by, in the order of its policy."""
    rules: dict[tuple[str, str], Record] = {}
    given: dict[tuple[str, str], Record] = {}
    looks: dict[tuple[str, str], list[Look]] = defaultdict(list)
    for entry in verdicts(journal):
        task = entry.document.get("given") or {}
        for rule in (task.get("bake") or {}).get("rules", ()):
            key = str(rule["metric"]), str(rule.get("bound", "max"))
            if task.get("results") or key not in given:
                rules[key], given[key] = rule, task
            looks[key].append(_look(entry, key))
    return [Case(rules[key], tuple(looks[key]), given[key]) for key in rules]


def verdicts(journal: Iterable[JournalEntry]) -> list[JournalEntry]:
    """The looks among the entries of a journal."""
    return [entry for entry in journal if entry.kind == "VERDICT"]


def _look(entry: JournalEntry, key: tuple[str, str]) -> Look:
    """Of a rule that was not judged, because measuring or the split of traffic failed, the finding that says so."""
    findings = entry.document.get("findings") or [entry.document]
    own = [each for each in findings if (each.get("rule"), each.get("bound")) == key]
    failed = [each for each in findings if each.get("verdict") == "Error"]
    finding = (own or failed or [{"verdict": "Error", "sentence": "This rule was not judged."}])[0]
    return Look(entry.at, finding, str(entry.document.get("verdict", "")), str(entry.document.get("next", "")))


def _measured(given: Record) -> dict[str, dict[float, float]]:
    return {
        answer["Id"]: dict(sorted(zip(map(_epoch, answer["Timestamps"]), answer["Values"], strict=True)))
        for answer in given.get("results") or ()
    }


def _epoch(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def what_was_sure(given: Record, judge: Judge) -> dict[tuple[str, str], list[Sure | None]]:
    """For each rule, the sure range at up to sixty moments; None at those where the judge could tell nothing."""
    found: dict[tuple[str, str], list[Sure | None]] = defaultdict(list)
    for at, task in _prefixes(given):
        told = {(each["rule"], each.get("bound", "")): each.get("interval") for each in judge(task)["findings"]}
        for rule in given["bake"]["rules"]:
            key = rule["metric"], rule["bound"]
            interval = told.get(key)
            found[key].append(Sure(at, *interval) if interval else None)
    return found


def _prefixes(given: Record) -> Iterator[tuple[float, dict[str, Any]]]:
    """The judge's input as it would have been earlier, with the end of the last period that it would have seen."""
    times = sorted({at for values in _measured(given).values() for at in values})
    count = min(len(times), _MOST)
    for part in range(1, count + 1):
        last = times[len(times) * part // count - 1]
        yield last + given["bake"]["period"], {**given, "results": [_until(each, last) for each in given["results"]]}


def _until(answer: Record, last: float) -> dict[str, Any]:
    kept = [pair for pair in zip(answer["Timestamps"], answer["Values"], strict=True) if _epoch(pair[0]) <= last]
    return {**answer, "Timestamps": [at for at, _ in kept], "Values": [value for _, value in kept]}


def decisions(case: Case) -> list[Look]:
    """The looks at which the rule's verdict became Pass or Fail."""
    before = [""] + [look.verdict for look in case.looks]
    return [
        look for look, last in zip(case.looks, before, strict=False) if look.verdict in DECIDED and look.verdict != last
    ]


def direction(rule: Record) -> str:
    """The word for a positive difference to stable: `slower`, `higher` …"""
    worse = rule["bound"] == "margin"
    if rule["unit"] == "us":
        return "slower" if worse else "faster"
    return "higher" if worse == (rule["better"] == "lower") else "lower"


def in_words(rule: Record) -> str:
    """The rule as a sentence without an end: `p99 latency: at most 25 % slower than stable`."""
    bound, title = rule["bound"], str(rule["title"])
    if bound in COMPARING:
        least = "less than" if bound == "margin" else "at least"
        said = f"{title}: {least} {number('share', rule['value'])} {direction(rule)} than stable"
    else:
        said = f"{title}: at {'most' if bound == 'max' else 'least'} {number(rule['unit'], rule['value'])}"
    if bound == "margin" and rule["kind"] == "rate" and rule.get("ignore_below"):
        said += f" (a difference below {number('share', rule['ignore_below'])} does not matter)"
    return said[:1].upper() + said[1:]


def number(unit: str, value: float) -> str:
    """A value for people, in the metric's unit: a share in percent, microseconds as milliseconds or seconds."""
    if unit in ("share", "relative"):
        return f"{_short(value * 100)} %"
    if unit == "us":
        return f"{_short(value / 1e6)} s" if value >= 10e6 else f"{_short(value / 1000)} ms"
    return f"{_short(value)} {unit}".rstrip()


def difference(value: float) -> str:
    """A relative difference with its sign: `+12 %`."""
    if abs(value) < 0.0005:
        return "0 %"
    return f"{'+' if value > 0 else '−'}{number('share', abs(value))}"


def between(low: float | None, high: float | None, told: Callable[[float], str]) -> str:
    """Two ends in words, either of which may not be known yet."""
    if low is None and high is None:
        return "no bounds yet"
    if low is None or high is None:
        return f"{told(low)} or more" if low is not None else f"{told(high or 0.0)} or less"
    return f"{told(low)} to {told(high)}"


def _short(value: float) -> str:
    """Three digits, and thousands grouped."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
