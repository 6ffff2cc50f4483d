"""Traffic: exact numbers and shares, real answers, metrics by the minute, and nothing lost that had an answer."""

from __future__ import annotations

import pytest

from rehearsal.traffic import DAY, Behaviour, Load, Traffic, totals
from tests.rehearsal.flowing import BEGIN, CANDIDATE, FOREVER, STABLE, flowing, requests, values
from tests.rehearsal.sagemaker.account import Account, variant


def test_shares_are_exact_every_minute() -> None:
    account, traffic = flowing()
    account.wait(10)

    assert requests(traffic.minutes, "stable")[1:] == [114] * 10
    assert requests(traffic.minutes, "candidate")[1:] == [6] * 10


def test_what_rounding_leaves_over_is_carried_to_the_next_minute() -> None:
    account, traffic = flowing(stable=99, candidate=1, requests_per_second=0.5)
    account.wait(20)

    assert sum(requests(traffic.minutes, "candidate")) == 6
    assert max(requests(traffic.minutes, "candidate")) == 1


def test_a_change_of_weights_inside_a_minute_cuts_that_minute() -> None:
    account, traffic = flowing()
    account.wait(0.5)
    account.weigh(stable=50, candidate=50)
    account.wait(1.5)

    account.wait(1)

    assert requests(traffic.minutes, "candidate")[-3:] == [6, 33, 60]
    assert [minute.share for minute in traffic.minutes if minute.requests == 33] == [33 / 120]


def test_requests_that_name_a_variant_reach_it_whatever_its_weight_and_all_others_go_by_weight() -> None:
    account, traffic = flowing(stable=80, candidate=20, pinned={"stable": 0.25, "nobody": 0.5})
    account.wait(2)
    account.weigh(stable=0, candidate=100)
    account.wait(4)

    assert requests(traffic.minutes, "candidate")[1:3] == [18, 18]
    assert requests(traffic.minutes, "candidate")[-2:] == [90, 90]
    assert requests(traffic.minutes, "stable")[-2:] == [30, 30]


def test_nothing_counts_as_lost_before_the_endpoint_first_serves_and_nothing_is_lost_by_a_change_of_weights() -> None:
    account, traffic = flowing()
    account.weigh(stable=0, candidate=100)
    account.wait(5)

    assert traffic.lost == []
    assert sum(minute.requests for minute in traffic.minutes) == 6 * 120


def test_requests_that_no_variant_can_answer_are_lost() -> None:
    account, traffic = flowing()
    account.call("delete_endpoint", EndpointName="digits")
    account.wait(2)

    assert [lost.requests for lost in traffic.lost] == [120, 120]


def test_a_broken_model_fails_exactly_the_requests_that_its_code_raises_on() -> None:
    account, traffic = flowing("broken", stable=0, candidate=100)
    account.wait(10)
    found = totals(traffic.minutes, "digits", BEGIN, FOREVER)[CANDIDATE]

    assert found.requests == 1320
    assert 0.15 < found.errors / found.requests < 0.25
    assert values(account, "Invocation5XXErrors", "Sum", 3600, EndpointName="digits", VariantName="candidate") == [
        found.errors
    ]


def test_totals_count_correct_predictions_by_variant_and_window() -> None:
    account, traffic = flowing(stable=50, candidate=50)
    account.wait(30)
    found = totals(traffic.minutes, "digits", BEGIN, FOREVER)
    later = totals(traffic.minutes, "digits", BEGIN + 1200, FOREVER)

    assert found[CANDIDATE].correct / found[CANDIDATE].requests > found[STABLE].correct / found[STABLE].requests
    assert 0 < later[STABLE].requests < found[STABLE].requests


def test_metrics_come_at_the_end_of_each_minute_under_endpoint_and_variant() -> None:
    account, _ = flowing()
    account.wait(0.9)
    dimensions = {"EndpointName": "digits", "VariantName": "stable"}
    assert len(values(account, "Invocations", "Sum", 60, **dimensions)) == 1
    account.wait(0.1)

    assert values(account, "Invocations", "Sum", 60, **dimensions) == [114, 114]
    assert values(account, "Invocation5XXErrors", "Average", 60, **dimensions) == [0, 0]
    assert values(account, "ModelLatency", "SampleCount", 60, **dimensions) == [114, 114]


def test_config_scoped_metrics_come_from_the_fleet_that_a_deployment_made() -> None:
    account, _ = flowing("plain")
    account.model("better")
    account.config("second", variant("stable", "better", 95), variant("candidate", "better", 5))
    account.update()
    account.wait(10)
    scoped = {"EndpointName": "digits", "VariantName": "stable"}

    assert values(account, "Invocations", "Sum", 3600, **scoped, EndpointConfigName="first") == []
    assert values(account, "Invocations", "Sum", 3600, **scoped, EndpointConfigName="second")[0] > 500


def test_config_scoped_metrics_come_from_every_fleet_as_the_option_says() -> None:
    account = Account()
    account.model("plain")
    publish, endpoints = account.cloudwatch.publish, account.sagemaker.endpoints
    Traffic(account.clock, endpoints, publish, [Load("digits")], every_fleet=True)
    account.endpoint(variant())
    account.wait(2)
    scoped = {"EndpointName": "digits", "VariantName": "AllTraffic", "EndpointConfigName": "first"}

    assert values(account, "Invocations", "Sum", 60, **scoped) == [120, 120, 120]


def test_the_two_fleets_of_a_deployment_are_counted_apart() -> None:
    account, traffic = flowing("plain", stable=100, candidate=0)
    account.config("second", variant("stable", "plain", 100, 2), variant("candidate", "plain", 0, 2))
    canary = {"Type": "CAPACITY_PERCENT", "Value": 25}
    routing = {"Type": "CANARY", "CanarySize": canary, "WaitIntervalInSeconds": 600}
    account.update(DeploymentConfig={"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}})
    account.wait(8)

    shares = {minute.config: minute.share for minute in traffic.minutes[-2:]}
    assert shares == {"first": 0.75, "second": 0.25}
    account.wait(10)
    assert traffic.lost == []


def test_latency_has_the_median_that_was_asked_for_and_a_slow_variant_is_slower_by_its_factor() -> None:
    account, traffic = flowing(stable=50, candidate=50, variants={"*better.tar.gz": Behaviour(slower=5.0)})
    account.wait(30)
    medians = {
        name: values(account, "ModelLatency", "p50", 3600, EndpointName="digits", VariantName=name)[0]
        for name in ("stable", "candidate")
    }

    assert medians["stable"] == pytest.approx(12_000, rel=0.05)
    assert medians["candidate"] == pytest.approx(60_000, rel=0.05)
    assert all(minute.latency_p50_us < minute.latency_p99_us for minute in traffic.minutes)


@pytest.mark.parametrize("pattern", ["candidate", "cand*", "better", "s3://models/better*"])
def test_a_behaviour_applies_by_variant_model_or_artifact(pattern: str) -> None:
    account, traffic = flowing(stable=50, candidate=50, variants={pattern: Behaviour(failing=1.0)})
    account.wait(2)
    found = totals(traffic.minutes, "digits", BEGIN, FOREVER)

    assert found[CANDIDATE].errors == found[CANDIDATE].requests
    assert found[STABLE].errors == 0
    assert traffic.unmet() == []


def test_a_pattern_that_no_variant_meets_is_told() -> None:
    account, traffic = flowing(variants={"candiate": Behaviour(failing=1.0), "cand*": Behaviour()})
    account.wait(2)

    assert traffic.unmet() == [("digits", "candiate")]


def test_malformed_requests_are_the_callers_errors() -> None:
    account, _ = flowing(malformed=0.1)
    account.wait(20)
    dimensions = {"EndpointName": "digits", "VariantName": "stable"}

    assert 0.05 < values(account, "Invocation4XXErrors", "Average", 3600, **dimensions)[0] < 0.15
    assert values(account, "Invocation5XXErrors", "Sum", 3600, **dimensions) == [0]


def test_model_errors_are_all_requests_without_a_good_answer() -> None:
    account, traffic = flowing("broken", stable=0, candidate=100, malformed=0.1)
    account.wait(20)
    dimensions = {"EndpointName": "digits", "VariantName": "candidate"}
    client, server, model = (
        values(account, name, "Sum", 3600, **dimensions)[0]
        for name in ("Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors")
    )

    assert min(client, server) > 0
    assert model == client + server == totals(traffic.minutes, "digits", BEGIN, FOREVER)[CANDIDATE].errors


def test_the_rate_may_change_in_steps() -> None:
    load = Load("digits", requests_per_second=[(0, 1), (600, 5), (1200, 0)])

    assert load.requests(BEGIN, BEGIN + 600) == pytest.approx(600)
    assert load.requests(BEGIN, BEGIN + 660) == pytest.approx(900)
    assert load.requests(BEGIN, BEGIN + 9999) == pytest.approx(3600)


def test_a_daily_cycle_keeps_the_mean_over_a_day_and_peaks_in_the_afternoon() -> None:
    load = Load("digits", requests_per_second=2, daily_cycle=0.5)
    midnight = BEGIN - 9 * 3600
    hours = [
        load.requests(midnight, midnight + 3600 * (hour + 1)) - load.requests(midnight, midnight + 3600 * hour)
        for hour in range(24)
    ]

    assert sum(hours) == pytest.approx(2 * DAY)
    assert hours.index(max(hours)) in (14, 15)
    assert max(hours) / min(hours) == pytest.approx(3, rel=0.05)


def test_the_same_seed_gives_the_same_history() -> None:
    histories = []
    for _ in range(2):
        account, traffic = flowing("broken", stable=50, candidate=50, malformed=0.02)
        account.wait(10)
        histories.append((traffic.minutes, traffic.lost))

    assert histories[0] == histories[1]


def test_finishing_records_the_minute_that_is_not_over() -> None:
    account, traffic = flowing()
    account.wait(0.5)
    traffic.finish()

    assert requests(traffic.minutes, "stable")[-1] == 57
