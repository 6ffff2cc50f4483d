"""Gathers releases out of the memory of the simulated account: executions, calls, journal and traffic.

A release is every execution of the delivering machine that worked on it: the one it is named after, and those that
the steward started to recover it; and every execution that these called synchronously.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rehearsal.report.costs import costs
from rehearsal.report.result import AlarmChange, Final, JournalEntry, Release, Restoring
from rehearsal.report.timeline import READS, journal_entry
from rehearsal.traffic import MINUTE

if TYPE_CHECKING:
    from rehearsal.account.gateway import Call
    from rehearsal.services.dynamodb import Consumed
    from rehearsal.states import Execution
    from rehearsal.traffic import Lost, Minute
    from rehearsal.world import World

_IN_PROGRESS = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
_MOVES_TRAFFIC = frozenset({"UpdateEndpoint", "UpdateEndpointWeightsAndCapacities", "DeleteEndpoint"})
_MADE = re.compile("(Create|Delete)(Model|EndpointConfig|InferenceComponent)")
_A_WAIT = 2.0  # seconds in one state; a state, a call and a function take a fraction of one


@dataclass(frozen=True)
class Memory:
    """Everything the account remembers, each in the order it happened; DynamoDB metered `consumed`."""

    executions: Sequence[Execution]
    calls: tuple[Call, ...]
    alarms: tuple[AlarmChange, ...]
    minutes: tuple[Minute, ...]
    lost: tuple[Lost, ...]
    consumed: tuple[Consumed, ...]
    now: float

    def calls_of(self, arns: Iterable[str]) -> list[Call]:
        """The calls that executions made."""
        wanted = frozenset(arns)
        return [call for call in self.calls if call.caller.execution in wanted]

    def with_nested(self, arns: Iterable[str]) -> list[Execution]:
        """These executions, the ones they called synchronously, the ones those called, and so on, by their starts."""
        wanted = set(arns)
        found = []
        for each in self.executions:  # nobody is called before he calls
            if each.arn in wanted or each.parent in wanted:
                wanted.add(each.arn)
                found.append(each)
        return found


def releases(memory: Memory, machine: str) -> tuple[Release, ...]:
    """Every release that executions of a state machine (its ARN) worked on, in the order of their starts."""
    found: dict[str, list[Execution]] = defaultdict(list)
    for execution in memory.executions:
        if execution.machine.arn == machine:
            given = json.loads(execution.input)
            if given.get("dry_run") is True:
                continue
            found[(given.get("recover") or {}).get("release") or execution.name].append(execution)
    journals: dict[str, list[JournalEntry]] = defaultdict(list)
    for call in memory.calls:
        written = journal_entry(call)
        if written is not None:
            release, entry = written
            journals[str(entry.document.get("release", release))].append(entry)
    return tuple(_release(memory, name, runs, tuple(journals[name])) for name, runs in found.items())


def refused(memory: Memory) -> tuple[JournalEntry, ...]:
    """The journal entries of refusals at the door, before there was a release."""
    written = (journal_entry(call) for call in memory.calls)
    return tuple(each[1] for each in written if each is not None and each[1].kind == "REFUSED")


def _release(memory: Memory, name: str, runs: Sequence[Execution], journal: tuple[JournalEntry, ...]) -> Release:
    end: Mapping[str, Any] = next((entry.document for entry in reversed(journal) if entry.kind == "END"), {})
    facts = next((entry.document.get("facts") or {} for entry in journal if entry.kind == "PLAN"), {})
    given = json.loads(runs[0].input)
    stops = [run.stop for run in runs]
    ended = max(stop for stop in stops if stop is not None) if end and None not in stops else None
    own = memory.with_nested(run.arn for run in runs)
    arns = tuple(each.arn for each in own)
    calls = memory.calls_of(arns)
    consumed = [each for each in memory.consumed if each.execution in arns]
    impatient = frozenset(each.arn for each in own if _is_impatient(each))
    counted = Release(
        id=name,
        endpoint=str(end.get("endpoint") or facts.get("endpoint") or ""),
        version=_number(end.get("version") or given.get("version")),
        outcome=str(end.get("outcome", "")),
        reason=str(end.get("reason", "")),
        sentence=str(end.get("sentence", "")),
        started=runs[0].start,
        ended=ended,
        transitions=sum(each.transitions for each in own),
        functions_invoked=sum(each.functions_invoked for each in own),
        polls=sum(_is_poll(call, impatient) for call in calls),
        requests_served=0,
        requests_failed_by_candidate=0,
        requests_lost=0,
        journal=journal,
        executions=arns,
        turned_back=_turned_back(memory.calls, arns, journal),
        costs=costs(own, calls, consumed, memory.calls, memory.now if ended is None else ended),
    )
    return _with_traffic(counted, memory)


def _turned_back(calls: Iterable[Call], holders: Collection[str], journal: Iterable[JournalEntry]) -> float | None:
    """When the ledger was told that one of these executions has to stop, or else when it began to roll back."""
    told = (
        call.at
        for call in calls
        if call.operation == "UpdateItem"
        and not call.error
        and "SET abort_reason" in call.request["UpdateExpression"]
        and call.request["ExpressionAttributeValues"][":holder"]["S"] in holders
    )
    return min([*told, *(entry.at for entry in journal if entry.kind == "ROLLBACK")], default=None)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _is_impatient(execution: Execution) -> bool:
    """Whether an execution looks because a wait ran out, not because an event came."""
    given = json.loads(execution.input)
    return isinstance(given, dict) and given.get("woken_by") == "patience"


def _is_poll(call: Call, impatient: Collection[str]) -> bool:
    """A read of SageMaker made only to wait: after a wait ran out, or one that finds an endpoint still in progress."""
    if call.service != "sagemaker" or not call.operation.startswith(READS):
        return False
    if call.operation == "DescribeEndpoint" and call.caller.execution in impatient:
        return True
    return (call.response or {}).get("EndpointStatus") in _IN_PROGRESS


def _with_traffic(release: Release, memory: Memory) -> Release:
    """The release with the traffic of its endpoint meanwhile, and with how its alarms restored stable."""
    end = release.ended or memory.now
    here = [
        each
        for each in memory.minutes
        if each.endpoint == release.endpoint and each.at + MINUTE > release.started and each.at < end
    ]
    return replace(
        release,
        requests_served=sum(each.requests for each in here),
        requests_failed_by_candidate=sum(each.errors for each in here if release.served(each)),
        requests_lost=sum(
            each.requests
            for each in memory.lost
            if each.endpoint == release.endpoint
            and each.at + MINUTE > release.started
            and each.at < end
            and not _by_a_person(each, memory)
        ),
        restorings=tuple(_restorings(release, memory, end)),
    )


def _by_a_person(lost: Lost, memory: Memory) -> bool:
    """Whether the last change of the endpoint before the requests were lost was none that a state machine made."""
    changes = [
        call
        for call in memory.calls
        if call.operation in _MOVES_TRAFFIC
        and not call.error
        and call.request.get("EndpointName") == lost.endpoint
        and call.at < lost.at + MINUTE
    ]
    return bool(changes) and not changes[-1].caller.execution


def _restorings(release: Release, memory: Memory, end: float) -> Iterator[Restoring]:
    """One for each alarm of the release after which the request that its plan carries as `restore` was sent."""
    restore = release.plan.get("restore") or {}
    sent = [
        call.at
        for call in memory.calls_of(release.executions)
        if call.operation == restore.get("action") and call.request == restore.get("request")
    ]
    for change in memory.alarms:
        if change.state == "ALARM" and change.alarm in release.guards and release.started <= change.at <= end:
            restored = next((at for at in sent if at >= change.at), None)
            if restored is not None:
                yield _restoring(release, memory, change, restored)
                return


def _restoring(release: Release, memory: Memory, change: AlarmChange, restored: float) -> Restoring:
    """Counts the steps between: states of the release's executions, and of those that the alarm's event started, each
    with the executions they called."""
    own = memory.with_nested(release.executions)
    ends = {each.arn: restored for each in own}
    for each in memory.executions:
        if each.arn not in ends and change.at <= each.start <= restored and change.alarm in each.input:
            family = memory.with_nested([each.arn])
            ends |= dict.fromkeys((one.arn for one in family), _handed_on(family, memory, restored))
    on_the_way = [each for each in memory.executions if each.arn in ends]
    calls = memory.calls_of(ends)
    return Restoring(
        alarm_at=change.at,
        restored_at=restored,
        functions=sum(
            call.service == "lambda" and change.at <= call.at <= ends[call.caller.execution] for call in calls
        ),
        transitions=sum(change.at <= step.at <= ends[each.arn] for each in on_the_way for step in each.entered),
        waits=sum(
            end - begin > _A_WAIT and not _called(each, begin, end, on_the_way)
            for each in on_the_way
            for begin, end in itertools.pairwise(_steps(each))
            if change.at <= begin and end <= ends[each.arn]
        ),
    )


def _steps(execution: Execution) -> list[float]:
    """When an execution entered each of its states, and when it ended."""
    entered = [step.at for step in execution.entered]
    return entered if execution.stop is None else [*entered, execution.stop]


def _called(caller: Execution, begin: float, end: float, executions: Iterable[Execution]) -> bool:
    """Whether an execution called another one meanwhile, which tells its own waits."""
    return any(each.parent == caller.arn and begin <= each.start < end for each in executions)


def _handed_on(family: Iterable[Execution], memory: Memory, latest: float) -> float:
    """When executions handed on the alarm's message, by answering a task token; the rest is not on the way."""
    arns = [each.arn for each in family]
    answers = (call.at for call in memory.calls_of(arns) if call.operation.startswith("SendTask"))
    return next(answers, latest)


def final(world: World, endpoints: Iterable[str]) -> Final:
    """How the account stands now."""
    items = world.ledger()
    described = {name: found for name in sorted(set(endpoints)) if (found := world.describe_endpoint(name)) is not None}
    named = {item["sk"] for item in items if item["pk"] == "CONTROL"}
    return Final(
        leases={item["sk"]: item["release_id"] for item in items if item["pk"] == "CONTROL" and "holder" in item},
        quarantined=frozenset(_quarantined(item) for item in items if item["sk"].startswith("QUARANTINE#")),
        serving={name: world.serving(name) for name in sorted({*described, *named})},
        statuses={name: found["EndpointStatus"] for name, found in described.items()},
        instances={
            name: sum(each.get("CurrentInstanceCount", 0) for each in found.get("ProductionVariants", ()))
            for name, found in described.items()
            if not any("CurrentServerlessConfig" in each for each in found.get("ProductionVariants", ()))
        },
        registered=world.autoscaling.registrations(),
        variants={
            name: tuple(each["VariantName"] for each in found.get("ProductionVariants", ()))
            for name, found in described.items()
        },
        running=tuple(
            each.name for each in world.states.executions if each.status == "RUNNING" and each.start < world.clock.now
        ),
        leftovers=tuple(
            _leftovers(
                world.gateway.journal,
                described.values(),
                {name: model for endpoint in described for name, model in world.components(endpoint).items()},
                {
                    *(world.told(name) for name in named),
                    *(name for each in world.autoscaling.registrations().values() for name in each["alarms"]),
                },
            )
        ),
        dead_letters=world.dead_letters(),
        events_waiting=world.events_waiting(),
    )


def _leftovers(
    calls: Iterable[Call], endpoints: Iterable[Mapping[str, Any]], components: Mapping[str, str], others: Iterable[str]
) -> list[str]:
    """What state machines made and nobody deleted, without what these endpoints, as they are described, are made of,
    without these inference components and their models, and without what `others` name: models that callers are told,
    and alarms that start scaling policies."""
    kinds = "Model", "EndpointConfig", "InferenceComponent", "Alarm"
    made: dict[str, dict[str, Mapping[str, Any]]] = {kind: {} for kind in kinds}
    for call in calls:
        if call.error:
            continue
        if call.operation == "PutMetricAlarm" and call.caller.execution:
            made["Alarm"][call.request["AlarmName"]] = call.request
        elif call.operation == "DeleteAlarms":
            for name in call.request["AlarmNames"]:
                made["Alarm"].pop(name, None)
        elif call.service == "sagemaker" and (kind := _MADE.fullmatch(call.operation)):
            name = call.request[f"{kind[2]}Name"]
            if kind[1] == "Delete":
                made[kind[2]].pop(name, None)
            elif call.caller.execution:
                made[kind[2]][name] = call.request
    for endpoint in endpoints:
        config = made["EndpointConfig"].pop(str(endpoint.get("EndpointConfigName")), {})
        for variant in config.get("ProductionVariants", ()):
            made["Model"].pop(variant.get("ModelName", ""), None)
    used = {*components, *components.values(), *others}
    return [f"{kind} {name}" for kind, names in made.items() for name in names if name not in used]


def _quarantined(item: Mapping[str, Any]) -> tuple[str, int]:
    """Group and version of a quarantine."""
    return str(item["pk"]).partition("#")[2], int(str(item["sk"]).partition("#")[2])
