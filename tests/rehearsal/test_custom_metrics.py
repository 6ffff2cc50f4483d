"""What a variant's answers lead to, and what its instances use, as CloudWatch is told minute by minute."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from rehearsal.traffic import Amount, Behaviour, Counted, Happens, totals
from rehearsal.traffic.custom_metrics import OutcomePublisher
from tests.rehearsal.flowing import BEGIN, CANDIDATE, FOREVER, STABLE, flowing, of, values

SHOP = {"Shop/Conversions": Happens(0.1), "Shop/Recommendations": Counted(), "Shop/BasketValue": Amount(40, 12)}
shop = partial(values, namespace="Shop")
instances = partial(values, namespace="/aws/sagemaker/Endpoints")


def test_a_share_of_the_answers_converts_and_the_sums_give_the_rate() -> None:
    account, traffic = flowing(stable=50, candidate=50, requests_per_second=10, custom_metrics=SHOP)
    account.wait(60)
    answered = totals(traffic.minutes, "digits", BEGIN, FOREVER)[STABLE].requests
    conversions = sum(shop(account, "Conversions", "Sum", 3600, **of("stable")))

    assert sum(shop(account, "Conversions", "SampleCount", 3600, **of("stable"))) == answered
    assert sum(shop(account, "Recommendations", "Sum", 3600, **of("stable"))) == answered
    assert conversions / answered == pytest.approx(0.1, rel=0.1)


def test_a_variant_s_own_outcome_replaces_the_load_s_and_leaves_the_others() -> None:
    worse = Behaviour(custom_metrics={"Shop/Conversions": Happens(0.02)})
    account, _ = flowing(
        stable=50, candidate=50, requests_per_second=10, custom_metrics=SHOP, variants={"candidate": worse}
    )
    account.wait(60)

    assert np.mean(shop(account, "Conversions", "Average", 60, **of("candidate"))) == pytest.approx(0.02, rel=0.2)
    assert np.mean(shop(account, "Conversions", "Average", 60, **of("stable"))) == pytest.approx(0.1, rel=0.1)
    assert np.mean(shop(account, "BasketValue", "Average", 60, **of("candidate"))) == pytest.approx(40, rel=0.02)


def test_amounts_have_the_mean_and_the_spread_that_were_asked_for_and_are_positive() -> None:
    account, _ = flowing()
    published: list[np.ndarray] = []
    publisher = OutcomePublisher(account.clock, lambda *said: published.append(np.asarray(said[4])))
    (stable, _) = account.sagemaker.endpoints.routes("digits")
    publisher.report(stable, BEGIN, 50_000, {"Shop/Basket": Amount(40, 12), "Shop/Fee": Amount(3)})
    baskets, fees = published

    assert baskets.mean() == pytest.approx(40, rel=0.01)
    assert baskets.std() == pytest.approx(12, rel=0.02)
    assert baskets.min() > 0
    assert set(fees) == {3}


def test_a_request_that_failed_leads_to_nothing() -> None:
    account, traffic = flowing(
        stable=50, candidate=50, custom_metrics=SHOP, malformed=0.1, variants={"candidate": Behaviour(failing=0.5)}
    )
    account.wait(20)
    found = totals(traffic.minutes, "digits", BEGIN, FOREVER)[CANDIDATE]
    counted = sum(shop(account, "Recommendations", "Sum", 3600, **of("candidate")))

    assert counted == found.requests - found.errors < 0.6 * found.requests


def test_further_dimensions_are_part_of_the_metric() -> None:
    account, _ = flowing(custom_metrics={"Shop/Conversions": Happens(1.0, {"Store": "main"})})
    account.wait(2)

    assert shop(account, "Conversions", "Average", 60, **of("stable", Store="main")) == [1, 1, 1]
    assert shop(account, "Conversions", "Average", 60, **of("stable")) == []


def test_a_namespace_may_have_slashes() -> None:
    account, _ = flowing(custom_metrics={"My/Shop/Answers": Counted()})
    account.wait(0.1)

    assert values(account, "Answers", "Sum", 60, namespace="My/Shop", **of("stable")) == [114]


def test_a_metric_more_changes_no_other_and_no_latency() -> None:
    outcomes = []
    for custom_metrics in ({"Shop/Conversions": Happens(0.1)}, SHOP):
        account, traffic = flowing(custom_metrics=custom_metrics)
        account.wait(20)
        outcomes.append((traffic.minutes, shop(account, "Conversions", "Sum", 60, **of("stable"))))

    assert outcomes[0] == outcomes[1]


def test_instances_report_one_point_a_minute_by_endpoint_and_variant_with_traffic_or_without() -> None:
    account, _ = flowing(stable=100, candidate=0)
    account.wait(30)
    minutes = 1 + 1 + 30  # the one that brought it into service, the one it began with, and those waited for

    for name in ("CPUUtilization", "MemoryUtilization", "DiskUtilization"):
        for variant in ("stable", "candidate"):
            assert instances(account, name, "SampleCount", 60, **of(variant)) == [1] * minutes
    assert instances(account, "CPUUtilization", "Average", 60, **of("stable", EndpointConfigName="first")) == []


def test_cpu_use_is_a_variant_s_base_and_what_its_requests_keep_busy() -> None:
    account, _ = flowing(
        stable=90, candidate=10, requests_per_second=20, variants={"candidate": Behaviour(cpu=60.0, latency=12.0)}
    )
    account.wait(60)
    stable, candidate = (
        np.mean(instances(account, "CPUUtilization", "Average", 60, **of(name))) for name in ("stable", "candidate")
    )

    assert stable == pytest.approx(10 + 100 * 18 * 0.0126, rel=0.05)  # 18 requests a second, 12.6 ms each on average
    assert candidate == pytest.approx(60 + 100 * 2 * 0.0126, rel=0.05)


def test_memory_and_disk_are_shares_that_vary_a_little() -> None:
    account, _ = flowing()
    account.wait(60)

    for name in ("MemoryUtilization", "DiskUtilization"):
        found = instances(account, name, "Average", 60, **of("stable"))
        assert 0 < min(found) < max(found) < 100
