"""What nothing needs may be deleted; whatever could need a thing keeps it."""

from __future__ import annotations

from typing import Any

import pytest

from interlock.execution.cleanup import KINDS, Cleanup, plan_cleanup
from interlock.execution.cleanup_report import report_cleanup

BEGUN = "2026-01-20T09:00:00.000Z"
NAME = "interlock-churn-v6-1"
TAGS = [
    {"Key": "interlock:stack", "Value": "interlock"},
    {"Key": "interlock:group", "Value": "churn"},
    {"Key": "interlock:version", "Value": "6"},
    {"Key": "interlock:release", "Value": "churn-v6-1"},
]
OLD: dict[str, Any] = {"name": NAME, "created": "2026-01-05T09:00:00Z", "tags": TAGS}


def begun(kind: str, *items: dict[str, Any], following: str = "") -> Cleanup:
    page: Any = {"items": list(items), "next": following}
    return plan_cleanup({"kind": kind, "stack": "interlock", "begun": BEGUN, "things": [], "looks": [], "page": page})


def after(cleanup: Cleanup, kind: str, *items: dict[str, Any], following: str = "") -> Cleanup:
    page: Any = {"items": list(items), "next": following}
    things, looks = cleanup["things"], cleanup["looks"]
    return plan_cleanup(
        {"kind": kind, "stack": "interlock", "begun": BEGUN, "things": things, "looks": looks, "page": page}
    )


def after_all(cleanup: Cleanup, kind: str) -> Cleanup:
    while cleanup["looks"]:
        cleanup = after(cleanup, kind)
    return cleanup


def looked_at(cleanup: Cleanup) -> list[tuple[str, str]]:
    return [(look["list"], look["since"]) for look in cleanup["looks"]]


def test_the_ledger_is_read_before_and_after_what_exists_and_last_what_changed_meanwhile() -> None:
    """A release that begins while endpoints are read is in the ledger then; whoever else begins has changed something
    since."""
    assert looked_at(begun("configs", OLD)) == [
        ("ledger", ""),
        ("endpoints", ""),
        ("ledger", ""),
        ("endpoints", BEGUN),
    ]
    users = ["endpoints", "endpoint_configs", "components", "transform_jobs"]
    assert looked_at(begun("models", OLD)) == [
        *((each, "") for each in ("ledger", *users, "ledger")),
        *((each, BEGUN) for each in users),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_what_nothing_needs_is_deleted_after_the_last_page_and_not_before(kind: str) -> None:
    cleanup = begun(kind, OLD)
    while len(cleanup["looks"]) > 1:
        assert cleanup["deletions"] == []
        cleanup = after(cleanup, kind)
    assert after(cleanup, kind, following="token")["deletions"] == []
    (deletion,) = after(cleanup, kind)["deletions"]
    assert deletion["action"] == KINDS[kind].action
    assert NAME in str(deletion["request"])


def test_a_list_of_several_pages_is_read_to_its_end() -> None:
    cleanup = after(begun("configs", OLD), "configs", following="more")
    assert cleanup["looks"][0] == {"list": "ledger", "since": "", "after": "more"}
    assert after(cleanup, "configs")["looks"][0]["list"] == "endpoints"


def test_nothing_more_is_read_when_everything_is_needed() -> None:
    used = {"name": "shop", "uses": [NAME]}
    cleanup = after(after(begun("configs", OLD), "configs"), "configs", used)
    assert (cleanup["looks"], cleanup["deletions"]) == ([], [])
    assert cleanup["things"][0]["needed"] == "Endpoint shop uses it."


def test_the_page_that_follows_is_named_once() -> None:
    cleanup = begun("configs", OLD, following="next")
    assert cleanup["following"] == "next"
    assert after(cleanup, "configs", following="another")["following"] == ""


def test_a_thing_of_another_stack_or_without_tags_is_not_looked_at() -> None:
    other = [{"Key": "interlock:stack", "Value": "other"}]
    assert begun("models", OLD | {"tags": other}, {"name": NAME, "created": OLD["created"]})["things"] == []


def test_a_registration_is_interlocks_if_its_variant_has_the_name_of_a_release() -> None:
    name, created = "endpoint/churn/variant/churn-v6-1", OLD["created"]
    ours, other = {"name": name, "created": created, "release": "churn-v6-1"}, {"name": "x", "created": created}
    (thing,) = begun("registrations", ours, other)["things"]
    assert (thing["name"], thing["needed"]) == (name, "")


@pytest.mark.parametrize(("created", "kept"), [("2026-01-13T09:00:00.000Z", False), ("2026-01-13T09:00:01Z", True)])
def test_what_is_younger_than_a_week_is_kept(created: str, kept: bool) -> None:
    (thing,) = begun("models", OLD | {"created": created})["things"]
    assert bool(thing["needed"]) is kept


@pytest.mark.parametrize(
    "item",
    [
        {"live": {"M": {"config": {"S": NAME}}}},
        {"live": {"M": {"config": {"S": f"{NAME}-final"}}}},
        {"previous": {"M": {"config": {"S": NAME}}}},
        {"holder": {"S": "x"}, "facts": {"S": '{"stable_config": "' + NAME}},
        {"holder": {"S": "x"}, "alarms": {"S": f"|{NAME}|"}},
    ],
)
def test_whatever_an_item_of_the_ledger_names_is_kept(item: dict[str, Any]) -> None:
    """Also where the item is damaged."""
    (thing,) = after(begun("models", OLD), "models", {"sk": {"S": "churn"}} | item)["things"]
    assert thing["needed"].startswith("It is live on endpoint churn, was live before, or belongs to the release")


def test_while_an_endpoint_is_under_release_its_registrations_are_kept() -> None:
    ours = {"name": "endpoint/churn/variant/churn-v6-1", "created": OLD["created"], "release": "churn-v6-1"}
    cleanup = begun("registrations", ours)
    held = {"sk": {"S": "churn"}, "holder": {"S": "x"}}
    assert after(cleanup, "registrations", held)["things"][0]["needed"]
    assert not after(cleanup, "registrations", {"sk": {"S": "churn"}})["things"][0]["needed"]
    assert not after(cleanup, "registrations", {**held, "sk": {"S": "chur"}})["things"][0]["needed"]


@pytest.mark.parametrize(
    ("user", "kept"),
    [
        ({"uses": [NAME]}, True),
        ({"uses": [f"{NAME}-canary"]}, True),
        ({"uses": [f"{NAME}0"]}, False),
        ({"uses": []}, False),
        ({"error": "SageMaker.SageMakerException", "cause": "Rate exceeded"}, True),
        ({"error": "SageMaker.SageMakerException", "cause": "User is not authorized to perform"}, True),
        ({"error": "SageMaker.SageMakerException", "cause": 'Could not find endpoint "shop".'}, False),
    ],
)
def test_a_user_keeps_what_it_names_and_one_that_cannot_be_read_keeps_everything(
    user: dict[str, Any], kept: bool
) -> None:
    cleanup = after(begun("configs", OLD), "configs")
    (thing,) = after(cleanup, "configs", {"name": "shop", **user})["things"]
    assert bool(thing["needed"]) is kept


def test_the_report_says_what_was_deleted_what_was_refused_and_of_a_dry_run_what_is_kept() -> None:
    other, kept = OLD | {"name": "interlock-other"}, OLD | {"name": "interlock-young", "created": BEGUN}
    things = after_all(begun("models", OLD, other, kept), "models")["things"]
    problems = [{"name": "interlock-other", "problem": "Rate exceeded"}]
    report = report_cleanup({"kind": "models", "dry_run": False, "things": things, "problems": problems})
    assert report["notice"]["subject"] == "[Interlock] clean-up deleted 1 of kind model"
    assert f"- {NAME} (release churn-v6-1 of churn v6)" in report["notice"]["body"]
    assert "- interlock-other: Rate exceeded" in report["notice"]["body"]
    assert "interlock-young" not in report["notice"]["body"]
    would = report_cleanup({"kind": "models", "dry_run": True, "things": things, "problems": []})
    assert "- interlock-young: It was made less than 7 days ago." in would["notice"]["body"]
    assert [each["name"] for each in would["document"]["deleted"]] == [NAME, "interlock-other"]
