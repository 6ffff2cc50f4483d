from __future__ import annotations

import re
from typing import Any

import pytest

from interlock.policy.errors import PolicyError
from tests.unit.examples import AB_TEST, ERROR_RULE, ERRORS_LIKE_STABLE, FEWER_ERRORS, stage
from tests.unit.planned import deliver

BY_PERSON = AB_TEST | {"winner": "person"}


def test_an_ab_test_runs_at_its_share_and_then_the_winner_has_all() -> None:
    asked = stage(strategy={"kind": "ab_test", "duration": "7d"}, evidence=[FEWER_ERRORS])
    assert asked.strategy.shares == (50, 100)
    assert asked.watched == {50: 7 * 86_400}


def test_an_ab_test_moves_traffic_by_weights_and_says_why() -> None:
    plan = deliver(strategy=BY_PERSON, evidence=None, smoke=None)
    said = "Variant weights, because guardrails cannot say which of two variants wins an A/B test."
    assert (plan["strategy"], plan["traffic"]) == ("ab_test", "weights")
    assert said in plan["why"]


@pytest.mark.parametrize("evidence", [None, [ERROR_RULE], [ERRORS_LIKE_STABLE], [FEWER_ERRORS]])
def test_a_person_may_name_the_winner_with_any_rules_and_is_asked_once(evidence: list[dict[str, Any]] | None) -> None:
    plan = deliver(strategy=BY_PERSON, evidence=evidence)
    ((bake, note),) = [(step["bake"], step["note"]) for step in plan["steps"] if step["action"] == "Bake"]
    assert note == "Watch the candidate at 50 % for 30 min, then ask a person who wins"
    assert (bake["winner"], bake["bakes"], bake["then"]) == ("person", 1, "hold")
    assert bake["held"]["subject"].endswith("waits for a person")


def test_where_the_evidence_names_the_winner_the_policy_says_what_follows_if_it_cannot() -> None:
    plan = deliver(strategy=AB_TEST, evidence=[FEWER_ERRORS], inconclusive={"extensions": 3, "then": "promote"})
    (bake,) = [step["bake"] for step in plan["steps"] if step["action"] == "Bake"]
    assert ("winner" in bake, bake["bakes"], bake["then"]) == (False, 4, "promote")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"strategy": {"kind": "ab_test"}}, "strategy.duration: this field is required"),
        ({"strategy": AB_TEST | {"duration": "59s"}}, "an A/B test lasts from 1m to 30d, for example 10m; got 59 s"),
        ({"strategy": AB_TEST | {"duration": "31d"}}, "an A/B test lasts from 1m to 30d, for example 10m; got 31 d"),
        ({"strategy": AB_TEST | {"looks": 31}}, "write at most 30 for an A/B test of 30 min"),
        ({"strategy": AB_TEST | {"share": 100}}, "strategy.share: write at most 99"),
        ({"strategy": AB_TEST | {"winner": "nobody"}}, "strategy.winner: write 'evidence' or 'person'"),
        ({"strategy": AB_TEST | {"steps": [5, 50]}}, "ab_test has no steps; leave it out, or write kind: canary"),
        ({"strategy": AB_TEST | {"traffic": "weights"}}, "ab_test has no traffic; leave it out"),
        ({"strategy": AB_TEST | {"baseline": True, "allocation": {"kind": "thompson"}}}, "write baseline: false"),
        (
            {"strategy": BY_PERSON, "inconclusive": {"extensions": 2, "then": "roll_back"}},
            "inconclusive is of no use with winner: person, who is asked when the A/B test is over; leave it out",
        ),
        (
            {"strategy": BY_PERSON, "approval": {"before": [100]}},
            "approval is of no use with winner: person, who is asked when the A/B test is over; leave it out",
        ),
        (
            {"hosting": {"kind": "serverless", "memory_mb": 2048, "max_concurrency": 5}},
            "kind: serverless has one variant, so no candidate can stand beside it; write strategy: {kind: all_at_once",
        ),
    ],
)
def test_what_an_ab_test_cannot_be_is_refused_with_a_remedy(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(PolicyError, match=re.escape(said)) as refused:
        stage(**{"strategy": AB_TEST, "evidence": [FEWER_ERRORS], "smoke": None} | fields)
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize("kind", [{"kind": "canary", "steps": [50]}, {"kind": "linear", "step": 50}])
def test_only_an_ab_test_shares_its_traffic_by_an_allocation(kind: dict[str, Any]) -> None:
    with pytest.raises(PolicyError, match="has no allocation; leave it out, or write kind: ab_test"):
        stage(strategy=kind | {"allocation": {"kind": "thompson"}})
