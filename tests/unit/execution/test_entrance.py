"""What happens at the entrance of a stage."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.execution.entrance import Entrance, EntranceTask, enter_stage
from tests.unit.staged import ASKS, policy

ME = "arn:aws:states:eu-west-1:111122223333:execution:interlock-advance:churn-v7-1-2-production"
ARN = "arn:aws:sagemaker:eu-west-1:111122223333:model-package/churn/7"
INPUT = {"group": "churn", "version": 7, "endpoint": "churn-live", "first": "churn-v7-1"}
FOLLOWING: dict[str, Any] = {
    "stage": "production",
    "endpoint": "churn-live",
    "entrance": "churn-live/stage",
    "name": "churn-v7-1-2-production",
    "life_cycle": "",
    "input": INPUT,
    "known": "Version 7 of churn is live on churn-staging with all traffic.",
}
BEGINS = {**INPUT, "admitted": True}
LIFE_CYCLE = {**ASKS, "life_cycle": {"stage": "Production", "status": "Approved"}}
SAYS_YES = {"Stage": "Production", "StageStatus": "Approved"}


def item(**fields: str) -> dict[str, Any]:
    held = {"holder": ME, "held_since": "2026-01-05T09:00:00.000Z", **fields}
    return {name: {"S": value} for name, value in held.items()}


def enters(
    entrance: dict[str, Any] | None = None,
    *,
    now: str = "2026-01-05T09:00:01.000Z",
    says: dict[str, str] | None = None,
    written: dict[str, Any] | None = None,
    over: bool = False,
    **fields: Any,
) -> Entrance:
    package = {"ModelPackageArn": ARN, **({"ModelLifeCycle": says} if says else {})}
    task: EntranceTask = {
        "now": now,
        "stack": "interlock",
        "me": ME,
        "following": {**FOLLOWING, **fields.pop("following", {})},
        "entrance": item() if entrance is None else entrance,
        "control": fields.pop("control", {}),
        "observed": {
            "policy": {"document": policy(**fields), "last_good": None} if written is None else written,
            "packages": [{"found": package}],
            "error": "",
        },
        "over": over,
    }
    return enter_stage(task)


def test_a_person_is_asked_and_told_how_to_answer() -> None:
    answer = enters()
    assert (answer["next"], answer["seconds"]) == ("Ask", 7199)
    assert answer["hears"] == "|Abort|Approve version 7 before stage|"
    assert answer["notice"]["subject"] == "[Interlock] churn v7 asks for approval of stage production"
    body = answer["notice"]["body"]
    assert FOLLOWING["known"] in body
    assert '\'{"action": "approve", "endpoint": "churn-live", "version": 7, "before": "stage"}\'' in body
    assert '\'{"action": "abort", "endpoint": "churn-live", "before": "stage"}\'' in body
    assert "No answer until 2026-01-05 11:00 UTC is a refusal" in body
    assert "update-model-package" not in body


def test_where_nobody_is_asked_the_release_begins() -> None:
    assert (enters(approval=None)["next"], enters(approval={"before": 100})["next"]) == ("Begin", "Begin")
    assert enters(approval=None)["input"] == BEGINS


def test_a_version_that_is_live_there_already_asks_nobody() -> None:
    assert enters(control={"live": {"M": {"version": {"N": "7"}}}})["next"] == "Begin"
    assert enters(control={"live": {"M": {"version": {"N": "6"}}}})["next"] == "Ask"


def test_a_yes_that_was_given_stands_even_when_the_time_is_over() -> None:
    answer = enters(item(approved_at="2026-01-05T10:59:00.000Z"), now="2026-01-05T11:30:00.000Z")
    assert (answer["next"], answer["input"]) == ("Begin", BEGINS)


def test_a_no_after_the_yes_counts() -> None:
    answer = enters(item(approved_at="then", abort_reason="VersionRejected", abort_sentence="Rejected."))
    assert (answer["next"], answer["ended"], answer["reason"]) == ("End", "Refused", "VersionRejected")
    assert answer["sentence"] == "Rejected."


def test_who_lost_the_place_to_a_newer_version_ends() -> None:
    answer = enters(item(holder="another", release_id="churn-v8-1-2-production", approved_at="then"))
    assert (answer["ended"], answer["reason"], answer["by"]) == (
        "Superseded",
        "NewerVersionWaiting",
        "churn-v8-1-2-production",
    )
    assert enters({})["ended"] == "Superseded"


@pytest.mark.parametrize(("now", "over"), [("2026-01-05T11:00:00.000Z", False), ("2026-01-05T10:00:00.000Z", True)])
def test_no_answer_is_a_refusal(now: str, over: bool) -> None:
    answer = enters(now=now, over=over)
    assert (answer["next"], answer["ended"], answer["reason"]) == ("End", "Refused", "ApprovalExpired")
    assert answer["sentence"].endswith("for stage production within 2 h. No answer is a refusal.")


def test_who_goes_on_with_the_question_has_only_the_time_that_is_left() -> None:
    assert enters(now="2026-01-05T10:30:00.000Z")["seconds"] == 1800


def test_the_registry_says_yes_also_when_its_event_was_lost() -> None:
    assert enters(approval=LIFE_CYCLE)["hears"].endswith("|ModelLifeCycle Production/Approved|")
    assert f"--model-package-arn {ARN} --model-life-cycle" in enters(approval=LIFE_CYCLE)["notice"]["body"]
    assert enters(approval=LIFE_CYCLE, says=SAYS_YES, over=True)["next"] == "Begin"
    assert enters(says=SAYS_YES)["next"] == "Ask"


def test_what_the_registry_said_before_is_no_answer() -> None:
    before = {"life_cycle": "Production/Approved"}
    answer = enters(approval=LIFE_CYCLE, says=SAYS_YES, following=before)
    assert (answer["next"], answer["hears"]) == ("Ask", "|Abort|Approve version 7 before stage|")


def test_while_the_policy_cannot_be_read_nothing_begins() -> None:
    assert enters(written={"error": "Ssm.ThrottlingException", "cause": ""})["next"] == "Look"
    gone = enters(written={"document": None, "last_good": None})
    assert (gone["ended"], gone["reason"]) == ("Refused", "PolicyMissing")
