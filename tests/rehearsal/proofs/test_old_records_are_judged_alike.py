"""A verdict can be checked years later: what the judge was given stands in the journal, and gives the same again.

Word for word, that is; of numbers the journal keeps 15 digits, as many as JSONata's $string writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import isclose
from typing import Any

from interlock.evidence.judge import judge
from tests.rehearsal.proofs.rehearsals import Played, Rehearsals


def verdicts(played: Played) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What stands in the journals of all releases, each with its place."""
    for release in played.result.releases:
        for entry in release.journal:
            if entry.kind == "VERDICT":
                yield f"{played.result.scenario} {release.id} {entry.step}", entry.document


def as_text_and_back(record: Mapping[str, Any]) -> dict[str, Any]:
    """As whoever exports a journal has it."""
    found: dict[str, Any] = json.loads(json.dumps(record))
    return found


def alike(one: Any, other: Any) -> bool:
    """Whether two are the same but for the last digits of numbers."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return one is not None and other is not None and isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(one == other)


def judged_alike(record: Mapping[str, Any]) -> bool:
    again = as_text_and_back(judge(record["given"]))
    return alike(again, {name: record.get(name) for name in again})


def test_what_was_given_gives_the_same_verdict_again(rehearsals: Rehearsals) -> None:
    records = dict(found for played in rehearsals.all().values() for found in verdicts(played))

    differ = [place for place, record in records.items() if not judged_alike(as_text_and_back(record))]
    assert not differ, differ


def test_the_scenarios_have_every_verdict_and_everything_that_follows_and_every_kind_of_rule(
    rehearsals: Rehearsals,
) -> None:
    records = [record for played in rehearsals.all().values() for _, record in verdicts(played)]
    rules = [rule for record in records for rule in record["given"]["bake"]["rules"]]
    told = {(finding["rule"], finding["verdict"]) for record in records for finding in record["findings"]}

    assert {record["verdict"] for record in records} == {"Pass", "Inconclusive", "Error", "Fail"}
    assert {"Advance", "Look", "Hold", "RollBack"} <= {record["next"] for record in records}
    assert {rule["kind"] for rule in rules if rule["bound"] == "max"} == {"rate", "percentile", "mean", "seldom"}
    assert {rule["kind"] for rule in rules if rule["bound"] == "margin"} == {"rate", "percentile", "mean"}
    assert {"better_by"} < {rule["bound"] for rule in rules}
    assert {("alarm", "Fail"), ("traffic split", "Error"), ("measurement", "Error")} <= told
