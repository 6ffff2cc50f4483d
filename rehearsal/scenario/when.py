"""A moment that is not known beforehand: an execution enters a state, or an endpoint gets a status."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, PositiveInt, model_validator

from rehearsal.scenario.entries import Duration, Entry, Name, not_so

if TYPE_CHECKING:
    from rehearsal.states.execution import Execution
    from rehearsal.world import World

_STATUS_CHANGE = "SageMaker Endpoint State Change"


class When(Entry):
    """The nth time that an execution of a state machine enters a state, or that an endpoint gets a status."""

    machine: str | None = Field(None, description="a state machine, by the name the template gives it")
    execution: str = Field("", description="only executions whose name begins so")
    state: str | None = Field(None, description="any state when absent")
    endpoint: Name | None = None
    status: str | None = Field(None, description="an EndpointStatus, such as Updating")
    time: PositiveInt = Field(1, description="the nth time; the first when absent")
    later: Duration = Field(0.0, description="so long after that")

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.machine is None) == (self.endpoint is None) or (self.endpoint is None) != (self.status is None):
            raise not_so("write either machine, or endpoint and status")
        return self

    def call(self, world: World, act: Callable[[], object]) -> None:
        """From now on wait for this moment in an account, and then do `act`, once."""
        left = self.time

        def count() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                world.clock.after(self.later, act)

        def entered(execution: Execution, state: str) -> None:
            of_these = execution.machine.arn == machine and execution.name.startswith(self.execution)
            if of_these and self.state in (None, state):
                count()

        def happened(event: Mapping[str, Any]) -> None:
            detail = event["detail"]
            of_this = event["detail-type"] == _STATUS_CHANGE and detail["EndpointName"] == self.endpoint
            # An event writes IN_SERVICE where DescribeEndpoint writes InService.
            if of_this and detail["EndpointStatus"].replace("_", "").casefold() == str(self.status).casefold():
                count()

        if self.machine is None:
            world.bus.watchers.append(happened)
            return
        machine = world.machine(self.machine)
        world.states.watchers.append(entered)
