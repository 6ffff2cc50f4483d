"""Requests that flow to the simulated endpoints, what becomes of them, and what CloudWatch is told."""

from rehearsal.traffic.custom_metrics import Amount, Counted, Happens
from rehearsal.traffic.flow import Traffic
from rehearsal.traffic.labels import Labels
from rehearsal.traffic.latency import SharedNoise
from rehearsal.traffic.load import DAY, Behaviour, Drifting, Labelled, Load
from rehearsal.traffic.minutes import MINUTE, Lost, Minute, Total, totals

__all__ = [
    "DAY",
    "MINUTE",
    "Amount",
    "Behaviour",
    "Counted",
    "Drifting",
    "Happens",
    "Labelled",
    "Labels",
    "Load",
    "Lost",
    "Minute",
    "SharedNoise",
    "Total",
    "Traffic",
    "totals",
]
