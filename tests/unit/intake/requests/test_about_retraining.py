from __future__ import annotations

import pytest

from tests.unit.intake.incoming import asked

FILE = "s3://monitoring/results/churn-live/inputs/2026/01/05/09/constraint_violations.json"


def test_a_person_may_ask_for_a_retraining() -> None:
    command = asked({"action": "retrain", "group": "churn", "because": "a new tariff"})
    assert (command["kind"], command["once"], command["dry_run"]) == ("Weigh", False, False)
    signal = command["signal"]
    assert (signal["kind"], signal["group"], signal["sentence"]) == (
        "person",
        "churn",
        "A person asked to retrain because: a new tariff.",
    )


def test_a_person_may_ask_what_would_be_decided_for_a_file() -> None:
    command = asked({"action": "weigh", "group": "churn", "file": FILE})
    assert (command["kind"], command["once"], command["dry_run"]) == ("Weigh", False, True)
    assert command["file"]["bucket"] == "monitoring"
    signal = command["signal"]
    assert (signal["endpoint"], signal["evidence"], signal["group"]) == ("churn-live", FILE, "churn")
    assert signal["since"] == "2026-01-05T09:00:00Z"


def test_a_file_may_lie_anywhere() -> None:
    command = asked({"action": "weigh", "group": "churn", "file": "s3://my-bucket/try.json"})
    assert command["file"] == {"bucket": "my-bucket", "key": "try.json", "size": None}


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"action": "retrain"}, "group: this field is required"),
        ({"action": "retrain", "group": "churn", "version": 7}, "version: no such field"),
        ({"action": "weigh", "group": "churn"}, "file: this field is required"),
        ({"action": "weigh", "group": "churn", "file": "violations.json"}, "file: write the S3 URI of a JSON file"),
    ],
)
def test_a_mistake_is_answered_with_what_would_be_right(request_: dict[str, object], said: str) -> None:
    command = asked(request_)
    assert (command["kind"], command["reason"]) == ("Refuse", "InputInvalid")
    assert command["sentence"].startswith(said)
