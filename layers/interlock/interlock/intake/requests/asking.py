"""How a person's request is read: its fields, and the function that says what it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from interlock.intake.commands import Command


class Asked(BaseModel):
    """The fields of every request. A field that does not belong to it is a mistake of the person."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    action: str
    by: Annotated[str, Field(max_length=100)] = ""
    """Who asks, in the person's words. Step Functions does not tell a machine who started it."""
    because: Annotated[str, Field(max_length=500)] = ""
    """Why, in the person's words; it goes to the journal."""

    @property
    def sentence(self) -> str:
        """The request in words."""
        why = f" because: {self.because}" if self.because else ""
        return f"{self.by or 'A person'} asked to {self.action.replace('_', ' ')}{why}."


_A = TypeVar("_A", bound=Asked)


@dataclass(frozen=True)
class Action(Generic[_A]):
    """One thing that a person may ask for. ``example``: fields that complete a request for it, as JSON."""

    action: str
    shape: type[_A]
    means: Callable[[_A], Command]
    example: str

    def command(self, asked: dict[str, Any], now: str) -> Command:
        """The command for the request, made ``now``. Raises pydantic's ValidationError if the fields do not fit."""
        return self.means(self.shape.model_validate(asked, context={"now": now}))
