"""Events meet the faults that a scenario gives them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rehearsal.clock import Clock
from rehearsal.scenario.event_faults import disturber
from rehearsal.scenario.model import EventFault

ENDPOINT = {"detail-type": "SageMaker Endpoint State Change", "detail": {"EndpointStatus": "IN_SERVICE"}}
ALARM = {"detail-type": "CloudWatch Alarm State Change", "detail": {}}


def clock() -> Clock:
    return Clock(datetime(2026, 1, 5, tzinfo=UTC), seed=1)


@pytest.mark.parametrize(
    ("fault", "delays"),
    [
        ({"times": 3}, [0.0, 2.0, 4.0]),
        ({"late": "1h"}, [3600.0]),
        ({"lost": True}, []),
        ({"late": "1h", "times": 2}, [3600.0, 3602.0]),
    ],
)
def test_a_matching_event_meets_its_fault_and_others_do_not(fault: dict[str, Any], delays: list[float]) -> None:
    disturb = disturber([EventFault(match={"detail-type": [ENDPOINT["detail-type"]]}, **fault)], clock())

    assert disturb(ENDPOINT) == delays
    assert disturb(ALARM) == [0.0]


def test_only_the_first_events_meet_it_when_a_number_is_given() -> None:
    disturb = disturber([EventFault(match={"detail-type": [ENDPOINT["detail-type"]]}, lost=True, first=1)], clock())

    assert [disturb(ENDPOINT), disturb(ENDPOINT)] == [[], [0.0]]


def test_events_of_a_window_arrive_last_first() -> None:
    time = clock()
    disturb = disturber([EventFault(match={"detail-type": [ENDPOINT["detail-type"]]}, reversed_within=60)], time)
    arrivals = []

    for _ in range(3):
        arrivals.append(time.now + disturb(ENDPOINT)[0])
        time.run(until=time.now + 15)

    assert arrivals == sorted(arrivals, reverse=True)
