"""What a release left behind, because somebody else changed its endpoint, the clean-up removes."""

from __future__ import annotations

from datetime import timedelta

from interlock.execution.cleanup import GRACE
from rehearsal.world import World
from tests.rehearsal.attacks.every import case_named
from tests.rehearsal.attacks.plans import ENDPOINT, RELEASE, play

LEFT = f"endpoint/{ENDPOINT}/variant/{RELEASE}"


def test_the_registration_of_a_candidate_that_is_gone_is_removed_when_it_is_old() -> None:
    account = play(case_named("hands", "autoscaled, update in 33 Fence").document).world
    registered = set(account.autoscaling.registrations())
    assert LEFT in registered

    clean(account)
    assert set(account.autoscaling.registrations()) == registered, "it is young"

    for target in account.autoscaling._targets.values():
        target["CreationTime"] -= GRACE + timedelta(seconds=1)
    clean(account)
    assert set(account.autoscaling.registrations()) == registered - {LEFT}


def clean(account: World) -> None:
    request = {"stateMachineArn": account.machine("clean"), "input": '{"kind": "registrations"}'}
    account.ask("stepfunctions", "StartExecution", **request)
    account.clock.run(until=account.clock.now + 120)
