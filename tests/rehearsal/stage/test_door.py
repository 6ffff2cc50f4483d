"""Many events at once, while hardly a function may run: every one is acted on, and an alarm does not wait behind them.

`make bench-door` plays 10,000.
"""

from __future__ import annotations

import pytest

from bench.door import Flood, flood

EVENTS = 400
ALARM_SECONDS = 60.0


@pytest.fixture(scope="module", params=["usual", "harsh"])
def found(request: pytest.FixtureRequest) -> Flood:
    """Two functions at a time are as few for 5 executions as 10 are for the 65 of a longer flood."""
    return flood(EVENTS, functions_at_once=1, before=5, harsh=request.param == "harsh")


def test_every_event_is_acted_on(found: Flood) -> None:
    assert found.throttled > EVENTS / 10, "there were functions enough, and nothing was shown"
    assert (found.acted_on, found.dead_letters, found.waiting) == (EVENTS, 0, 0)


def test_an_alarm_is_acted_on_within_a_minute(found: Flood) -> None:
    assert found.alarm <= ALARM_SECONDS
