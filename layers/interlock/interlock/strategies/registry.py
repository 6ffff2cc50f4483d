"""The strategies that a policy may name. A new one is a module of its own and a member of this union."""

from __future__ import annotations

from typing import Annotated

from interlock.model.kinds import ByKind
from interlock.strategies.ab_test import AbTest
from interlock.strategies.all_at_once import AllAtOnce
from interlock.strategies.canary import Canary
from interlock.strategies.linear import Linear
from interlock.strategies.rolling import Rolling
from interlock.strategies.shadow import Shadow

AnyStrategy = Annotated[AllAtOnce | Canary | Linear | Rolling | Shadow | AbTest, ByKind()]
