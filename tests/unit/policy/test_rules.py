"""The rules of evidence as a team writes them, and every way of getting one wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.evidence.metrics import MEAN, METRICS, RATE, Metric
from interlock.policy.document import Policy, read_policy
from interlock.policy.errors import PolicyError
from interlock.policy.rules import BOUNDS
from tests.unit.examples import AB_TEST, ALL_AT_ONCE, CANARY, GROUP, document

Written = dict[str, Any]

CONVERSION: Written = {"namespace": "Shop", "name": "Conversions", "per": "Recommendations", "better": "higher"}
BASKET: Written = {"namespace": "Shop", "name": "BasketValue", "better": "higher", "unit": "EUR"}
COMPLAINTS: Written = {"namespace": "Shop", "name": "Complaints", "per": "Orders", "better": "lower"}
OWN = {"conversion": CONVERSION, "basket": BASKET, "complaints": COMPLAINTS}


def policy(*rules: Any, metrics: Any = OWN, **fields: Any) -> Policy:
    content = json.loads(document(evidence=list(rules), **fields)) | {"metrics": metrics}
    return read_policy(json.dumps(content), GROUP)


def refused(*rules: Any, metrics: Any = OWN, **fields: Any) -> str:
    """The one problem of a policy with ``rules``."""
    with pytest.raises(PolicyError) as caught:
        policy(*rules, metrics=metrics, **fields)
    (only,) = caught.value.problems
    return only.text


def rule(metric: str, **fields: Any) -> Written:
    return {"metric": metric, **fields}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (rule("error_rate"), ": write exactly one of max, min, margin, better_by in a rule; got none"),
        (
            rule("error_rate", max="1%", margin="10%"),
            ": write exactly one of max, min, margin, better_by in a rule; got max and margin",
        ),
        (
            rule("p99_latancy", max="1ms"),
            ".metric: there is no such metric; nearest is p99_latency or p99_9_latency; got 'p99_latancy'",
        ),
        (rule("conversoin", margin="5%"), ".metric: there is no such metric; nearest is conversion; got 'conversoin'"),
        (
            rule("xyzzy", max=1),
            f".metric: there is no such metric; declare it under metrics, or write one of "
            f"{', '.join([*METRICS, *OWN])}; got 'xyzzy'",
        ),
        (rule("p99_latency", max=250), ".max: write a number and one of us, ms, s, for example 250ms; got 250"),
        (rule("p99_latency", max="1%"), ".max: write a number and one of us, ms, s, for example 250ms; got '1%'"),
        (rule("error_rate", max="250ms"), ".max: write a share such as 1% or 0.01; got '250ms'"),
        (rule("error_rate", max=2), ".max: a share lies between 0 and 1 (or 0% and 100%); got 2"),
        (
            rule("error_rate", max=0),
            ".max: no amount of traffic proves exactly 0% or 100%; write a share between them; got 0",
        ),
        (rule("conversion", min="12"), ".min: write a share such as 1% or 0.01; got '12'"),
        (rule("cpu", max=0.8), ".max: this metric is in percent; write 0.8% or 80%; got 0.8"),
        (rule("basket", min="20 EUR"), ".min: write a number in the metric's unit, for example 20; got '20 EUR'"),
        (rule("error_rate", margin=0.1), ".margin: write a percentage, for example 10%; got 0.1"),
        (rule("error_rate", margin="-5%"), ".margin: write a percentage, for example 10%; got '-5%'"),
        (rule("error_rate", margin="0%"), ".margin: write from 1% to 1000%, for example 10%; got '0%'"),
        (rule("error_rate", margin="0.9%"), ".margin: write from 1% to 1000%, for example 10%; got '0.9%'"),
        (rule("error_rate", margin="1001%"), ".margin: write from 1% to 1000%, for example 10%; got '1001%'"),
        (rule("basket", better_by="1001%"), ".better_by: write from 1% to 1000%, for example 10%; got '1001%'"),
        (
            rule("conversion", margin="100%"),
            ".margin: conversion cannot fall by 100% or more; write less, for example 10%; got '100%'",
        ),
        (
            rule("p99_latency", better_by="100%"),
            ".better_by: p99_latency cannot fall by 100% or more; write less, for example 10%; got '100%'",
        ),
        (
            rule("invocations", margin="10%"),
            ".margin: invocations depends on the weights, not on the model, so it cannot be compared; write min; "
            "got '10%'",
        ),
        (
            rule("p99_latency", margin="10%", ignore_below="1%"),
            ".ignore_below: only for a margin on a rate where lower is better; leave it out; got '1%'",
        ),
        (
            rule("error_rate", max="1%", ignore_below="1%"),
            ".ignore_below: only for a margin on a rate where lower is better; leave it out; got '1%'",
        ),
        (
            rule("conversion", margin="5%", ignore_below="1%"),
            ".ignore_below: only for a margin on a rate where lower is better; leave it out; got '1%'",
        ),
        (
            rule("error_rate", margin="50%", ignore_below=2),
            ".ignore_below: a share lies between 0 and 1 (or 0% and 100%); got 2",
        ),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_what_to_write(written: Written, said: str) -> None:
    assert refused(written) == f"stages.0.evidence.0{said}"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([rule("error_rate", max="1%"), rule("error_rate", max="2%")], "error_rate has max more than once; keep one"),
        (
            [rule("conversion", margin="5%"), rule("conversion", better_by="2%")],
            "conversion has margin and better_by; a better candidate is also not worse, so keep only better_by",
        ),
        ([rule("error_rate", min="1%")], "for error_rate, lower is better, so min makes no sense; write max"),
        ([rule("basket", max=20)], "for basket, higher is better, so max makes no sense; write min"),
        (
            [rule("p99_latency", max="2ms"), rule("p99_latency", min="1ms")],
            "for p99_latency, lower is better, so min makes no sense; write max",
        ),
        (
            [rule("basket", min=20), rule("basket", max=10)],
            "basket cannot be at least 20 EUR and at most 10 EUR; write a min below max",
        ),
        (
            [rule("cpu", min="80%"), rule("cpu", max=80)],
            "cpu cannot be at least 80 % and at most 80 %; write a min below max",
        ),
    ],
)
def test_rules_that_contradict_each_other_or_their_metric_are_refused(rules: list[Written], said: str) -> None:
    assert refused(*rules) == f"stages.0.evidence: {said}"


@pytest.mark.parametrize(
    "rules",
    [
        [rule("basket", min=10), rule("basket", max=20)],
        [rule("error_rate", max="1%"), rule("error_rate", margin="50%")],
        [rule("p99_latency", max="1s"), rule("p99_latency", better_by="5%")],
    ],
)
def test_rules_on_one_metric_that_say_different_things_go_together(rules: list[Written]) -> None:
    assert [each.bound for each in policy(*rules).stage.evidence] == [list(each)[1] for each in rules]


@pytest.mark.parametrize(
    ("rules", "strategy", "said"),
    [
        (
            [rule("error_rate", margin="50%")],
            ALL_AT_ONCE,
            "evidence: error_rate margin compares with stable, which is not measured beside the "
            "candidate with kind: all_at_once; write kind: canary and traffic: weights, or use max or min",
        ),
        (
            [rule("error_rate", max="1%"), rule("conversion", better_by="2%")],
            CANARY,
            "evidence: conversion better_by is the goal of an A/B test, and kind: canary is none; write kind: "
            "ab_test, or margin instead of better_by",
        ),
        (
            [rule("error_rate", max="1%"), rule("conversion", margin="2%")],
            CANARY | {"traffic": "native"},
            "evidence: conversion margin compares with stable, which is not measured beside the "
            "candidate with traffic: native; write kind: canary and traffic: weights, or use max or min",
        ),
        (
            [rule("error_rate", margin="50%")],
            AB_TEST,
            "evidence: no rule says what the winner of the A/B test must be better in; write better_by in one, for "
            "example better_by: 5%, or winner: person under strategy",
        ),
        (
            [],
            AB_TEST,
            "evidence: no rule says what the winner of the A/B test must be better in; write better_by in one, for "
            "example better_by: 5%, or winner: person under strategy",
        ),
        (
            [rule("error_rate", max="1%")],
            CANARY | {"baseline": True},
            "evidence: strategy.baseline is only for comparisons; write a margin or better_by, or leave it out",
        ),
        (
            [],
            CANARY | {"baseline": True},
            "evidence: strategy.baseline is only for comparisons; write a margin or better_by, or leave it out",
        ),
        (
            [rule("error_rate", margin="50%")],
            ALL_AT_ONCE | {"baseline": True},
            "strategy.baseline: all_at_once has no baseline; leave it out, or write kind: canary or linear or ab_test",
        ),
        (
            [rule("error_rate", margin="50%")],
            CANARY | {"baseline": True, "traffic": "native"},
            "strategy.baseline: a baseline needs weights; write kind: canary and traffic: weights, "
            "or leave it out; got True",
        ),
        (
            [],
            CANARY | {"looks": 31},
            "strategy.looks: looks must be at least a minute apart; write at most 30 for a bake of 30 min; got 31",
        ),
        ([], CANARY | {"looks": 0}, "strategy.looks: write at least 1; got 0"),
        ([], CANARY | {"looks": 101}, "strategy.looks: write at most 100; got 101"),
    ],
)
def test_a_strategy_that_cannot_do_what_the_rules_ask_is_refused(
    rules: list[Written], strategy: Written, said: str
) -> None:
    assert refused(*rules, strategy=strategy) == f"stages.0.{said}"


def test_looks_and_a_baseline_are_read() -> None:
    read = policy(rule("error_rate", margin="50%"), strategy=CANARY | {"looks": 30, "baseline": True}).stage.strategy
    assert (read.looks, read.brings_baseline) == (30, True)


@pytest.mark.parametrize(
    ("name", "metric", "said"),
    [
        (
            "error_rate",
            CONVERSION,
            ": error_rate is a name of Interlock's own; choose another, for example shop_error_rate_count",
        ),
        (
            "requests",
            CONVERSION,
            ": requests is a name of Interlock's own; choose another, for example shop_requests_count",
        ),
        (
            "part_of",
            CONVERSION,
            ": part_of is a name of Interlock's own; choose another, for example shop_part_of_count",
        ),
        (
            "Shop",
            CONVERSION,
            ".Shop: write lower-case letters, digits and underscores, at most 41, a letter first, for example basket; "
            "got 'Shop'",
        ),
        (
            "x",
            CONVERSION | {"statistic": "Sum"},
            ".x: per makes this a share of Recommendations; leave out statistic, or leave out per",
        ),
        (
            "x",
            CONVERSION | {"unit": "EUR"},
            ".x: per makes this a share of Recommendations; leave out unit, or leave out per",
        ),
        (
            "x",
            BASKET | {"statistic": "p99"},
            ".x.statistic: write 'Average', 'Sum', 'Minimum', 'Maximum' or 'SampleCount'; got 'p99'",
        ),
        ("x", BASKET | {"better": "up"}, ".x.better: write 'lower' or 'higher'; got 'up'"),
        ("x", {"namespace": "Shop", "better": "lower"}, ".x.name: this field is required"),
        (
            "x",
            BASKET | {"dimensions": {"VariantName": "a", "Store": "b"}},
            ".x.dimensions: leave out VariantName; Interlock adds this itself",
        ),
        (
            "x",
            BASKET | {"dimensions": {"Store": 1}},
            ".x.dimensions.Store: write text, in quotes if it looks like a number; got 1",
        ),
        (
            "smoke",
            BASKET | {"stat": "Sum"},
            ".smoke.stat: no such field; allowed here: namespace, name, better, per, statistic, unit, dimensions"
            "; did you mean statistic?",
        ),
        (
            "x",
            5,
            ".x: write fields here: namespace, name, better, per, statistic, unit, dimensions; got 5",
        ),
    ],
)
def test_a_metric_that_cannot_be_asked_for_is_refused(name: str, metric: Any, said: str) -> None:
    assert refused(metrics={name: metric}) == f"metrics{said}"


def test_metrics_are_a_mapping() -> None:
    assert refused(metrics=[CONVERSION]) == "metrics: write entries, each with a name and a value"


def test_while_its_metrics_are_wrong_the_rules_of_a_policy_are_not_blamed_for_naming_them() -> None:
    said = refused(rule("conversion", margin="5%"), metrics={"conversion": CONVERSION | {"better": "up"}})
    assert said == "metrics.conversion.better: write 'lower' or 'higher'; got 'up'"


def test_the_catalog_has_the_metrics_of_interlock_and_those_of_the_policy() -> None:
    store = BASKET | {"dimensions": {"Store": "main"}, "statistic": "Maximum"}
    catalog = policy(metrics={"conversion": CONVERSION, "basket_value": store}).catalog()
    assert catalog == METRICS | {
        "conversion": Metric(
            "Conversions",
            "Sum",
            RATE,
            "conversion",
            "share",
            better="higher",
            namespace="Shop",
            per="Recommendations",
        ),
        "basket_value": Metric(
            "BasketValue",
            "Maximum",
            MEAN,
            "basket value",
            "EUR",
            better="higher",
            namespace="Shop",
            dimensions={"Store": "main"},
        ),
    }


@pytest.mark.parametrize(
    ("unit", "written", "held"), [("", 20, 20), ("EUR", 20, 20), ("us", "2ms", 2000), ("%", "80%", 80)]
)
def test_a_limit_of_an_own_metric_is_read_in_its_unit(unit: str, written: Any, held: float) -> None:
    read = policy(rule("depth", min=written), metrics={"depth": BASKET | {"unit": unit}})
    assert [each.value for each in read.stage.evidence] == [held]


@pytest.mark.parametrize(
    ("written", "level"),
    [
        (rule("error_rate", margin="50%"), 0.005),
        (rule("error_rate", margin="50%", ignore_below="0%"), 0.0),
        (rule("client_error_rate", margin="50%", ignore_below=0.02), 0.02),
        (rule("error_rate", max="1%"), None),
        (rule("error_rate", better_by="10%"), None),
        (rule("p99_latency", margin="10%"), None),
        (rule("conversion", margin="5%"), None),
        (rule("complaints", margin="5%"), None),
        (rule("complaints", margin="5%", ignore_below="1%"), 0.01),
    ],
)
def test_a_difference_between_very_few_errors_does_not_matter(written: Written, level: float | None) -> None:
    (read,) = policy(written).stage.evidence
    assert read.ignore_below == level


AMOUNTS = some.none() | some.integers(-5, 2000) | some.floats() | some.from_regex(r"\A[0-9]{1,4}(%|ms|)\Z")


@given(some.sampled_from([*METRICS, *OWN, "typo"]), some.dictionaries(some.sampled_from(BOUNDS), AMOUNTS))
def test_whatever_a_rule_says_it_has_one_bound_with_a_number_or_is_refused_in_words(
    metric: str, bounds: dict[str, Any]
) -> None:
    try:
        (read,) = policy(rule(metric, **bounds)).stage.evidence
    except PolicyError as problem:
        assert all(each.text.startswith("stages.0.evidence") for each in problem.problems)
        return
    assert [bound for bound in BOUNDS if getattr(read, bound) is not None] == [read.bound]
    assert [bound for bound, written in bounds.items() if written is not None] == [read.bound]
    assert read.compares == (read.bound in ("margin", "better_by"))
    shrinks = (OWN.get(metric, {}).get("better") == "higher") == (read.bound == "margin")
    assert not read.compares or 0.01 <= read.value <= (0.9999 if shrinks else 10.0)


@given(some.permutations(["max", "min"]), some.integers(-20, 20), some.integers(-20, 20))
def test_a_band_is_accepted_exactly_when_something_lies_in_it(order: list[str], low: int, high: int) -> None:
    limits = {"min": low / 4, "max": high / 4}
    rules = [rule("basket", **{bound: limits[bound]}) for bound in order]
    if low < high:
        assert {each.bound: each.value for each in policy(*rules).stage.evidence} == limits
    else:
        assert refused(*rules).startswith("stages.0.evidence: basket cannot be at least")
