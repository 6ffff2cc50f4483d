from __future__ import annotations

import os
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.unit.intake.incoming import Detail, routed

TYPE = ("aws.cloudwatch", "CloudWatch Alarm State Change")
RAISED: Detail = {
    "alarmName": "ServerCpuTooHigh",
    "configuration": {"description": "Goes into alarm when server CPU utilization is too high!", "metrics": []},
    "previousState": {"timestamp": "2019-10-01T13:56:40.987+0000", "value": "OK"},
    "state": {
        "reason": "Threshold Crossed: 1 out of the last 1 datapoints was greater than the threshold (50.0).",
        "timestamp": "2019-10-02T17:04:40.989+0000",
        "value": "ALARM",
    },
}


def alarm(**state: Any) -> Detail:
    return routed(*TYPE, RAISED | {"state": RAISED["state"] | state})


def test_an_alarm_aborts_the_releases_that_watch_it() -> None:
    command = alarm()
    assert (command["kind"], command["reason"]) == ("AbortWatchers", "AlarmRaised")
    assert (command["alarm"], command["at"]) == ("ServerCpuTooHigh", "2019-10-02T17:04:40.989Z")
    assert "17:04:40 UTC" in command["sentence"]
    assert "utilization is too high" in command["sentence"]


def test_an_alarm_without_a_description_is_told_by_its_reason() -> None:
    detail = {name: value for name, value in RAISED.items() if name != "configuration"}
    assert "Threshold Crossed" in routed(*TYPE, detail)["sentence"]


@pytest.mark.parametrize("odd", [None, 5, [], {"text": "?"}])
@pytest.mark.parametrize("place", ["description", "configuration", "reason", "previousState"])
def test_decoration_never_blocks_an_alarm(place: str, odd: Any) -> None:
    detail = (
        RAISED
        | {
            "description": {"configuration": {"description": odd}},
            "configuration": {"configuration": odd},
            "reason": {"state": RAISED["state"] | {"reason": odd}},
            "previousState": {"previousState": odd},
        }[place]
    )
    command = routed(*TYPE, detail)
    assert (command["kind"], command["alarm"]) == ("AbortWatchers", "ServerCpuTooHigh")
    assert command["sentence"].startswith("Alarm ServerCpuTooHigh was raised at 17:04:40 UTC:")


def test_each_group_weighs_an_alarm_under_a_name_that_an_execution_may_have() -> None:
    """The machine adds a hyphen and the group."""
    long = routed(*TYPE, RAISED | {"alarmName": "a" * 255})
    assert len(long["name"]) + 1 + 63 <= 80
    assert long["name"] != alarm()["name"]


@pytest.mark.parametrize("value", ["OK", "INSUFFICIENT_DATA"])
def test_an_alarm_that_is_not_raised_aborts_nothing(value: str) -> None:
    assert alarm(value=value)["kind"] == "Ignore"


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2019-10-02T17:04:40.989+0000", "2019-10-02T17:04:40.989Z"),
        ("2019-10-02T19:04:40.989+0200", "2019-10-02T17:04:40.989Z"),
        ("2019-10-02T17:04:40Z", "2019-10-02T17:04:40.000Z"),
        ("2019-10-02T17:04:40", "2019-10-02T17:04:40.000Z"),
    ],
)
def test_the_time_of_an_alarm_is_told_as_the_ledger_tells_time(written: str, at: str) -> None:
    assert alarm(timestamp=written)["at"] == at


def test_a_time_without_offset_does_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert alarm(timestamp="2019-10-02T17:04:40")["at"] == "2019-10-02T17:04:40.000Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("timestamp", ["yesterday", "1583831889050", "0001-01-01T00:00:00+14:00"])
def test_a_time_that_cannot_be_read_is_refused(timestamp: str) -> None:
    command = alarm(timestamp=timestamp)
    assert (command["kind"], command["reason"]) == ("Refuse", "EventMalformed")
    assert "state.timestamp" in command["sentence"]
    assert timestamp in command["sentence"]


@given(some.text(), some.sampled_from(["ALARM", "OK"]))
def test_whatever_time_an_alarm_tells_it_is_answered(timestamp: str, value: str) -> None:
    assert alarm(timestamp=timestamp, value=value)["sentence"]


def test_an_alarm_is_a_signal_too_once_for_each_time_it_is_raised() -> None:
    command = alarm()
    signal = command["signal"]
    assert (signal["kind"], signal["severity"], signal["sentence"]) == ("alarm", "high", command["sentence"])
    assert (signal["run"], signal["since"]) == ("alarm/ServerCpuTooHigh/2019-10-02T17:04:40.989Z", command["at"])
    assert command["name"] == alarm()["name"] != alarm(timestamp="2019-10-03T17:04:40Z")["name"]
