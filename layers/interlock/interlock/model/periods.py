"""Periods in which nothing begins, as people write them: hours of the day, weekdays and days. All times are UTC."""

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, create_model, model_validator

from interlock.model.calendar import Calendar
from interlock.model.fields import Part


def _clock(written: object) -> time:
    if isinstance(written, time):
        return written
    if isinstance(written, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", written):
        return time.fromisoformat(written)
    raise ValueError(f'write a time of the day in quotes, for example "22:00"; got {written!r}')


def _day(written: object) -> date:
    """YAML reads 2026-12-20 as a date, JSON as text. A moment of a day is refused."""
    if isinstance(written, date) and not isinstance(written, datetime):
        return written
    if isinstance(written, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
        try:
            return date.fromisoformat(written)
        except ValueError:
            pass
    raise ValueError(f"write a day, for example 2026-12-20; got {written!r}")


_CLOCK_SCHEMA = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
_DAY_SCHEMA = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-12-20"])]
Clock = Annotated[time, BeforeValidator(_clock, json_schema_input_type=_CLOCK_SCHEMA)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=_DAY_SCHEMA)]


class _Period(Part):
    """Two ends. ``from`` is a word of Python, so the sections that have it are made by create_model."""

    @model_validator(mode="after")
    def _ends_differ(self) -> Self:
        begin, end = self.ends
        if begin == end:
            raise ValueError("both ends are the same; write two that differ")
        if isinstance(begin, date) and begin > end:
            raise ValueError("until lies before from; write the later day in until")
        return self

    @property
    def ends(self) -> tuple[Any, Any]:
        """The values of the two fields."""
        first, second = (getattr(self, name) for name in type(self).model_fields)
        return first, second


if TYPE_CHECKING:

    class QuietHours(_Period): ...

    class Freeze(_Period): ...

else:
    QuietHours = create_model(
        "QuietHours",
        __base__=_Period,
        __module__=__name__,
        __doc__="Hours of each day in which nothing begins by itself.",
        **{
            "from": (Clock, Field(description='Time of the day in UTC, in quotes: "22:00".')),
            "to": (Clock, Field(description="Time of the day in UTC; on the next day if it is earlier than from.")),
        },
    )
    Freeze = create_model(
        "Freeze",
        __base__=_Period,
        __module__=__name__,
        __doc__="Days on which nothing begins, not even for a person.",
        **{
            "from": (Day, Field(description="First day (UTC).")),
            "until": (Day, Field(description="The first day after it (UTC).")),
        },
    )


Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Periods(Part):
    """The periods in which something does not begin: releases, or retrainings."""

    quiet_hours: Annotated[tuple[QuietHours, ...], Field(max_length=10)] = Field(
        (), description="Hours of the day (UTC) in which nothing begins by itself."
    )
    quiet_days: Annotated[frozenset[Weekday], Field(max_length=6)] = Field(
        frozenset(), description="Weekdays (UTC) on which nothing begins by itself."
    )
    freeze: Annotated[tuple[Freeze, ...], Field(max_length=20)] = Field(
        (), description="Days (UTC) on which nothing begins, not even for a person."
    )

    @property
    def calendar(self) -> Calendar:
        """The same, as the rest of Interlock asks it."""
        return Calendar(
            quiet=tuple(hours.ends for hours in self.quiet_hours),
            quiet_days=frozenset(self.quiet_days),
            freezes=tuple(
                (datetime.combine(begin, time(), UTC), datetime.combine(until, time(), UTC))
                for begin, until in (freeze.ends for freeze in self.freeze)
            ),
        )
