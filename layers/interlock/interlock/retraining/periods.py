"""Periods as people write them: hours of the day, days, and how many in how long. All times are UTC."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BeforeValidator, Field, create_model, model_validator

from interlock.model.fields import Part
from interlock.model.limits import DAY
from interlock.model.quantities import seconds

MOST_RETRAININGS = 100


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


def _at_most(written: object) -> tuple[int, int]:
    """``(count, seconds)`` of ``3 per 7d``."""
    if isinstance(written, tuple):
        return written
    count, _, window = written.partition(" per ") if isinstance(written, str) else ("", "", "")
    if not re.fullmatch(r"[0-9]{1,4}", count.strip()) or not 1 <= int(count) <= MOST_RETRAININGS:
        raise ValueError(f"write a number and a window, for example 3 per 7d; got {written!r}")
    length = seconds(window)
    if not 3600 <= length <= 366 * DAY:
        raise ValueError(f"the window lasts from 1h to 366d, for example 3 per 7d; got {written!r}")
    return int(count), length


_CLOCK_SCHEMA = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
_DAY_SCHEMA = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-12-20"])]
_AT_MOST_SCHEMA = Annotated[str, Field(pattern=r"^\s*[0-9]{1,4} per [0-9]+(\.[0-9]+)?\s*[hd]\s*$")]
Clock = Annotated[time, BeforeValidator(_clock, json_schema_input_type=_CLOCK_SCHEMA)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=_DAY_SCHEMA)]
AtMost = Annotated[tuple[int, int], BeforeValidator(_at_most, json_schema_input_type=_AT_MOST_SCHEMA)]


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
        __doc__="Hours of each day in which no retraining starts by itself.",
        **{
            "from": (Clock, Field(description='Time of the day in UTC, in quotes: "22:00".')),
            "to": (Clock, Field(description="Time of the day in UTC; on the next day if it is earlier than from.")),
        },
    )
    Freeze = create_model(
        "Freeze",
        __base__=_Period,
        __module__=__name__,
        __doc__="Days on which no retraining starts, not even for a person.",
        **{
            "from": (Day, Field(description="First day (UTC).")),
            "until": (Day, Field(description="The day on which retrainings may start again (UTC).")),
        },
    )
