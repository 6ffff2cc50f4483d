"""Which freeze holds for a group and its endpoint."""

from __future__ import annotations

import pytest

from interlock.model.freezes import Freeze, freeze_of, key, read_freezes

NOW = "2026-01-05T09:00:00.000Z"


def items(**ends: str) -> list[dict[str, dict[str, str]]]:
    where = {"group": key(group="churn"), "endpoint": key(endpoint="churn"), "everything": key()}
    return [{"sk": {"S": where[name]}, "at": {"S": NOW}, "until": {"S": end}} for name, end in ends.items()]


@pytest.mark.parametrize(("until", "holds"), [("", True), ("2026-01-05T09:00:00.001Z", True), (NOW, False)])
def test_a_freeze_ends_by_itself_at_the_time_that_was_said(until: str, holds: bool) -> None:
    assert bool(read_freezes(items(group=until), NOW)) is holds


@pytest.mark.parametrize(
    ("group", "endpoint", "found"),
    [
        ("churn", "other", "GROUP#churn"),
        ("other", "churn", "ENDPOINT#churn"),
        ("other", "other", None),
        ("", "", None),
    ],
)
def test_a_freeze_holds_for_what_it_names(group: str, endpoint: str, found: str | None) -> None:
    freeze = freeze_of(read_freezes(items(group="", endpoint=""), NOW), group, endpoint)
    assert (freeze.where if freeze else None) == found


def test_a_freeze_of_everything_holds_for_all() -> None:
    found = freeze_of(read_freezes(items(everything=""), NOW), "other", "other")
    assert found is not None and found.sentence.startswith("Everything is frozen until somebody ends the freeze.")


def test_of_several_the_one_that_lasts_longest_is_told() -> None:
    ends = {"group": "2026-01-07T00:00:00.000Z", "endpoint": "2026-01-08T00:00:00.000Z"}
    longest = freeze_of(read_freezes(items(**ends), NOW), "churn", "churn")
    assert longest is not None and longest.until == ends["endpoint"]
    endless = freeze_of(read_freezes(items(**ends, everything=""), NOW), "churn", "churn")
    assert endless is not None and endless.where == key()


def test_a_freeze_says_what_until_when_and_why() -> None:
    freeze = Freeze("ENDPOINT#churn", NOW, "2026-01-08T00:00:00.000Z", "Ann asked to freeze because: Christmas.")
    said = "Endpoint churn is frozen until 2026-01-08T00:00:00.000Z. Ann asked to freeze because: Christmas."
    assert freeze.sentence == said
