"""How an event is read: the shape of its detail, and the function that says what the detail means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints

from interlock.intake.commands import Command, ignore

Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Detail(BaseModel):
    """The detail of an event, as far as Interlock reads it. Unknown fields are ignored: AWS adds fields without notice.

    One invocation reads one event, so pydantic builds only the shape that is used.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)


_D = TypeVar("_D", bound=Detail)


@dataclass(frozen=True)
class EventType(Generic[_D]):
    """One type of event. ``needs``: fields without which an event of this type does not concern Interlock, whatever
    else it says, each with the sentence that says so."""

    source: str
    detail_type: str
    shape: type[_D]
    means: Callable[[_D], Command]
    needs: Mapping[str, str] = field(default_factory=dict)

    def command(self, detail: dict[str, Any]) -> Command:
        """The command for an event with ``detail``. Raises pydantic's ValidationError if the shape does not fit."""
        for name, sentence in self.needs.items():
            if name not in detail:
                return ignore(sentence)
        return self.means(self.shape.model_validate(detail))
