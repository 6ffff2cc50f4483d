"""Journals of releases that were judged: measurements made up, verdicts by the judge that is deployed."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from interlock.evidence.judge import judge
from interlock.evidence.looks import Look
from rehearsal.report.result import JournalEntry, Release, Result, instant
from tests.rehearsal.stage.synthetic import START, result, rolled_back

Document = dict[str, Any]
SERVED = 2400  # requests per minute, of both variants together
BEGUN = START + 11_760  # the first bake


def rule(metric: str, kind: str, bound: str, value: float, **fields: Any) -> Document:
    """A rule as the plan carries it."""
    title, unit, better = {
        "error_rate": ("server error rate", "share", "lower"),
        "p99_latency": ("p99 latency", "us", "lower"),
        "basket": ("basket", "EUR", "higher"),
    }[metric]
    return {
        "metric": metric, "kind": kind, "title": title, "unit": unit, "better": better, "own": False, "bound": bound,
        "value": value, "min_requests": 0, "ignore_below": None, "tail": 0.01 if kind == "percentile" else None,
        "reference": 100_000.0 if kind == "percentile" else None, "alpha": 0.025, "beta": 0.1, "horizon": 90, **fields,
    }  # fmt: skip


ERRORS = rule("error_rate", "rate", "max", 0.02, min_requests=100)
SLOWER = rule("p99_latency", "percentile", "margin", 0.25)
SLOW = rule("p99_latency", "percentile", "max", 250_000)
MORE_ERRORS = rule("error_rate", "rate", "margin", 0.5, ignore_below=0.005)
BASKET = rule("basket", "mean", "better_by", 0.02)


@dataclass(frozen=True)
class Candidate:
    """How the candidate behaves; stable has 1 % errors, one percent of its requests slower than 100 ms, and 20 EUR."""

    errors: float = 0.01
    slower: float = 1.0
    basket: float = 20.0


def measurements(minutes: Sequence[int], candidate: Candidate) -> list[Document]:
    """What CloudWatch answers about minutes in which the candidate had so many percent of the traffic each."""
    draw = random.Random(5)
    found: dict[str, list[float]] = {}
    for percent in minutes:
        for role in ("candidate", "stable"):
            served = round(SERVED * (percent if role == "candidate" else 100 - percent) / 100)
            if not served:
                continue
            new = role == "candidate"
            stretch = candidate.slower if new else 1.0
            rate = candidate.errors if new else 0.01
            values = {
                "requests": float(served),
                "error_rate": float(sum(draw.random() < rate for _ in range(served))),
                "p99_latency": 100_000.0 * stretch * draw.uniform(0.93, 1.07),
                "basket": (candidate.basket if new else 20.0) * draw.uniform(0.97, 1.03),
            }
            for name, threshold in (("slow", 1.0), ("beyond", 1.25), ("over", 2.5)):
                chance = 0.01 * (stretch / threshold) ** 2
                slow = sum(draw.random() < chance for _ in range(served))
                values[f"p99_latency_{name}"] = 100 * (1 - slow / served)
            for name, value in values.items():
                found.setdefault(f"{role}_{name}", []).append(value)
    return [
        {
            "Id": name,
            "Timestamps": [instant(BEGUN + 60 * index) for index in range(len(values))],
            "Values": values,
            "StatusCode": "Complete",
        }
        for name, values in found.items()
    ]


def looks(
    rules: Sequence[Document], candidate: Candidate, percents: Sequence[int] = (5, 25), minutes: int = 30, each: int = 3
) -> tuple[JournalEntry, ...]:
    """The journal of a release with so many looks at each bake of so many minutes, until a verdict ends it."""
    entries: list[JournalEntry] = []
    shares: list[int] = []
    for step, percent in enumerate(percents):
        since = BEGUN + 60 * len(shares)
        for look in range(each * 2):
            shares += [percent] * (minutes // each)
            entry = _look(rules, measurements(shares, candidate), percent, since, look, (minutes, each))
            entries.append(replace(entry, step=f"{step}#{look}"))
            if entry.document["next"] == "RollBack":
                return tuple(entries)
            if entry.document["next"] == "Advance":
                break
    return tuple(entries)


def _look(
    rules: Sequence[Document], results: list[Document], percent: int, since: float, look: int, bake: tuple[int, int]
) -> JournalEntry:
    minutes, each = bake
    compared = {"candidate": float(percent), "stable": 100.0 - percent}
    given: Look = {
        "bake": {
            "seconds": 60 * minutes, "wait": 60 * minutes // each, "looks": each, "percent": percent, "alarms": [],
            "queries": [_query("candidate", "v3"), _query("stable", "v2")], "period": 60, "rules": list(rules),
            "split": compared, "bakes": 2, "then": "roll_back",
        },
        "results": results, "alarms": [], "error": "", "looks": look, "since": instant(since),
    }  # fmt: skip
    document = {**judge(given), "percent": percent, "since": given["since"], "given": given}
    return JournalEntry(BEGUN + 60 * len(results[0]["Values"]) + 5, "VERDICT", "", document)


def _query(role: str, variant: str) -> Document:
    dimensions = [{"Name": "EndpointName", "Value": "digits"}, {"Name": "VariantName", "Value": variant}]
    return {"Id": f"{role}_requests", "MetricStat": {"Metric": {"Dimensions": dimensions}}}


def release(journal: Sequence[JournalEntry]) -> Release:
    """A release with these looks in its journal, which ended a minute after the last of them."""
    plain = rolled_back()
    kept = tuple(entry for entry in plain.journal if entry.kind == "PLAN")
    return replace(plain, journal=(*kept, *journal), ended=(journal[-1].at if journal else BEGUN) + 60)


def shown(journal: Sequence[JournalEntry]) -> Result:
    """A result whose only release has these looks."""
    return replace(result(), releases=(release(journal),))


def with_finding(entry: JournalEntry, **fields: Any) -> JournalEntry:
    """A look whose first finding says something else."""
    first, *others = entry.document["findings"]
    findings: list[Mapping[str, Any]] = [{**first, **fields}, *others]
    return replace(entry, document={**entry.document, "findings": findings})
