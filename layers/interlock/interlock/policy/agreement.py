"""Whether the parts of a policy go together: strategy and evidence, hosting and monitors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from interlock.evidence.metrics import Metric
from interlock.hosting.registry import AnyHosting
from interlock.model.invocation import DIRECT
from interlock.model.plan import HELD
from interlock.model.quantities import in_words
from interlock.monitoring.section import Monitoring
from interlock.policy.rules import EvidenceRule
from interlock.policy.stage_parts import Inconclusive, SmokeTest
from interlock.remedies.section import RemedyRow
from interlock.strategies.registry import AnyStrategy

Rules = tuple[EvidenceRule, ...]

LONGEST_RELEASE = 120 * 86_400
"""Seconds that the bakes of a release may take together. The execution that carries it out has more than twice as long,
because it may have to wait for another release before."""

MOST_EVENTS = 20_000
"""History events of all looks of a release: an execution may have 25,000 (docs: step-functions/latest/dg/
service-quotas), and it does more than look."""

EVENTS_OF_A_LOOK, EVENTS_OF_A_REALLOCATION = 30, 35
"""History events of a wait, a look and its verdict, and those that a change of the weights adds."""


def disagreement(strategy: AnyStrategy, rules: Rules, catalog: Mapping[str, Metric]) -> str | None:
    """Why ``strategy`` and ``rules`` do not go together; None if they do. ``catalog``: the metrics that rules may
    name."""
    comparing = next((rule for rule in rules if rule.compares), None)
    goal = next((rule for rule in rules if rule.bound == "better_by"), None)
    if goal and not strategy.names_winner:
        said = f"{goal.metric} better_by is the goal of an A/B test, and kind: {strategy.kind} is none"
        return f"{said}; write kind: ab_test, or margin instead of better_by"
    if strategy.names_winner == "evidence" and not goal:
        said = "no rule says what the winner of the A/B test must be better in"
        return f"{said}; write better_by in one, for example better_by: 5%, or winner: person under strategy"
    if comparing and not strategy.side_by_side:
        return _not_comparable(comparing, f"kind: {strategy.kind}", "canary")
    if comparing and strategy.traffic == "native":
        return _not_comparable(comparing, "traffic: native", strategy.kind)
    if strategy.brings_baseline and not comparing:
        return "strategy.baseline is only for comparisons; write a margin or better_by, or leave it out"
    if any(strategy.allocation_at(share) for share in strategy.shares):
        return _without_a_goal(rules, catalog)
    return None


def _simpler(hosting: AnyHosting) -> str:
    """What to write where traffic cannot be divided."""
    return f"write {hosting.by_steps}, or kind: realtime under hosting"


def unmovable(hosting: AnyHosting, strategy: AnyStrategy) -> str | None:
    """Why ``strategy`` cannot move traffic to this hosting; None if it can."""
    beside = "shadow" if strategy.copied else "candidate" if strategy.names_winner else ""
    if beside and "weights" not in hosting.moves:
        return f"kind: {hosting.kind} {hosting.alone}, so no {beside} can stand beside it; {_simpler(hosting)}"
    ways = possible_ways(hosting, strategy)
    if not ways:
        return f"kind: {hosting.kind} {hosting.one_step}, so traffic cannot move by steps; {_simpler(hosting)}"
    if strategy.brings_baseline and "weights" not in ways:
        return f"a baseline is a variant beside stable, and kind: {hosting.kind} {hosting.alone}; leave it out"
    if strategy.traffic not in ("auto", *ways):
        return f"traffic: {strategy.traffic} is not possible with kind: {hosting.kind}; leave traffic out"
    return None


def without_standby(hosting: AnyHosting, strategy: AnyStrategy) -> str | None:
    """Why stable cannot stand by beside a version that is live; None if it can. Only weights leave it there."""
    obstacles = {
        f"kind: {hosting.kind} {hosting.alone}": "weights" not in hosting.moves,
        "guardrails end stable": strategy.traffic == "native",
        "without traffic it would not grow with the load, as hosting.autoscaling says": hosting.scaling,
        **dict.fromkeys(strategy.weights_obstacles, True),
    }
    found = next((said for said, stands in obstacles.items() if stands), None)
    remedy = "write traffic: weights, or leave rollback out" if strategy.traffic == "native" else "leave rollback out"
    return f"rollback: stable cannot stand by, because {found}; {remedy}" if found else None


def possible_ways(hosting: AnyHosting, strategy: AnyStrategy) -> list[str]:
    """The ways to move traffic (see Hosting.moves) by which ``strategy`` is possible on this hosting, whatever the
    endpoint is."""
    possible = {
        "native": not hosting.rolls_only or strategy.batches("copy") is not None,
        "weights": True,
        "swap": len(strategy.shares) == 1,
        "pointer": len(strategy.shares) == 1,
    }
    return [way for way in hosting.moves if possible[way]]


def unjudgeable(
    hosting: AnyHosting, rules: Rules, catalog: Mapping[str, Metric], strategy: AnyStrategy | None = None
) -> str | None:
    """Why one of the ``rules`` cannot be judged on this hosting; None if all can be. Guardrails know alarms only, and
    an alarm acts on a metric that each request has."""
    if rules and hosting.unmeasured:
        return f"kind: {hosting.kind} {hosting.unmeasured}"
    found = next((rule.metric for rule in rules if rule.metric in hosting.unjudged), None)
    if found:
        return f"{found} is of no use with kind: {hosting.kind}: {hosting.unjudged[found]}"
    unseen = (rule for rule in rules if rule.bound != "max" or not catalog[rule.metric].each)
    ways = possible_ways(hosting, strategy) if strategy and hosting.rolls_only else [*hosting.moves]
    blind = next(unseen, None) if ways == ["native"] else None
    if not blind:
        return None
    under = f"kind: {hosting.kind}{f' and {strategy.kind}' if strategy and hosting.rolls_only else ''}"
    said = f"{blind.metric} {blind.bound} cannot be judged with {under}, where only alarms roll back"
    return f"{said}; write max for error_rate, client_error_rate or mean_latency, or an alarm of your own under alarms"


def unless_written(read: dict[str, Any]) -> Inconclusive:
    """What follows where the evidence cannot tell and the stage, of which so much was ``read``, does not say it. A
    person who names the winner of an A/B test is asked as soon as it is over."""
    asks = "strategy" in read and read["strategy"].names_winner == "person"
    return Inconclusive(extensions=0, then="hold") if asks else Inconclusive()


def unheeded(strategy: AnyStrategy, written: Set[str]) -> str | None:
    """Why one of the fields that are ``written`` in a stage would be of no use; None if all are."""
    useless = [field for field in ("inconclusive", "approval", "gates") if field in written]
    if strategy.names_winner != "person" or not useless:
        return None
    return f"{useless[0]} is of no use with winner: person, who is asked when the A/B test is over; leave it out"


def untestable(hosting: AnyHosting, smoke: SmokeTest | None) -> str | None:
    """Why a release to this hosting cannot have the ``smoke`` test, or cannot do without one; None if it can."""
    if hosting.needs_smoke and not smoke:
        said = f"with kind: {hosting.kind} only a request shows that a model can be loaded"
        return f"{said}; write smoke: with the body of one, for example smoke: {{body: '1,2,3'}}"
    if not smoke:
        return None
    if hosting.no_smoke:
        return f"kind: {hosting.kind} {hosting.no_smoke}; leave smoke out"
    if smoke.container and hosting.most_containers == 1:
        return f"kind: {hosting.kind} has one container; leave container out"
    if not smoke.container and hosting.mode_beside(None) == DIRECT:
        return "with mode: direct a request names one of the containers; write container: with its ContainerHostname"
    return None


def unscalable(hosting: AnyHosting, remedies: Iterable[RemedyRow]) -> str | None:
    """Why ``remedies`` cannot be carried out on this hosting; None if they can."""
    if hosting.most_instances or not any(row.do == "scale" for row in remedies):
        return None
    return f"scale adds an instance to the model, and kind: {hosting.kind} has none of its own; write notify"


def _not_comparable(rule: EvidenceRule, under: str, kind: str) -> str:
    said = f"{rule.metric} {rule.bound} compares with stable, which is not measured beside the candidate with {under}"
    return f"{said}; write kind: {kind} and traffic: weights, or use max or min"


def _without_a_goal(rules: Rules, catalog: Mapping[str, Metric]) -> str | None:
    """Why ``rules`` cannot tell an allocation which variant is the better one; None if they can."""
    goals = [rule.metric for rule in rules if rule.bound == "better_by"]
    if len(goals) != 1:
        got = f"{', '.join(goals)} have it" if goals else "none has it"
        return f"strategy.allocation follows one goal; write better_by in exactly one rule, or leave it out; {got}"
    if not catalog[goals[0]].kind.allocates:
        return f"strategy.allocation follows a rate, which {goals[0]} is not; write better_by for one, or leave it out"
    return None


def too_long(
    strategy: AnyStrategy, waits: tuple[int, ...], bakes: int, held: bool, asked: int = 0, for_gates: int = 0
) -> str | None:
    """Why steps that are watched for so many seconds (``waits``) cannot be baked one after the other, each so many
    times (``bakes``) and, if ``held``, once more for a person; None if they can. ``asked``: seconds for approvals and
    gates; ``for_gates``: looks for the answers of gates."""
    steps, once = len(waits), sum(waits)
    times, less = (f", each baked up to {bakes} times,", "extensions, steps") if bakes > 1 else ("", "steps")
    seconds = once * bakes + (HELD * steps if held else 0) + asked
    if seconds > LONGEST_RELEASE:
        alike = len(set(waits)) == 1
        each = in_words(waits[0]) if alike else f"{in_words(once)} together"
        said = f"{steps} steps of {each}{times} take {in_words(seconds)}"
        return f"{said}, which is more than {in_words(LONGEST_RELEASE)}; write fewer {less}, or a shorter bake"
    looks = strategy.looks * bakes
    moved = sum(1 for share in strategy.shares if strategy.allocation_at(share))
    events = looks * (steps * EVENTS_OF_A_LOOK + moved * EVENTS_OF_A_REALLOCATION) + for_gates * EVENTS_OF_A_LOOK
    if events > MOST_EVENTS:
        gates = f", and gates up to {for_gates}" if for_gates else ""
        said = f"{steps} steps of {strategy.looks} looks{times} have {steps * looks} looks{gates}"
        return f"{said}, more than one execution can have; write fewer {less}, or fewer looks"
    return None


def unwatchable(monitoring: Monitoring, hosting: AnyHosting, csv: bool) -> str | None:
    """Why the monitors have nothing to look at; None if they have. ``csv``: whether requests are known to be CSV, which
    does not name its columns."""
    if monitoring.monitors and not hosting.captures:
        said = "monitors look at captured traffic, and this hosting captures none"
        return f"{said}; {hosting.capture_remedy}, or leave the monitors out"
    if csv and monitoring.naming_columns and not monitoring.columns:
        said = f"{monitoring.naming_columns} names columns, and a request in CSV does not"
        return f"{said}; write columns: with all columns of a request, in order"
    return None
