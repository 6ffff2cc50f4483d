from __future__ import annotations

from typing import Any

import pytest

from interlock.intake.routing import route_event
from tests.unit.intake.incoming import Detail, event

KEY = "results/churn-live/inputs/2026/01/05/09/constraint_violations.json"


def stored(key: str, time: Any = "2026-01-05T10:12:08Z", **different: Any) -> Detail:
    detail = {
        "version": "0",
        "bucket": {"name": "monitoring"},
        "object": {"key": key, "size": 185, "etag": "8b56", "sequencer": "0065"},
        "reason": "CompleteMultipartUpload",
    }
    return dict(route_event(event("aws.s3", "Object Created", detail | different) | {"time": time}))


def test_violations_are_weighed_run_by_run() -> None:
    command = stored(KEY)
    assert (command["kind"], command["once"], command["dry_run"]) == ("Weigh", True, False)
    assert command["file"] == {"bucket": "monitoring", "key": KEY, "size": 185}
    signal = command["signal"]
    assert (signal["kind"], signal["endpoint"], signal["since"]) == ("", "churn-live", "2026-01-05T09:00:00Z")
    assert (signal["run"], signal["evidence"]) == ("churn-live/inputs/2026/01/05/09", f"s3://monitoring/{KEY}")


def test_two_runs_have_two_names() -> None:
    names = {stored(KEY.replace("/09/", f"/{hour:02d}/"))["name"] for hour in range(24)}
    names |= {stored(KEY.replace("/09/", f"/09/attempt-{n}/"))["name"] for n in range(2, 5)}
    assert len(names) == 27


def test_a_key_is_taken_as_it_is() -> None:
    odd = "a+b %41/churn-live/inputs/2026/01/05/09/constraint_violations.json"
    assert stored(odd)["file"]["key"] == odd


@pytest.mark.parametrize(
    "key",
    [
        "results/churn-live/inputs/2026/01/05/09/statistics.json",
        "capture/churn-live/AllTraffic/2026/01/05/09/x.jsonl",
        "pipeline/quality-check/constraint_violations.json",
        "constraint_violations.json",
        "training-data/",
        "training-data/churn",
        "training-data//x.csv",
        "my-training-data/churn/x.csv",
    ],
)
def test_another_object_is_nothing_to_weigh(key: str) -> None:
    assert stored(key)["kind"] == "Ignore"


def test_a_thousand_files_of_an_hour_are_one_signal() -> None:
    commands = [stored(f"training-data/churn/part-{n}.csv", f"2026-01-05T10:{n % 60:02d}:01Z") for n in range(1000)]
    assert len({command["name"] for command in commands}) == 1
    assert commands[0]["signal"] == commands[999]["signal"]
    assert commands[0]["signal"]["group"] == "churn"
    assert commands[0]["signal"]["since"] == "2026-01-05T10:00:00.000Z"
    assert stored("training-data/churn/part-0.csv", "2026-01-05T11:00:00Z")["name"] != commands[0]["name"]
    assert stored("training-data/fraud/part-0.csv")["name"] != commands[0]["name"]


@pytest.mark.parametrize("time", ["", "soon", None, 7, {}])
def test_new_data_without_a_time_is_refused(time: Any) -> None:
    command = stored("training-data/churn/x.csv", time)
    assert (command["kind"], command["reason"]) == ("Refuse", "EventMalformed")


def test_an_object_without_a_key_is_refused() -> None:
    assert stored(KEY, object={"size": 1})["reason"] == "EventMalformed"
