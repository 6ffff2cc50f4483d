"""The kinds of monitor that a policy may name. A new one is a module of its own and a member of this union."""

from typing import Annotated

from interlock.model.kinds import ByKind
from interlock.monitoring.kinds.attribution import Attribution
from interlock.monitoring.kinds.bias import Bias
from interlock.monitoring.kinds.data_quality import DataQuality
from interlock.monitoring.kinds.model_quality import ModelQuality

AnyMonitor = Annotated[DataQuality | ModelQuality | Bias | Attribution, ByKind()]
