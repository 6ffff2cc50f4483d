"""Plays a scenario from start to end and reports the result."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING

from rehearsal.account.gateway import Call, NotSimulated
from rehearsal.aws import AwsError
from rehearsal.report import gathering, loop_moments, retrainings, timeline, watching
from rehearsal.report.result import AlarmChange, Moment, Notice, Result, Routed
from rehearsal.scenario import expectations
from rehearsal.scenario.act import Act
from rehearsal.scenario.unusable import Unusable
from rehearsal.setting import set_up
from rehearsal.traffic.told import endpoint_told
from rehearsal.world import NoSuchMachine, World

if TYPE_CHECKING:
    from rehearsal.sagemaker.processing import Job
    from rehearsal.scenario.model import Scenario

SLICE = 300.0  # virtual seconds between two looks at how far it is


class ActRefused(Unusable):
    """AWS refuses an act of a person in a scenario, or the rehearsal does not simulate it. An act that AWS may
    refuse says so (`may_be_refused`)."""


@dataclass(frozen=True)
class Rehearsal:
    """A played scenario: its result, and the account as it stands."""

    result: Result
    world: World


class Chronicle:
    """Listens to the account and keeps its moments, alarms and notices for people to read."""

    def __init__(self, world: World, told: Callable[[Moment], None]) -> None:
        self.moments: list[Moment] = []
        self.alarms: list[AlarmChange] = []
        self.notices: list[Notice] = []
        self.routed: list[Routed] = []
        self.training: dict[str, str] = {}  # names of training jobs, by their ARNs
        self._world, self._told, self._news = world, told, loop_moments.News()
        world.gateway.watchers.append(self._called)
        world.bus.watchers.append(self._happened)
        world.sagemaker.endpoints.watch(self._rerouted)
        world.ssm.watchers.append(self._told_otherwise)
        for artifact, why in world.sagemaker.containers.died:
            self._not_started(artifact, why)
        world.sagemaker.containers.watchers.append(self._not_started)

    def _called(self, call: Call) -> None:
        notice = timeline.notice(call)
        if notice is not None:
            self.notices.append(notice)
        decision = watching.decision_of(call)
        self.tell(self._news.of_decision(decision) if decision else timeline.moment_of_call(call))

    def _happened(self, event: timeline.Event) -> None:
        change = timeline.alarm_change(self._world.clock.now, event)
        if change is not None:
            self.alarms.append(change)
        self.tell(timeline.moment_of_event(self._world.clock.now, event))
        if event.get("detail-type") == "SageMaker Processing Job State Change":
            self._job_changed(str(event["detail"]["ProcessingJobName"]))
        if event.get("detail-type") == "SageMaker Training Job State Change":
            self.training[event["detail"]["TrainingJobArn"]] = str(event["detail"]["TrainingJobName"])

    def _job_changed(self, name: str) -> None:
        job = _jobs(self._world)[name]
        run, baseline = watching.run_of(job), watching.baseline_of(job)
        self.tell(self._news.of_run(run) if run else loop_moments.of_baseline(baseline) if baseline else None)

    def _not_started(self, artifact: str, why: str) -> None:
        text = f"a container of {artifact} does not start: {why}"
        self.tell(Moment(self._world.clock.now, "container", text, good=False))

    def _rerouted(self, endpoint: str) -> None:
        self._world.clock.after(0.0, partial(self.look_at, endpoint))

    def _told_otherwise(self, parameter: str) -> None:
        if endpoint := endpoint_told(parameter):
            self._rerouted(endpoint)

    def look_at(self, endpoint: str) -> None:
        """Note where the requests of an endpoint go, if that has changed."""
        shares = self._world.serving(endpoint)
        before = next((each.shares for each in reversed(self.routed) if each.endpoint == endpoint), {})
        if shares != before:
            self.routed.append(Routed(self._world.clock.now, endpoint, shares))

    def finish(self) -> None:
        """Tell at the end what was only counted."""
        for moment in self._news.rest(self._world.clock.now):
            self.tell(moment)

    def tell(self, moment: Moment | None) -> None:
        """Add a moment, if there is one."""
        if moment is not None:
            self.moments.append(moment)
            self._told(moment)


def rehearse(
    scenario: Scenario,
    folder: Path,
    told: Callable[[Moment], None] = lambda moment: None,
    passed: Callable[[float, int], None] = lambda at, requests: None,
    prepare: Callable[[World], None] = lambda world: None,
) -> Rehearsal:
    """Play a scenario. `folder` is where its files are; `told` gets each moment, `passed` the time and the requests so
    far, as virtual time goes by; `prepare` may change the account before it begins. Raises ActRefused."""
    began = time.perf_counter()
    start = scenario.start.timestamp()
    world = set_up(scenario, folder)
    prepare(world)
    chronicle = Chronicle(world, told)
    for found in scenario.endpoints:
        chronicle.look_at(found.name)
    before = len(world.gateway.journal)
    end = start + scenario.lasts
    drifts = _drifts(scenario, start, end)
    for drift in drifts:
        world.clock.at(drift.begin, partial(chronicle.tell, loop_moments.of_drift(drift, True)))
        if drift.end < end:
            world.clock.at(drift.end, partial(chronicle.tell, loop_moments.of_drift(drift, False)))
    begin(scenario, world, folder)
    counted = requests = 0
    while world.clock.now < end:
        world.clock.run(until=min(end, world.clock.now + SLICE))
        requests += sum(minute.requests for minute in world.traffic.minutes[counted:])
        counted = len(world.traffic.minutes)
        passed(world.clock.now, requests)
    world.traffic.finish()
    chronicle.finish()
    memory = gathering.Memory(
        executions=world.states.executions,
        calls=tuple(world.gateway.journal[before:]),
        alarms=tuple(chronicle.alarms),
        minutes=tuple(world.traffic.minutes),
        lost=tuple(world.traffic.lost),
        consumed=tuple(world.tables.consumed),
        now=end,
    )
    releases = gathering.releases(memory, world.machine("deliver"))
    decisions = tuple(each for call in memory.calls if (each := watching.decision_of(call)) is not None)
    endpoints = {each.endpoint for each in releases} | {each.endpoint for each in scenario.traffic}
    endpoints |= {each.name for each in scenario.endpoints}
    result = Result(
        scenario=scenario.scenario,
        about=scenario.about,
        seed=scenario.seed,
        started=start,
        ended=end,
        wall_seconds=0.0,
        releases=releases,
        calls=memory.calls,
        minutes=memory.minutes,
        alarms=memory.alarms,
        notices=tuple(chronicle.notices),
        refused=gathering.refused(memory),
        moments=tuple(chronicle.moments),
        routed=tuple(chronicle.routed),
        final=gathering.final(world, endpoints - {""}),
        decisions=decisions,
        loops=retrainings.loops(
            memory, world.machine("retrain"), world.sagemaker, decisions, releases, chronicle.training
        ),
        monitors=watching.monitors(_jobs(world).values()),
        drifts=drifts,
    )
    findings = tuple(finding for each in scenario.expect for finding in each.findings(result))
    findings += (expectations.permitted(result), *map(expectations.unmet, world.traffic.unmet()))
    result = replace(result, findings=findings, wall_seconds=time.perf_counter() - began)
    return Rehearsal(result, world)


def begin(scenario: Scenario, world: World, folder: Path) -> None:
    """Put the acts and the faults of a scenario in place, in an account that was set up for it."""
    start = scenario.start.timestamp()
    for number, act in enumerate(scenario.timeline):
        perform = partial(_perform, number, act, world, folder)
        if act.when is not None:
            act.when.call(world, perform)
        elif act.at is not None:
            world.clock.at(start + act.at, perform, act.name)
    if scenario.order is not None:
        scenario.order.put_in_place(world, start)
    world.gateway.inject([each.injected(start) for each in scenario.faults])


def _jobs(world: World) -> Mapping[str, Job]:
    """The processing jobs of the account, by name."""
    return world.sagemaker.processing.jobs if world.sagemaker.processing else {}


def _drifts(scenario: Scenario, start: float, end: float) -> tuple[watching.TrafficDrift, ...]:
    """When the scenario's traffic drifts, as far as the rehearsal lasts."""
    return tuple(
        watching.TrafficDrift(load.endpoint, each.drift, start + each.begins, min(start + each.ends, end))
        for load in scenario.traffic
        for each in load.drifts
        if start + each.begins < end
    )


def _perform(number: int, act: Act, world: World, folder: Path) -> None:
    try:
        act.perform(world, folder)
    except AwsError as refused:
        if not act.may_be_refused:
            raise ActRefused(f"timeline[{number}] ({_in_short(act)}): {refused}") from refused
    except (NoSuchMachine, NotSimulated) as refused:
        raise ActRefused(f"timeline[{number}] ({_in_short(act)}): {refused}") from refused


def _in_short(act: Act) -> str:
    """`approve digits 2`: the kind of an act, and its texts and numbers."""
    written = act.model_dump(by_alias=True, exclude_unset=True, exclude=set(Act.model_fields))
    ((kind, fields),) = written.items()
    return shorten(" ".join([kind, *(str(each) for each in fields.values() if isinstance(each, (str, int)))]), 60)
