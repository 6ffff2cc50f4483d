"""Which releases an alarm aborts: those that watch it by its whole name, and had their lease before it was raised."""

from __future__ import annotations

import pytest

from tests.rehearsal.stage.quiet import call, hold, item, quiet_account

RAISED = "2026-01-05T09:00:30.000Z"


def aborted(held_since: str, watched: str = "|guard|") -> bool:
    """Whether the alarm `guard`, raised at RAISED, aborts a release."""
    account = quiet_account()
    hold(account, holder="somebody", release_id="digits-v7-1", held_since=held_since, alarms=watched)
    state = {"value": "ALARM", "timestamp": RAISED.replace("Z", "+0000"), "reason": "Threshold Crossed."}
    detail = {"alarmName": "guard", "state": state}
    call(
        account,
        "intake",
        {"source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "detail": detail},
    )
    return "abort_reason" in item(account, "CONTROL", "digits")


@pytest.mark.parametrize(
    ("held_since", "ends"),
    [
        ("2026-01-05T09:00:29.999Z", True),
        (RAISED, False),
        ("2026-01-05T09:00:30.001Z", False),
    ],
)
def test_an_alarm_says_nothing_of_a_release_that_began_after_it_or_with_it(held_since: str, ends: bool) -> None:
    assert aborted(held_since) is ends


@pytest.mark.parametrize("watched", ["|guard-of-another|", "|another-guard|", "|another|"])
def test_an_alarm_whose_name_is_part_of_another_name_is_another(watched: str) -> None:
    assert not aborted("2026-01-05T09:00:00.000Z", watched)
