"""The input of ``deliver`` where somebody asks for a release; an approval's has ``decided_at`` and ``approved``."""

from __future__ import annotations

from collections.abc import Sequence

from interlock.model.request import Request


def release_input(
    group: str,
    version: int,
    because: str,
    *,
    dry_run: bool = False,
    roll_back: bool = False,
    endpoint: str = "",
    despite_freeze: bool = False,
    despite_alarms: Sequence[str] = (),
) -> Request:
    """``because``: who asks and why, as a sentence. ``roll_back``: without analysis, to a version of before, on
    ``endpoint``."""
    return {
        "group": group,
        "version": version,
        "dry_run": dry_run,
        "because": because,
        "roll_back": roll_back,
        "endpoint": endpoint,
        "despite_freeze": despite_freeze,
        "despite_alarms": list(despite_alarms),
    }
