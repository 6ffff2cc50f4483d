"""A scenario file: the traffic, the acts of people and systems, the faults, and the expectations of the end.

`reading.read_scenario` turns a YAML file into a `Scenario`, with errors that name file, line and field. A list entry
that can be one of several things is a mapping whose own key names it: `register:` beside `at:` is a registration.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    Field,
    PositiveInt,
    StringConstraints,
    model_validator,
)

from rehearsal.account.gateway import Fault as InjectedFault
from rehearsal.account.options import Options as AccountOptions
from rehearsal.cloudwatch.options import Options as CloudWatchOptions
from rehearsal.sagemaker.options import Options as SageMakerOptions
from rehearsal.scenario.acts import Step
from rehearsal.scenario.entries import Document, Duration, Entry, Name, must_know, not_so
from rehearsal.scenario.expectations import Expected
from rehearsal.scenario.names import ModelKind, must_exist
from rehearsal.scenario.quantities import duration
from rehearsal.scenario.traffic import EndpointTraffic
from rehearsal.scenario.turns import Turns
from rehearsal.services.functions import AT_ONCE
from rehearsal.services.options import Options as DeliveryOptions
from rehearsal.states.options import Options as StatesOptions


class Autoscaling(Entry):
    """A scalable target that somebody registered for the endpoint's variant."""

    min: PositiveInt
    max: PositiveInt
    policies: list[dict[str, Any]] = Field(default_factory=list, description="more fields of each PutScalingPolicy")
    schedules: list[dict[str, Any]] = Field(default_factory=list, description="more fields of each PutScheduledAction")

    def attached(self) -> list[tuple[str, dict[str, Any]]]:
        """The operations that follow the registration, with the fields of their requests."""
        policies = [("PutScalingPolicy", each) for each in self.policies]
        return [*policies, *(("PutScheduledAction", each) for each in self.schedules)]


class FoundEndpoint(Entry):
    """An endpoint that somebody else made before the scenario starts."""

    name: Name
    model: ModelKind = "plain"
    variant: Name = "AllTraffic"
    instance_type: str = "ml.m5.large"
    initial_instances: PositiveInt = 1
    live_instances: PositiveInt | None = Field(None, description="as changed since by autoscaling or a person")
    autoscaling: Autoscaling | None = None
    serverless: bool = False
    of_model: dict[str, Any] = Field(default_factory=dict, description="more fields of its CreateModel")
    of_config: dict[str, Any] = Field(default_factory=dict, description="more fields of its CreateEndpointConfig")
    tags: dict[str, str] = Field(
        default_factory=dict, description="by its owner; interlock:group lets Interlock release that group to it"
    )


class FaultError(Entry):
    """AWS's answer instead."""

    code: str
    message: str = ""
    status: int = 400


class MetricAnswer(Entry):
    """What GetMetricData answers of some queries, by their Ids: nothing, or only the older half of the data points."""

    absent: list[str] = Field(default_factory=list)
    partial: list[str] = Field(default_factory=list)

    def changed(self, response: dict[str, Any]) -> dict[str, Any]:
        """The answer as it comes (botocore GetMetricData, StatusCode)."""
        results = [self._of_one(each) for each in response["MetricDataResults"] if each["Id"] not in self.absent]
        return {**response, "MetricDataResults": results}

    def _of_one(self, result: dict[str, Any]) -> dict[str, Any]:
        if result["Id"] not in self.partial:
            return result
        half = {name: result[name][(len(result[name]) + 1) // 2 :] for name in ("Timestamps", "Values")}
        return {**result, **half, "StatusCode": "PartialData"}


class Fault(Entry):
    """A call that goes wrong: the nth one of an operation after deployment, or every one; without an operation, those
    of the whole service, which is an outage. Exactly one of `error`, `hangs`, `answer_lost` and `metrics` says how."""

    service: str
    operation: str | None = Field(None, description="every operation of the service when absent")
    call: PositiveInt | None = Field(None, description="only the nth matching call; every call when absent")
    first: PositiveInt | None = Field(None, description="only this many matching calls; all when absent")
    request: str = Field("", description="only calls whose request, written as JSON, contains this text")
    caller: str = Field("", description="only calls whose caller's ARN (role, execution) contains this; or `person`")
    state: str = Field("", description="only calls that a state machine makes in this state")
    at: Duration = Field(0.0, description="only calls from then on")
    lasts: Duration | None = Field(None, description="only calls within this time; until the end when absent")
    error: FaultError | None = None
    hangs: bool = Field(False, description="there is no answer; whoever called gives up when it may")
    answer_lost: bool = Field(False, description="the call is made, and who called does not hear so")
    metrics: MetricAnswer | None = Field(None, description="what GetMetricData answers of some queries")

    @model_validator(mode="after")
    def _one_thing_goes_wrong(self) -> Self:
        must_exist(self.service, self.operation)
        if sum((self.error is not None, self.hangs, self.answer_lost, self.metrics is not None)) != 1:
            raise not_so("write exactly one of error, hangs, answer_lost and metrics")
        if self.metrics and (self.service, self.operation) != ("cloudwatch", "GetMetricData"):
            raise not_so("only GetMetricData of cloudwatch answers metrics", "metrics")
        return self

    def injected(self, start: float) -> InjectedFault:
        """The fault as the account knows it, in a scenario that starts at `start` (epoch seconds)."""
        return InjectedFault(
            self.service,
            self.operation or "",
            **(self.error.model_dump() if self.error else {}),
            call=self.call,
            request=self.request,
            first=self.first,
            since=start + self.at if self.at else -math.inf,
            until=math.inf if self.lasts is None else start + self.at + self.lasts,
            hangs=self.hangs,
            answer_lost=self.answer_lost,
            caller=self.caller,
            state=self.state,
            change=self.metrics.changed if self.metrics else None,
        )


class EventFault(Entry):
    """Events that match an EventBridge pattern come late, twice, out of order or never to the rules."""

    match: dict[str, Any]
    times: PositiveInt | None = None
    late: Duration | None = None
    lost: bool = False
    reversed_within: Duration | None = Field(None, description="events of this long a window arrive last first")
    first: PositiveInt | None = Field(None, description="only this many matching events; all when absent")


class Unsure(Entry):
    """Durations, and behaviour that AWS does not document: a scenario may choose either answer."""

    account: Annotated[AccountOptions, must_know(AccountOptions)] = AccountOptions()
    sagemaker: Annotated[SageMakerOptions, must_know(SageMakerOptions)] = SageMakerOptions()
    cloudwatch: Annotated[CloudWatchOptions, must_know(CloudWatchOptions)] = CloudWatchOptions()
    delivery: Annotated[DeliveryOptions, must_know(DeliveryOptions)] = DeliveryOptions()
    states: Annotated[StatesOptions, must_know(StatesOptions)] = StatesOptions()


class Scenario(Entry):
    """A rehearsal: read by `reading.read_scenario`, played by `playing.rehearse`."""

    scenario: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    about: str = Field(min_length=1, description="a short text: the acts, and the expected end")
    seed: int = 7
    start: AwareDatetime
    lasts: Duration
    parameters: dict[str, str] = Field(default_factory=dict, description="parameters of the template")
    policies: list[str | Document] = Field(default_factory=list, description="files beside this one, or documents")
    traffic: list[EndpointTraffic] = Field(default_factory=list)
    keys: list[str] = Field(default_factory=list, description="ARNs of KMS keys; their policy leaves them to IAM")
    endpoints: list[FoundEndpoint] = Field(default_factory=list)
    timeline: list[Step] = Field(default_factory=list)
    functions_at_once: PositiveInt = Field(AT_ONCE, description="how many functions the account may run at a time")
    faults: list[Fault] = Field(default_factory=list)
    events: list[EventFault] = Field(default_factory=list)
    order: Turns | None = Field(None, description="who goes first among what falls together; by time when absent")
    unsure: Unsure = Unsure()
    expect: list[Expected] = Field(min_length=1)

    @model_validator(mode="after")
    def _everything_happens_before_the_end(self) -> Self:
        for number, act in enumerate(self.timeline):
            if act.at is not None and act.at > self.lasts:
                said = f"{duration(act.at)} is after the end; the scenario lasts {duration(self.lasts)}"
                raise not_so(said, "timeline", number, "at")
        return self

    @model_validator(mode="after")
    def _turns_are_of_acts(self) -> Self:
        named = {act.name for act in self.timeline if act.at is not None}
        for number, turn in enumerate(self.order.turns if self.order else ()):
            if turn.of and turn.of not in named:
                raise not_so(f"no act with a time has the name {turn.of!r}", "order", "turns", number, "of")
        return self


def json_schema() -> dict[str, Any]:
    """The schema of scenario files for editors, as published in scenarios/schema.json."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Scenario.model_json_schema(by_alias=True)}
