"""Status and history of an endpoint are what the ledger says, with one sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest

from interlock.execution.description import Described, describe_endpoint

NOW = "2026-11-22T12:00:00.000Z"


def lived(version: int, at: str, because: str = "", release: str = "") -> dict[str, Any]:
    release = release or f"churn-v{version}-1"
    said = {"group": "churn", "version": version, "release": release, "config": f"config-{version}", "because": because}
    return {"sk": {"S": f"LIVE#{at}#{release}"}, "at": {"S": at}, "document": {"S": json.dumps(said)}}


def of(version: int, since: str) -> dict[str, Any]:
    return {
        "M": {
            "version": {"N": str(version)},
            "model_group": {"S": "churn"},
            "config": {"S": f"config-{version}"},
            "release_id": {"S": f"churn-v{version}-1"},
            "since": {"S": since},
        }
    }


def described(kind: str, *history: dict[str, Any], day: str = "", **fields: Any) -> Described:
    """``history``: the newest first."""
    task: Any = {"kind": kind, "endpoint": "churn-live", "day": day, "now": NOW, "control": {}, "entrance": {}}
    task |= {"freezes": [], "quarantines": [], "lived": list(history)} | fields
    return describe_endpoint(task)


HISTORY = (
    lived(9, "2026-11-21T10:00:00.000Z", "Ann asked to roll back."),
    lived(8, "2026-11-20T15:00:00.000Z", "Version 8 of churn was approved."),
    lived(7, "2026-11-01T08:00:00.000Z"),
)


@pytest.mark.parametrize(
    ("day", "versions"),
    [
        ("", [9, 8, 7]),
        ("2026-11-22", [9]),
        ("2026-11-21", [9, 8]),
        ("2026-11-20", [8, 7]),
        ("2026-11-19", [7]),
        ("2026-11-01", [7]),
    ],
)
def test_a_history_says_what_was_live_on_a_day_the_newest_first(day: str, versions: list[int]) -> None:
    """The machine reads what went live to the end of the day."""
    read = [each for each in HISTORY if not day or each["at"]["S"][:10] <= day]
    answer = described("History", *read, day=day)
    assert [each["version"] for each in answer["of"]["lives"]] == versions


def test_a_history_says_why_in_a_sentence() -> None:
    answer = described("History", *HISTORY[1:], day="2026-11-20")
    assert answer["sentence"] == (
        "On 2026-11-20 (UTC), live on churn-live: version 7 of churn, then version 8 of churn. Version 8 went live at"
        " 2026-11-20T15:00:00.000Z with release churn-v8-1: Version 8 of churn was approved."
    )
    newest, oldest = answer["of"]["lives"]
    assert (oldest["until"], newest["until"]) == (newest["since"], "")


def test_before_all_that_is_known_nothing_was_live() -> None:
    answer = described("History", day="2026-10-01", control={"live": of(7, "2026-11-01T08:00:00.000Z")})
    assert answer["sentence"] == "On 2026-10-01 (UTC) nothing that Interlock released was live on churn-live."
    assert answer["of"]["lives"] == []


def test_what_went_live_before_there_was_a_history_is_known_by_the_lease() -> None:
    answer = described("History", control={"live": of(7, "2026-11-01T08:00:00.000Z")})
    assert [each["version"] for each in answer["of"]["lives"]] == [7]


def test_a_release_that_was_settled_twice_went_live_once() -> None:
    again = lived(8, "2026-11-20T15:04:00.000Z")
    assert [each["since"] for each in described("History", again, *HISTORY[1:])["of"]["lives"]] == [
        "2026-11-20T15:00:00.000Z",
        "2026-11-01T08:00:00.000Z",
    ]


def test_what_is_live_again_after_a_version_was_taken_back_stands_twice() -> None:
    """It stood by, and the newer version was live for an hour."""
    history = lived(7, "2026-11-20T16:00:00.000Z"), lived(8, "2026-11-20T15:00:00.000Z"), HISTORY[2]
    answer = described("History", *history, control={"live": of(7, "2026-11-01T08:00:00.000Z")})
    assert [each["version"] for each in answer["of"]["lives"]] == [7, 8, 7]
    assert answer["of"]["lives"][1]["until"] == "2026-11-20T16:00:00.000Z"


def test_after_the_only_version_was_taken_back_nothing_is_live() -> None:
    nothing = lived(0, "2026-11-20T16:00:00.000Z")
    nothing["document"] = {"S": json.dumps({"group": "", "version": 0, "release": "", "config": "", "because": ""})}
    history = nothing, lived(8, "2026-11-20T15:00:00.000Z")
    assert described("History", *history, day="2026-11-21")["of"]["lives"] == []
    assert "no version live" in described("Status", *history)["sentence"]


def test_an_entry_that_cannot_be_read_hides_no_other() -> None:
    damaged = {"at": {"S": NOW}, "document": {"S": "{"}}
    assert [each["version"] for each in described("History", damaged, *HISTORY)["of"]["lives"]] == [9, 8, 7]


def test_the_status_of_an_endpoint_at_rest() -> None:
    control = {"live": of(9, "2026-11-21T10:00:00.000Z"), "previous": of(8, "2026-11-20T15:00:00.000Z")}
    answer = described("Status", *HISTORY, control=control)
    said = "Version 9 of churn is live on churn-live with all traffic since 2026-11-21T10:00:00.000Z."
    assert answer["sentence"] == said
    assert (answer["of"]["live"]["because"], answer["of"]["previous"]["version"]) == ("Ann asked to roll back.", 8)
    assert [answer["of"][name] for name in ("release", "waits", "traffic", "freezes", "quarantines")] == [
        None,
        None,
        {},
        [],
        [],
    ]


def test_the_status_of_an_endpoint_that_a_release_holds() -> None:
    standing = {"config": "x", "shares": {"AllTraffic": 80.0, "candidate": 20.0}, "instances": {}}
    control: dict[str, Any] = {
        "live": of(9, "2026-11-21T10:00:00.000Z"),
        "holder": {"S": "arn"},
        "release_id": {"S": "churn-v10-1"},
        "model_group": {"S": "churn"},
        "model_version": {"N": "10"},
        "held_since": {"S": "2026-11-22T11:00:00.000Z"},
        "step_index": {"N": "5"},
        "step_note": {"S": "Watch the candidate at 20 % for 1 h"},
        "step_since": {"S": "2026-11-22T11:20:00.000Z"},
        "standing": {"S": json.dumps(standing)},
        "next_release": {"S": "churn-v11-1"},
        "next_version": {"N": "11"},
    }
    freezes = [{"sk": {"S": "GROUP#churn"}, "until": {"S": ""}}, {"sk": {"S": "GROUP#other"}, "until": {"S": ""}}]
    bad = {"sk": {"S": "QUARANTINE#6"}, "at": {"S": "x"}, "release_id": {"S": "churn-v6-1"}, "reason": {"S": "y"}}
    answer = described("Status", *HISTORY, control=control, freezes=freezes, quarantines=[bad])
    assert answer["sentence"] == (
        "Version 9 of churn is live on churn-live since 2026-11-21T10:00:00.000Z. Release churn-v10-1 is under way"
        " since 2026-11-22T11:00:00.000Z: Watch the candidate at 20 % for 1 h, since 2026-11-22T11:20:00.000Z. Release"
        " churn-v11-1 waits. Group churn is frozen until somebody ends the freeze."
    )
    assert answer["of"]["traffic"] == standing
    assert (answer["of"]["release"]["version"], answer["of"]["waits"]["version"]) == (10, 11)
    assert [each["version"] for each in answer["of"]["quarantines"]] == [6]
    back = described("Status", control=control | {"back_reason": {"S": "AlarmRaised"}, "paused": {"S": "x"}})
    assert "goes back (AlarmRaised), paused: Watch" in back["sentence"]


def test_of_an_endpoint_that_nobody_knows_nothing_is_said() -> None:
    answer = described("Status")
    assert answer["sentence"] == "Interlock has brought no version live on churn-live."
    assert answer["of"]["live"] is None


def test_the_status_says_who_asks_before_the_stage() -> None:
    asks = {"release_id": {"S": "churn-v10-1-2-production"}, "model_version": {"N": "10"}, "held_since": {"S": "then"}}
    answer = described("Status", *HISTORY, entrance={**asks, "bake_token": {"S": "x"}})
    assert answer["sentence"].endswith("Release churn-v10-1-2-production asks since then whether version 10 may begin.")
    assert answer["of"]["asks"] == {"release": "churn-v10-1-2-production", "version": 10, "since": "then"}
    assert described("Status", entrance=asks)["of"]["asks"] is None
