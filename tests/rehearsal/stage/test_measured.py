"""What a monitor measured besides distances of features is read from its result and drawn, window by window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rehearsal.report.measured import Measured, Order, measured_in, order_in
from rehearsal.report.pages.measured import figure, monitor_chart, order_drawing
from rehearsal.report.pages.monitor_page import monitor_page
from rehearsal.report.watching import Monitor
from tests.rehearsal.stage.synthetic import START
from tests.rehearsal.stage.test_shown import Nesting
from tests.rehearsal.stage.watched import HOUR, run, watched

QUALITY = {
    "constraints": [
        {"metric": "recall", "value": 0.34, "low": 0.31, "high": 0.37, "threshold": 0.6, "violated": True},
        {"metric": "auc", "value": 0.8, "low": 0.79, "high": 0.81, "threshold": 0.7, "violated": False},
    ]
}
SOUTH = {"facet": "region", "facet_value": "south"}
BIAS = {
    "metrics": [
        {**SOUTH, "name": "DPPL", "value": -0.4, "interval": [-0.43, -0.31], "baseline": -0.03},
        {**SOUTH, "name": "DI", "value": 0.9, "interval": None, "baseline": None},
        {**SOUTH, "name": "AD", "value": None, "interval": None, "baseline": 0.1},
    ]
}
ORDERS = {
    "ndcg": 0.7,
    "interval": [0.6, 0.8],
    "limit": 0.9,
    "baseline": {"age": 0.5, "charge": 0.3, "plan": 0.2, "region": 0.1},
    "live": {"charge": 0.5, "plan": 0.4, "region": 0.3, "age": 0.1},
}


@pytest.mark.parametrize(
    ("kind", "details", "violations", "read"),
    [
        (
            "model_quality",
            QUALITY,
            [{}],
            [
                Measured("recall", 0.34, 0.31, 0.37, 0.6, "threshold 0.6", True),
                Measured("auc", 0.8, 0.79, 0.81, 0.7, "threshold 0.7", False),
            ],
        ),
        (
            "bias",
            BIAS,
            [{**SOUTH, "metric_name": "DPPL"}],
            [
                Measured("DPPL of region=south", -0.4, -0.43, -0.31, -0.03, "baseline -0.03", True),
                Measured("DI of region=south", 0.9, None, None, None, "", False),
            ],
        ),
        ("attribution", ORDERS, [], [Measured("NDCG of the features' order", 0.7, 0.6, 0.8, 0.9, "limit 0.9", False)]),
        ("data_quality", {"features": {}}, [], []),
        ("model_quality", {"constraints": [{"metric": "recall"}]}, [], []),
        ("bias", {"metrics": 3}, [], []),
    ],
)
def test_each_kind_is_read(kind: str, details: dict[str, Any], violations: Any, read: list[Measured]) -> None:
    assert list(measured_in(kind, details, violations)) == read


def test_the_order_is_by_how_much_a_feature_decides() -> None:
    assert order_in(ORDERS) == Order(("age", "charge", "plan", "region"), ("charge", "plan", "region", "age"))
    assert order_in({"features": {}}) is None


def test_a_page_draws_each_metric_in_its_interval_and_marks_what_was_found() -> None:
    measured = measured_in("model_quality", QUALITY, [])
    runs = tuple(run(hour, features=(), measured=measured) for hour in (0, 1))
    monitor = Monitor("churn", "accuracy", "model_quality", runs)
    result = watched(monitors=(monitor,))
    drawing = monitor_chart(monitor, result, (START, START + 8 * HOUR))
    assert (drawing.count('class="measured found"'), drawing.count('class="measured calm"')) == (2, 2)
    assert "threshold 0.6" in drawing and "recall 0.34, between 0.31 and 0.37" in drawing
    page = monitor_page(monitor, result)
    Nesting().feed(page)
    assert drawing in page and "wrong side of the threshold" in page


def test_a_page_draws_the_order_of_the_features_before_and_now() -> None:
    order = order_in(ORDERS)
    assert order is not None
    drawing = order_drawing(order)
    assert (drawing.count('class="measured found"'), drawing.count('class="measured calm"')) == (1, 3)
    one = replace(run(0), features=(), measured=measured_in("attribution", ORDERS, [{}]), order=order)
    monitor = Monitor("churn", "reasons", "attribution", (one,))
    assert drawing in monitor_page(monitor, watched(monitors=(monitor,)))


def test_what_measured_nothing_has_no_drawing() -> None:
    monitor = Monitor("churn", "accuracy", "model_quality", (run(0, features=()),))
    assert monitor_chart(monitor, watched(), (START, START + HOUR)) == figure("", "bias") == ""
