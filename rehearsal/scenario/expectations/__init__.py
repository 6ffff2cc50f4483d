"""The expectations of a scenario: each kind is an entry that its first field names, and judges a Result.

A release that does not exist, an endpoint nobody made, or an alarm that restored nothing is a failed expectation, not
an error.
"""

from __future__ import annotations

from typing import Annotated

from rehearsal.scenario.entries import OneOf
from rehearsal.scenario.expectations import account, loop, releases
from rehearsal.scenario.expectations.account import permitted, unmet
from rehearsal.scenario.expectations.kind import Expectation

__all__ = ["KINDS", "Expectation", "Expected", "permitted", "unmet"]

KINDS: dict[str, type[Expectation]] = {
    "release": releases.ReleaseEnds,
    "endpoint": account.EndpointServes,
    "autoscaled": account.Autoscaled,
    "lease": account.Lease,
    "quarantined": releases.Quarantined,
    "releases": releases.Releases,
    "one_at_a_time": releases.OneAtATime,
    "requests_lost": releases.RequestsLost,
    "polls": releases.Polls,
    "notice": account.Noticed,
    "journal": account.Journalled,
    "api_calls": account.ApiCalls,
    "untouched": account.Untouched,
    "restore": releases.Restore,
    "alarm": account.Alarmed,
    "running": account.Running,
    "leftovers": account.Leftovers,
    "dead_letters": account.DeadLetters,
    "events_waiting": account.EventsWaiting,
    "decision": loop.Decided,
    "retrainings": loop.Retrainings,
    "retraining_reason": loop.RetrainingEnds,
    "verdict": loop.Verdict,
    "monitor_runs": loop.MonitorRuns,
}

Expected = Annotated[Expectation, OneOf("expectation", KINDS)]
