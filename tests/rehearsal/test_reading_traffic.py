"""The traffic of a scenario file becomes a load, or is refused with line, field and what would be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rehearsal.scenario.reading import ScenarioError, read_scenario
from rehearsal.scenario.traffic import EndpointTraffic
from rehearsal.traffic import Amount, Behaviour, Counted, Happens, Labelled, Load, SharedNoise

FILE = """\
scenario: shop
about: A model recommends, and people buy.
start: 2026-01-05T09:00:00Z
lasts: 1h
traffic:
  - endpoint: shop
    shared_noise: {spread: 20%}
    pinned: {a: 30%, b: 5%}
    custom_metrics:
      Shop/Conversions: {rate: 10%}
      My/Shop/Basket: {mean: 40, spread: 12, dimensions: {Store: main}}
      Shop/Answers: {count: true}
    variants:
      "*/2/*": {tail: 1%, minute_noise: 0.1, cpu: 60, custom_metrics: {Shop/Conversions: {rate: 8%}}}
expect:
  - {requests_lost: 0}
endpoints: [{name: shop}]
"""


def test_what_a_file_says_of_traffic_becomes_a_load(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(FILE, encoding="utf-8")
    (traffic,) = read_scenario(file).traffic

    assert traffic.load(before=0, folder=tmp_path) == Load(
        "shop",
        shared_noise=SharedNoise(spread=0.2, memory=0.8),
        pinned={"a": 0.3, "b": 0.05},
        custom_metrics={
            "Shop/Conversions": Happens(0.1),
            "My/Shop/Basket": Amount(40, 12, {"Store": "main"}),
            "Shop/Answers": Counted(),
        },
        variants={
            "*/2/*": Behaviour(tail=0.01, minute_noise=0.1, cpu=60, custom_metrics={"Shop/Conversions": Happens(0.08)})
        },
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            "rate: 10%>rat: 10%",
            ":10: traffic[0].custom_metrics.Shop/Conversions: none of the fields rat names a custom metric; did you "
            "mean rate? Known: rate, mean, count",
        ),
        (
            "rate: 10%>rate: 110%",
            ":10: traffic[0].custom_metrics.Shop/Conversions.rate: '110%' is not a share; write for ex",
        ),
        (
            "rate: 10%>rate: 10%, mean: 3",
            ":10: traffic[0].custom_metrics.Shop/Conversions.mean: unknown field. Known: dimensions, rate",
        ),
        ("mean: 40>mean: -1", ":11: traffic[0].custom_metrics.My/Shop/Basket.mean: Input should be greater than 0"),
        ("count: true>count: 3", ":12: traffic[0].custom_metrics.Shop/Answers.count: Input should be True"),
        (
            "Shop/Answers>Answers",
            ":12: traffic[0].custom_metrics.Answers: is not a metric; write Namespace/Name, for example "
            "Shop/Conversions",
        ),
        (
            "Shop/Answers>AWS/Shop/Answers",
            ":12: traffic[0].custom_metrics.AWS/Shop/Answers: is not for a team's own metrics",
        ),
        (
            "{Store: main}>{VariantName: main}",
            ":11: traffic[0].custom_metrics.My/Shop/Basket.dimensions.VariantName: is there anyway",
        ),
        (
            "{rate: 8%}>{rate: 8%, dimensions: {Store: main}}",
            ":14: traffic[0].variants.*/2/*.custom_metrics.Shop/Conversions.dimensions: must be the same as in the "
            "traffic's custom_metrics, or nobody finds both variants' values",
        ),
        ("b: 5%>b: 75%", ":8: traffic[0].pinned: shares of the same requests; together they are 105%"),
        ("spread: 20%}>memory: 20%}", ":7: traffic[0].shared_noise.spread: is missing"),
        ("spread: 20%}>spread: 20%, memory: 1}", ":7: traffic[0].shared_noise.memory: Input should be less than 1"),
        (
            "minute_noise>minutes_noise",
            ":14: traffic[0].variants.*/2/*.minutes_noise: unknown field; did you mean minute_noise?",
        ),
    ],
)
def test_what_it_cannot_say_is_refused_with_line_and_field(tmp_path: Path, wrong: str, said: str) -> None:
    file = tmp_path / "s.yaml"
    before, _, after = wrong.partition(">")
    file.write_text(FILE.replace(before, after), encoding="utf-8")

    with pytest.raises(ScenarioError) as raised:
        read_scenario(file)

    assert raised.value.problems[0].removeprefix(str(file)).startswith(said)


def test_customers_drift_and_their_labels_come_late_as_the_file_says() -> None:
    written = {
        "endpoint": "churn",
        "data": "customers",
        "drifts": [{"from": "26h", "to": "60h", "drift": "prices"}],
        "labels": {"group": "churn", "delay": "1d", "share": "90%"},
    }
    load = EndpointTraffic.model_validate(written).load(1800, Path())
    assert load.data == "customers" and load.labels == Labelled("churn", 86400.0, 0.9)
    assert [load.drift(0.0, hours * 3600.0) for hours in (26, 26.6, 60.4, 60.6)] == ["none", "prices", "prices", "none"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"drifts": [{"from": "1h", "to": "2h", "drift": "prices"}]}, "only `data: customers` knows drifts"),
        ({"data": "customers", "drifts": [{"from": "1h", "to": "2h", "drift": "price"}]}, "no drift price"),
        ({"data": "custom"}, "customers"),
    ],
)
def test_what_cannot_drift_is_an_error(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        EndpointTraffic.model_validate({"endpoint": "churn", **written})
