"""The act of a team that makes a function of its own, which a release may ask."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from rehearsal.aws import AwsError
from rehearsal.scenario.act import Act
from rehearsal.scenario.entries import Duration, Entry

if TYPE_CHECKING:
    from rehearsal.world import World


class NewFunction(Entry):
    """A function that gets a token, and what it does with it. Without any of `says`, `fails` and `raises` it is
    silent."""

    name: str
    says: list[str] = Field(default_factory=list, description="outputs that it sends with its token, one after another")
    fails: str = Field("", description="the error that it sends with its token instead")
    raises: str = Field("", description="the message of the exception that it raises at once")
    after: Duration = Field(0.0, description="how long it takes until it sends")


class MakeFunction(Act):
    """A team makes a function of its own. A token that cannot be used any more is refused, and it does not mind."""

    make_function: NewFunction

    def perform(self, world: World, folder: Path) -> None:
        made = self.make_function

        def send(operation: str, **request: Any) -> None:
            with contextlib.suppress(AwsError):
                world.ask("stepfunctions", operation, **request)

        def own(event: Any, context: object) -> None:
            if made.raises:
                raise RuntimeError(made.raises)
            token = event["token"]
            for output in made.says:
                world.clock.after(made.after, partial(send, "SendTaskSuccess", taskToken=token, output=output))
            if made.fails:
                failed = {"error": made.fails, "cause": "As the scenario says."}
                world.clock.after(made.after, partial(send, "SendTaskFailure", taskToken=token, **failed))

        world.functions.add_own(made.name, own)
