"""Freezes that people began: of an endpoint, of a group, or of everything. In one, nothing begins by itself: no release
and no retraining."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from interlock.model.ledger_item import text
from interlock.model.request import Request

EVERYTHING = "EVERYTHING"
POLICY = "POLICY"
"""In the place of ``where``: the calendar of the policy."""


def key(group: str = "", endpoint: str = "") -> str:
    """Under which sort key the ledger has a freeze of a group, of an endpoint, or of neither: of everything."""
    return f"GROUP#{group}" if group else f"ENDPOINT#{endpoint}" if endpoint else EVERYTHING


@dataclass(frozen=True)
class Freeze:
    """``where``: its sort key in the ledger, or POLICY; ``since`` and ``until``: ISO 8601, where an empty ``until``
    means until somebody ends it; ``because``: why, as a sentence."""

    where: str
    since: str = ""
    until: str = ""
    because: str = ""

    def holds(self, now: str) -> bool:
        """Whether it has not ended at ``now``, which is written as the ledger writes times."""
        return not self.until or self.until > now

    @property
    def sentence(self) -> str:
        """``Group churn is frozen until 2026-12-27T00:00:00.000Z. Ann asked to freeze because: Christmas.``"""
        kind, _, name = self.where.partition("#")
        frozen = {"GROUP": f"Group {name} is frozen", "ENDPOINT": f"Endpoint {name} is frozen"}
        said = frozen.get(kind, "Everything is frozen") if kind != POLICY else "The policy (releases) lets none begin"
        until = f"until {self.until}" if self.until else "until somebody ends the freeze"
        return " ".join(filter(None, (f"{said} {until}.", self.because)))


def read_freezes(items: Iterable[Request], now: str) -> tuple[Freeze, ...]:
    """Those of the ledger's FREEZE ``items`` that hold ``now``."""
    found = (Freeze(text(item, "sk"), text(item, "at"), text(item, "until"), text(item, "because")) for item in items)
    return tuple(each for each in found if each.where and each.holds(now))


def freeze_of(freezes: Iterable[Freeze], group: str, endpoint: str) -> Freeze | None:
    """Of the ``freezes`` that hold for ``group`` on ``endpoint`` the one that lasts longest; None if none does."""
    about = {key(), key(group=group), key(endpoint=endpoint)}
    return max((each for each in freezes if each.where in about), key=lambda each: each.until or "~", default=None)
