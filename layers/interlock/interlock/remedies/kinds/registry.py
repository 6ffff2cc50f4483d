"""The remedies that a policy may name. A new one is a module of its own, a row here and a word of RemedyName."""

from __future__ import annotations

from typing import Literal

from interlock.remedies.kinds import ignore, investigate, notify, retrain, roll_back, scale
from interlock.remedies.kinds.remedy import Remedy

RemedyName = Literal["notify", "retrain", "roll_back", "scale", "investigate", "ignore"]

REMEDIES: dict[str, Remedy] = {
    each.REMEDY.name: each.REMEDY for each in (notify, retrain, roll_back, scale, investigate, ignore)
}
