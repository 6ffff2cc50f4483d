"""How an event is read: the shape of its detail, and the function that says what the detail means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator

from interlock.intake.commands import Command, ignore

Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]

Decoration = Annotated[str, BeforeValidator(lambda value: value if isinstance(value, str) else "")]
"""A text that nothing depends on. Whatever stands in its place, the event is read."""

ANY_SOURCE = "*"
"""The source of an event type that anybody may send."""


def in_utc(timestamp: str) -> datetime:
    """``timestamp`` in UTC. One without an offset means UTC too, whatever the time zone of the machine. Raises
    ValueError or OverflowError if it is not ISO 8601."""
    at = datetime.fromisoformat(timestamp)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


class Detail(BaseModel):
    """The detail of an event, as far as Interlock reads it. Unknown fields are ignored: AWS adds fields without notice.
    A field that is null is one that is not there: a captured event of an endpoint has a null FailureReason.

    One invocation reads one event, so pydantic builds only the shape that is used.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        return {name: each for name, each in value.items() if each is not None} if isinstance(value, dict) else value


_D = TypeVar("_D", bound=Detail)


@dataclass(frozen=True)
class EventType(Generic[_D]):
    """One type of event. ``needs``: fields without which an event of this type does not concern Interlock, whatever
    else it says, each with the sentence that says so. ``envelope``: whether ``shape`` also has the fields ``told_at``
    and ``told_by``, which are the event's own time and source."""

    source: str
    detail_type: str
    shape: type[_D]
    means: Callable[[_D], Command]
    needs: Mapping[str, str] = field(default_factory=dict)
    envelope: bool = False

    def command(self, detail: dict[str, Any], told_at: str = "", told_by: str = "") -> Command:
        """The command for an event with ``detail``, sent at ``told_at`` by ``told_by``. Raises pydantic's
        ValidationError if the shape does not fit."""
        for name, sentence in self.needs.items():
            if name not in detail:
                return ignore(sentence)
        told = {"told_at": told_at, "told_by": told_by} if self.envelope else {}
        return self.means(self.shape.model_validate(detail | told))
