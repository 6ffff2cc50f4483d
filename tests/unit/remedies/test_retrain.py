from __future__ import annotations

import itertools
import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from interlock.model.freezes import Freeze
from interlock.remedies.kinds.retrain import retraining_name
from tests.unit.awsmodel import limits
from tests.unit.remedies.weighed import NOW, at, drift, past, said, weighed

PERSON = drift(kind="person", run="person/churn", since="", version=None, sentence="Please.")


def section(**fields: Any) -> dict[str, Any]:
    return {"pipeline": "churn-train"} | fields


def begun(*hours: float, usd: float | None = 12) -> dict[str, Any]:
    return {"retrainings": [{"at": at(each), "usd": usd} for each in hours]}


def test_a_retraining_has_a_name_an_input_and_is_remembered() -> None:
    answer = weighed(drift("tenure"), retraining=section(budget={"usd_per_month": 100, "usd_per_run": 12}))
    name = answer["retrain"]["name"]
    assert re.fullmatch(r"churn-20260105-[0-9a-f]{8}", name)
    told = answer["retrain"]["input"]
    assert told["champion"] == {"version": 7, "since": "2026-01-01T00:00:00Z"}
    assert (told["began"], told["signal"]["kind"], told["earlier"]) == (at(), "data_quality", [])
    assert answer["remember"] == {
        "revision": 1,
        "retraining": {"execution": name, "started_at": at()},
        "retrainings": [{"at": at(), "usd": 12.0}],
    }


def test_a_retraining_knows_as_much_of_the_champion_as_the_ledger_does() -> None:
    unsaid = weighed(PERSON, live={"version": 7, "since": ""})
    assert unsaid["retrain"]["input"]["champion"] == {"version": 7}


def test_where_nothing_is_live_nothing_is_retrained_and_the_person_is_told() -> None:
    answer = weighed(PERSON, live=None)
    assert said(answer) == ("notify", "NothingLive")
    assert "Start the training yourself" in answer["notice"]["body"]
    assert said(weighed(PERSON, live=None, releasing=True)) == ("wait", "ReleaseInProgress")


def test_without_a_section_a_person_reads_what_to_write() -> None:
    rows = [{"on": "data_quality", "do": "retrain"}]
    answer = weighed(drift("tenure"), rows, retraining=None)
    assert said(answer) == ("notify", "RetrainingNotConfigured")
    assert "retraining: {pipeline: <name>}" in answer["notice"]["body"]


def test_there_is_one_retraining_at_a_time_even_for_a_person() -> None:
    remedy = {"retraining": {"execution": "churn-1", "started_at": at(-90)}}
    for signal in (drift("tenure"), PERSON):
        assert said(weighed(signal, remedy=remedy)) == ("ignore", "RetrainingUnderWay")
    assert said(weighed(PERSON, remedy={"retraining": {"execution": 3}})) == ("ignore", "RetrainingUnderWay")
    assert "notice" in weighed(PERSON, remedy=remedy)


@pytest.mark.parametrize(("hours", "reason"), [(-23.9, "Cooldown"), (-24.0, "RemedyChosen")])
def test_the_cooldown_is_kept_but_not_by_a_person(hours: float, reason: str) -> None:
    assert said(weighed(drift("tenure"), remedy=begun(hours)))[1] == reason
    decided = [past(hours, remedy="retrain", reason="RemedyChosen", kind="bias")]
    assert said(weighed(drift("tenure"), decisions=decided))[1] == reason
    assert said(weighed(PERSON, remedy=begun(hours))) == ("retrain", "RemedyChosen")


def test_a_retraining_knows_those_before_it_so_that_it_need_not_count_if_it_never_begins() -> None:
    answer = weighed(drift("tenure"), remedy=begun(-50))
    earlier = answer["retrain"]["input"]["earlier"]
    assert earlier == begun(-50)["retrainings"]
    assert answer["remember"]["retrainings"] == [*earlier, {"at": at(), "usd": None}]


def test_what_never_began_still_cools_down_so_that_it_does_not_fail_at_each_signal() -> None:
    decided = [past(-1, remedy="retrain", reason="RemedyChosen", kind="data_quality")]
    assert said(weighed(drift("tenure"), decisions=decided, remedy={"retrainings": []}))[1] == "Cooldown"


def test_so_many_within_a_window() -> None:
    limited = section(at_most="2 per 7d", cooldown="1h")
    full = weighed(drift("tenure"), retraining=limited, remedy=begun(-100, -50))
    assert said(full) == ("notify", "TooManyRetrainings")
    assert "2026-01-08 08:00 UTC" in full["sentence"]
    assert said(weighed(drift("tenure"), retraining=limited, remedy=begun(-169, -50)))[0] == "retrain"


def test_the_budget_is_that_of_the_calendar_month() -> None:
    limited = section(budget={"usd_per_month": 24, "usd_per_run": 12}, cooldown="1h")
    assert said(weighed(drift("tenure"), retraining=limited, remedy=begun(-50)))[0] == "retrain"
    assert said(weighed(drift("tenure"), retraining=limited, remedy=begun(-50, -49)))[1] == "BudgetSpent"
    assert said(weighed(drift("tenure"), retraining=limited, remedy=begun(-50, -49, usd=None)))[1] == "BudgetSpent"
    december = begun(-120, -50)  # the first of them began on 2025-12-31
    assert said(weighed(drift("tenure"), retraining=limited, remedy=december))[0] == "retrain"


def test_a_spent_budget_is_told_once_a_day() -> None:
    limited = section(budget={"usd_per_month": 12, "usd_per_run": 12}, cooldown="1h")
    first = weighed(drift("tenure"), retraining=limited, remedy=begun(-50))
    before = [first["record"] | {"at": at(-1), "run": "before"}]
    again = weighed(drift("tenure"), retraining=limited, remedy=begun(-50), decisions=before)
    assert said(again) == ("ignore", "AlreadyTold")


@pytest.mark.parametrize(
    ("hours", "until"),
    [
        ([{"from": "11:00", "to": "13:00"}], 1),
        ([{"from": "12:00", "to": "06:00"}], 18),
        ([{"from": "23:00", "to": "12:01"}], 1 / 60),
        ([{"from": "11:00", "to": "13:00"}, {"from": "13:00", "to": "15:00"}], 3),
        ([{"from": "12:01", "to": "12:00"}], None),
        ([{"from": "22:00", "to": "06:00"}], None),
    ],
)
def test_in_quiet_hours_a_decision_waits_but_not_a_persons(hours: list[dict[str, str]], until: float | None) -> None:
    answer = weighed(drift("tenure"), retraining=section(quiet_hours=hours))
    assert said(answer) == (("retrain", "RemedyChosen") if until is None else ("wait", "QuietHours"))
    assert answer.get("until") == (None if until is None else at(until))
    assert said(weighed(PERSON, retraining=section(quiet_hours=hours)))[0] == "retrain"


def test_in_a_freeze_a_decision_waits_and_a_persons_too() -> None:
    frozen = section(
        freeze=[{"from": "2026-01-05", "until": "2026-01-07"}, {"from": "2026-01-07", "until": "2026-01-08"}]
    )
    for signal in (drift("tenure"), PERSON):
        answer = weighed(signal, retraining=frozen)
        assert said(answer) == ("wait", "RetrainingFrozen")
        assert answer["until"] == "2026-01-08T00:00:00Z"
    assert said(weighed(drift("tenure"), retraining=frozen, now="2026-01-08T00:00:00Z"))[0] == "retrain"


@pytest.mark.parametrize(("ends", "until"), [("", at(1)), (at(5), at(5))])
def test_a_person_can_freeze_a_group_and_a_freeze_without_an_end_is_looked_at_each_hour(ends: str, until: str) -> None:
    answer = weighed(PERSON, freeze=Freeze("GROUP#churn", until=ends, because="Ann asked to freeze."))
    assert said(answer) == ("wait", "RetrainingFrozen")
    assert answer["until"] == until
    assert answer["sentence"].endswith("Ann asked to freeze.")


def test_who_waits_is_told_once() -> None:
    quiet = section(quiet_hours=[{"from": "11:00", "to": "13:00"}])
    first = weighed(drift("tenure"), retraining=quiet)
    assert "notice" in first
    assert "notice" not in weighed(drift("tenure"), retraining=quiet, decisions=[first["record"]], now=at(0.5))
    later = weighed(drift("tenure"), retraining=quiet, decisions=[first["record"]], now=at(1))
    assert said(later) == ("retrain", "RemedyChosen")


def test_two_requests_of_a_person_are_two_retrainings() -> None:
    names = [weighed(PERSON, now=at(hours))["retrain"]["name"] for hours in (0, 1)]
    assert len(set(names)) == 2


def test_a_group_with_the_longest_name_gets_a_name_that_fits() -> None:
    rule = limits("sagemaker", "TrainingJobName")
    for group, since in itertools.product(("g", "g" * 63, "a-b"), ("2026-01-05T09:00:00Z", "", "soon")):
        name = retraining_name(group, "run", since)
        assert re.fullmatch(rule["pattern"], name)
        assert len(name) <= rule["max"]


SIGNALS = some.builds(
    lambda kind, number, minutes, severity: (kind, f"{kind}-{number}", minutes, severity),
    some.sampled_from(["data_quality", "bias", "alarm", "custom", "new_data", "calendar", "person"]),
    some.integers(0, 5),
    some.integers(0, 20 * 60),
    some.sampled_from(["low", "medium", "high"]),
)
ROWS = [{"on": kind, "do": "retrain"} for kind in ("data_quality", "bias", "alarm", "custom", "new_data", "calendar")]


@settings(max_examples=60, deadline=None)
@given(some.lists(SIGNALS, max_size=12), some.booleans())
def test_whatever_comes_in_whatever_order_there_is_one_retraining(signals: list[Any], by_record_only: bool) -> None:
    """Each task knows the decisions before it; the group's item may or may not have been read with them."""
    decisions: list[dict[str, Any]] = []
    remedy: dict[str, Any] = {}
    started = []
    for kind, run, minutes, severity in sorted(signals, key=lambda each: each[2]):
        signal = drift("tenure", kind=kind, run=run, severity=severity)
        facts: dict[str, Any] = {"decisions": decisions, "remedy": remedy, "now": at(minutes / 60)}
        answer = weighed(signal, ROWS, **facts)
        assert answer == weighed(signal, ROWS, **facts), "the same task has the same answer"
        if answer["remedy"] == "retrain":
            started.append((kind, NOW + timedelta(minutes=minutes)))
        decisions = [answer["record"], *decisions] if "record" in answer else decisions
        if not by_record_only:
            remedy |= answer.get("remember", {})
    limited = [each for each in started if each[0] != "person"]
    assert len(started) <= 1 or by_record_only
    assert len(limited) <= 1
    assert all(later - earlier >= timedelta(minutes=15) for (_, earlier), (_, later) in itertools.pairwise(started))


def test_while_a_decision_waits_further_runs_are_counted_with_it() -> None:
    waits = past(-5, remedy="wait", reason="RetrainingFrozen", until=at(40))
    answer = weighed(drift("tenure"), decisions=[waits], freeze=Freeze("GROUP#churn", until=at(40)))
    assert said(answer) == ("ignore", "Coalesced")
    assert "notice" not in answer
    over = past(-50, remedy="wait", reason="RetrainingFrozen", until=at(-1))
    assert said(weighed(drift("tenure"), decisions=[over]))[0] == "retrain"


def test_a_decision_that_waits_says_until_when_in_the_ledger() -> None:
    assert weighed(PERSON, freeze=Freeze("GROUP#churn", until=at(5)))["record"]["until"] == at(5)


def test_a_retraining_without_a_budget_has_no_estimate_so_that_a_later_one_counts() -> None:
    answer = weighed(drift("tenure"), retraining=section())
    assert answer["remember"]["retrainings"] == [{"at": at(), "usd": None}]
