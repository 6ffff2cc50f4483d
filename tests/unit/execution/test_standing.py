"""Before a release changes an endpoint again, it looks whether the endpoint still stands as it was left."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.execution.verdicts import LOOK_AGAIN, Verified
from interlock.execution.verification import verify_endpoint
from interlock.model.observation import DESCRIBED_LATE, read_endpoint
from tests.unit.examples import DENIED, NO_ENDPOINT, endpoint, found, live

CANDIDATE = "churn-v7-1"
SINCE, NOW, LATER = "2026-01-05T09:00:00.000Z", "2026-01-05T09:01:59.000Z", "2026-01-05T09:02:00.000Z"
NEXT = {"config": "canary", "shares": {"AllTraffic": 75.0, CANDIDATE: 25.0}}
ALONE = {"config": "final", "shares": {CANDIDATE: 100.0}}


def described(
    percent: float = 5.0, config: str = "canary", status: str = "InService", stable: int = 2, candidate: int = 2
) -> dict[str, Any]:
    variants = live("AllTraffic", 100 - percent, stable), live(CANDIDATE, percent, candidate)
    return endpoint(status, config, *variants)


LEFT = read_endpoint(described()).standing()


def look(
    answer: dict[str, Any],
    expect: dict[str, Any] | None = None,
    mode: str = "deliver",
    before: dict[str, Any] | None = LEFT,
    now: str = NOW,
) -> Verified:
    return verify_endpoint(
        {
            "expect": NEXT if expect is None else expect,
            "endpoint": answer,
            "since": SINCE,
            "now": now,
            "mode": mode,
            "patience": 1800,
            "before": before,
        }
    )


@pytest.mark.parametrize(
    ("answer", "following"),
    [
        (found(described()), "Act"),
        (found(described(stable=6)), "Act"),
        (found(described(status="SystemUpdating")), "Await"),
        (DENIED, "Await"),
        (found(described(25.0)), "Advance"),
    ],
)
def test_a_step_is_made_where_nobody_else_changed_anything(answer: dict[str, Any], following: str) -> None:
    assert look(answer)["next"] == following


def test_a_step_after_a_wait_of_many_hours_is_not_stuck() -> None:
    assert look(found(described()), now="2026-01-07T09:00:00.000Z")["next"] == "Act"
    assert look(found(described(status="SystemUpdating")), now="2026-01-07T09:00:00.000Z")["reason"] == "EndpointStuck"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (found(described(40.0)), f"its traffic is split AllTraffic 60 %, {CANDIDATE} 40 %"),
        (found(described(config="theirs")), "it is in service on theirs, not on canary"),
        (found(described(stable=1)), "AllTraffic has 1 instances, not 2"),
        (found(described(status="Failed")), "it is Failed"),
        (NO_ENDPOINT, "The endpoint is gone"),
    ],
)
def test_what_somebody_else_did_ends_the_release_and_is_left_as_it_is(answer: dict[str, Any], said: str) -> None:
    seen = look(answer)
    assert (seen["next"], seen["reason"]) == ("Hold", "EndpointMoved")
    assert said in seen["sentence"]
    if "split" not in said:
        assert look(answer, mode="roll_back")["next"] == "Plan"


def test_weights_that_somebody_else_set_end_a_rollback_too_unless_they_are_those_it_asks_for() -> None:
    back = {"config": "canary", "shares": {"AllTraffic": 100.0, CANDIDATE: 0.0}}
    seen = look(found(described(40.0)), back, mode="roll_back")

    assert (seen["next"], seen["reason"]) == ("Hold", "EndpointMoved")
    assert f"its traffic is split AllTraffic 60 %, {CANDIDATE} 40 %" in seen["sentence"]
    assert look(found(described(0.0)), back, mode="roll_back")["next"] == "Plan"


def test_an_endpoint_that_is_to_be_created_must_not_be_there() -> None:
    assert look(NO_ENDPOINT, before={})["next"] == "Act"
    assert look(found(described()), before={})["next"] == "Hold"


def test_the_variant_that_stays_grows_to_the_size_of_the_one_that_goes() -> None:
    seen = look(found(described(100.0, stable=6)), ALONE, before=read_endpoint(described(100.0)).standing())
    assert seen["next"] == "Grow"
    assert seen["step"]["request"]["DesiredWeightsAndCapacities"] == [
        {"VariantName": CANDIDATE, "DesiredInstanceCount": 6}
    ]
    assert seen["step"]["expect"] == {"config": "canary", "shares": {"AllTraffic": 0.0, CANDIDATE: 100.0}}
    assert look(found(described()), ALONE)["next"] == "Act"


def test_a_variant_that_is_to_get_all_traffic_is_first_as_large_as_the_one_that_has_it() -> None:
    """A shadow is as large as stable was when the release was planned; stable may have scaled out since."""
    before = read_endpoint(described(0.0)).standing()
    all_of_it = {"config": "canary", "shares": {"AllTraffic": 0.0, CANDIDATE: 100.0}}
    seen = look(found(described(0.0, stable=6)), all_of_it, before=before)
    assert seen["next"] == "Grow"
    assert seen["step"]["request"]["DesiredWeightsAndCapacities"] == [
        {"VariantName": CANDIDATE, "DesiredInstanceCount": 6}
    ]
    half = {"config": "canary", "shares": {"AllTraffic": 50.0, CANDIDATE: 50.0}}
    assert look(found(described(0.0, stable=6)), half, before=before)["next"] == "Act"


@pytest.mark.parametrize(
    ("answer", "then"),
    [(found(described()), "Hold"), (found(described(config="stable")), "RollBack"), (NO_ENDPOINT, "RollBack")],
)
def test_in_the_first_two_minutes_after_a_step_bad_news_may_be_old_news(answer: dict[str, Any], then: str) -> None:
    """Other weights than the release has set are a person's, and are left."""
    early, late = look(answer, before=None), look(answer, before=None, now=LATER)
    assert (early["status"], early["next"], early["patience"]) == ("Pending", "Await", LOOK_AGAIN)
    assert (late["status"], late["next"]) == ("NotReached", then)
    assert LOOK_AGAIN < DESCRIBED_LATE == 120


def test_a_failed_endpoint_is_no_old_news() -> None:
    assert look(found(described(status="Failed")), before=None)["status"] == "NotReached"


def serverless(concurrency: int) -> dict[str, Any]:
    current = {"MemorySizeInMB": 2048, "MaxConcurrency": concurrency}
    return endpoint("InService", "c", {"VariantName": "AllTraffic", "CurrentServerlessConfig": current})


@pytest.mark.parametrize(("now", "following"), [(20, "Act"), (40, "Hold"), (10, "Hold")])
def test_another_concurrency_than_the_plan_was_made_for_is_not_overwritten(now: int, following: str) -> None:
    """The candidate's config has the concurrency that served when it was made."""
    before = read_endpoint(serverless(20)).standing()
    seen = look(found(serverless(now)), expect={"config": "d", "shares": {CANDIDATE: 100.0}}, before=before)
    assert seen["next"] == following
    if following == "Hold":
        said = f"AllTraffic has a concurrency of {now}, 0 of it provisioned, not a concurrency of 20"
        assert said in seen["sentence"]


def test_a_concurrency_that_is_not_told_is_no_difference() -> None:
    before = read_endpoint(serverless(20)).standing()
    untold = endpoint("InService", "c", {"VariantName": "AllTraffic", "CurrentWeight": 1.0})
    assert look(found(untold), expect={"config": "d", "shares": {CANDIDATE: 100.0}}, before=before)["next"] == "Act"
