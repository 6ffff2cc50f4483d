from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from interlock.intake.routing import route_event
from policies.schema import SIGNAL_SCHEMA
from tests.unit.intake.incoming import Detail, event, routed

SAID = {"group": "churn", "severity": "high", "sentence": "Refunds doubled.", "since": "2026-01-05T09:00:00Z"}


def sent(source: str = "shop.refunds", time: Any = "2026-01-05T10:00:00Z", **detail: Any) -> Detail:
    return dict(route_event(event(source, "Interlock Signal", detail) | {"time": time}))


def test_anybody_may_send_a_signal() -> None:
    command = sent(**SAID, evidence="s3://shop/refunds.csv")
    assert command["kind"] == "Weigh"
    signal = command["signal"]
    assert (signal["kind"], signal["group"], signal["severity"]) == ("custom", "churn", "high")
    assert (signal["since"], signal["sentence"]) == ("2026-01-05T09:00:00.000Z", "Refunds doubled.")
    assert signal["evidence"] == "s3://shop/refunds.csv"


def test_a_repeated_signal_is_one_and_a_new_one_another() -> None:
    assert sent(**SAID)["name"] == sent(time="2026-01-05T11:00:00Z", **SAID)["name"]
    others = [{"since": "2026-01-06T09:00:00Z"}, {"group": "fraud"}, {"endpoint": "e"}, {"run": "42"}]
    names = {sent(**SAID | other)["name"] for other in others} | {sent("another.shop", **SAID)["name"]}
    assert len(names | {sent(**SAID)["name"]}) == 6


def test_without_a_time_of_its_own_the_events_time_counts() -> None:
    assert sent(endpoint="churn-live", sentence="x")["signal"]["since"] == "2026-01-05T10:00:00.000Z"


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"sentence": "x"}, "write group or endpoint"),
        ({"group": "churn"}, "sentence: Field required"),
        ({"group": "c h", "sentence": "x"}, "group"),
        (SAID | {"severity": "fatal"}, "severity: Input should be 'low', 'medium' or 'high'"),
        (SAID | {"kind": "bias"}, "kind: Input should be 'custom'"),
        (SAID | {"since": "soon"}, "since: 'soon' is not an ISO 8601 time"),
        (SAID | {"sentence": ""}, "sentence"),
    ],
)
def test_a_signal_with_a_mistake_is_refused(detail: dict[str, str], said: str) -> None:
    command = sent(**detail)
    assert (command["kind"], command["reason"]) == ("Refuse", "EventMalformed")
    assert said in command["sentence"]


def test_a_sender_cannot_say_who_it_is() -> None:
    assert sent(**SAID, told_by="aws.sagemaker", told_at="2020-01-01T00:00:00Z")["name"] == sent(**SAID)["name"]


def test_only_this_type_of_event_may_come_from_anybody() -> None:
    assert routed("shop.refunds", "Object Created", {})["reason"] == "EventUnknown"


def test_the_published_schema_takes_what_intake_takes() -> None:
    schema = json.loads(SIGNAL_SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(SAID, schema)
    for wrong in ({"sentence": "x"}, {"group": "churn"}, SAID | {"severity": "fatal"}, {"group": "", "sentence": "x"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
