"""How often a process that plays many rehearsals looks for garbage."""

from __future__ import annotations

import gc

KEPT = 50_000
"""Objects between two collections: a rehearsal keeps nearly all that it makes, and all of it is garbage after it."""


def collect_seldom() -> None:
    gc.set_threshold(KEPT)
