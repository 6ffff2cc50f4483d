"""Over all scenarios together, what the template grants its roles is what they use: nothing more, nothing less."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from rehearsal.account.iam import Grant, Use
from tests.rehearsal.proofs.rehearsals import Rehearsals


def listed(lines: Iterable[str]) -> str:
    """Something to read in the message of a failure; nothing when there is nothing to say."""
    return "".join(f"\n  {line}" for line in sorted(set(lines)))


def test_every_action_and_every_resource_that_is_granted_is_used(rehearsals: Rehearsals) -> None:
    scenarios = rehearsals.all().values()
    granted = {grant for played in scenarios for grant in played.granted}
    used = {grant for played in scenarios for use in played.used for grant in grants_of(use)}

    assert granted
    assert not granted - used, "granted, and used by no scenario:" + listed(map(in_words, granted - used))


def test_every_action_of_a_statement_is_allowed_by_that_statement_alone(rehearsals: Rehearsals) -> None:
    """An action that another statement allows as well, wherever it is used, is granted twice."""
    scenarios = rehearsals.all().values()
    allowing: dict[tuple[str, str, str], set[Grant]] = defaultdict(set)
    for use in {use for played in scenarios for use in played.used}:
        allowing[use.role, use.action, use.resource].add(grants_of(use)[0])
    alone = set().union(*(grants for grants in allowing.values() if len(grants) == 1))
    twice = set().union(*allowing.values()) - alone

    assert not twice, "every use of these is allowed by another statement, too:" + listed(map(in_words, twice))


def test_nothing_is_asked_for_that_is_not_granted(rehearsals: Rehearsals) -> None:
    refused = [
        f"{each.role.rpartition('/')[2]} may not {each.action} on {each.resource} (scenario {name})"
        for name, played in rehearsals.all().items()
        for each in played.refused
    ]
    assert not refused, "asked for, and not granted:" + listed(refused)


def grants_of(use: Use) -> tuple[Grant, Grant]:
    """The action and the resource that a use was granted by."""
    return (
        Grant(use.role, use.policy, use.sid, "action", use.action_pattern),
        Grant(use.role, use.policy, use.sid, "resource", use.resource_pattern),
    )


def in_words(grant: Grant) -> str:
    return f"{grant.policy}, statement {grant.sid}: {grant.kind} {grant.pattern}"
