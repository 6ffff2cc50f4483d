"""What was asked of a release beside its version: where, to go back, to begin in a freeze, to ignore alarms."""

from __future__ import annotations

from dataclasses import dataclass

from interlock.model.request import Request
from interlock.policy.document import Policy
from interlock.policy.stage import Stage
from interlock.policy.stage_parts import Rollback
from interlock.strategies.all_at_once import AllAtOnce

GUARDED = 600
"""Seconds for which the alarms guard a version that was gone back to; fewer if the policy bakes for less."""


@dataclass(frozen=True)
class Asked:
    """``endpoint``: of the stage that is meant, empty for the first one. ``roll_back``: to a version of before, without
    analysis; ``despite_freeze``: also in a freeze; ``despite_alarms``: names of the policy's alarms that do not count;
    ``because``: who asked and why, as a sentence. ``first``: the release that took the version to the first stage,
    empty if this one does; ``admitted``: whether the version may begin the stage, if that asks first."""

    roll_back: bool = False
    endpoint: str = ""
    despite_freeze: bool = False
    despite_alarms: tuple[str, ...] = ()
    because: str = ""
    first: str = ""
    admitted: bool = False

    @property
    def ignores_freezes(self) -> bool:
        """Whether the release may begin in a freeze. The way back is never frozen."""
        return self.roll_back or self.despite_freeze

    def disagreement(self, stage: Stage) -> str:
        """Why this does not go with the policy, as a sentence; empty if it does."""
        if self.endpoint not in ("", stage.endpoint):
            return f"The policy names endpoint {stage.endpoint}, not {self.endpoint}; change it, or name that endpoint."
        if stage.asks_first and not (self.admitted or self.roll_back):
            said = f"Stage {stage.name} asks a person before it begins"
            return f"{said}; ask for the version without an endpoint, and it goes through the stages before."
        unknown = [name for name in self.despite_alarms if name not in stage.alarms]
        if not unknown:
            return ""
        known = f"they are {', '.join(stage.alarms)}" if stage.alarms else "it has none"
        return f"despite_alarms: {', '.join(unknown)} is no alarm of the policy; {known}."

    def changed(self, policy: Policy) -> Policy:
        """The policy by which this release goes."""
        return policy.model_copy(update={"stages": (self._stage(policy.stage),)})

    def _stage(self, stage: Stage) -> Stage:
        """Without the alarms that do not count; and on the way back all at once, without evidence, an approval, a
        gate or a standby."""
        alarms = tuple(name for name in stage.alarms if name not in self.despite_alarms)
        changed: Request = {"alarms": alarms} if self.despite_alarms else {}
        if self.roll_back:
            bake, traffic = min(GUARDED, stage.strategy.bakes[-1]), stage.strategy.traffic
            quick = AllAtOnce.model_construct(kind="all_at_once", bake=bake, traffic=traffic)
            changed |= {"strategy": quick, "evidence": (), "approval": None, "gates": (), "rollback": Rollback()}
        return stage.model_copy(update=changed)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader of the plan should know of it."""
        names = ", ".join(self.despite_alarms)
        said = {
            f"These alarms of the policy do not count for this release: {names}.": self.despite_alarms,
            "It goes back to this version all at once, without evidence.": self.roll_back,
            "It may begin in a freeze.": self.despite_freeze,
        }
        found = tuple(sentence for sentence, holds in said.items() if holds)
        return (*found, self.because) if found and self.because else found


def read_asked(written: object) -> Asked:
    """What the input of ``deliver`` says of it. Anybody may write that input; what cannot be read was not asked."""
    said = written if isinstance(written, dict) else {}
    names, because, endpoint, first = (said.get(name) for name in ("despite_alarms", "because", "endpoint", "first"))
    return Asked(
        roll_back=said.get("roll_back") is True,
        endpoint=endpoint if isinstance(endpoint, str) else "",
        despite_freeze=said.get("despite_freeze") is True,
        despite_alarms=tuple(each for each in names if isinstance(each, str)) if isinstance(names, list) else (),
        because=because if isinstance(because, str) else "",
        first=first if isinstance(first, str) else "",
        admitted=said.get("admitted") is True,
    )
