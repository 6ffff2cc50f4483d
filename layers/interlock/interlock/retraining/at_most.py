"""How many retrainings in how long, as people write it: ``3 per 7d``."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from interlock.model.limits import DAY
from interlock.model.quantities import seconds

MOST_RETRAININGS = 100


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


_AT_MOST_SCHEMA = Annotated[str, Field(pattern=r"^\s*[0-9]{1,4} per [0-9]+(\.[0-9]+)?\s*[hd]\s*$")]
AtMost = Annotated[tuple[int, int], BeforeValidator(_at_most, json_schema_input_type=_AT_MOST_SCHEMA)]
