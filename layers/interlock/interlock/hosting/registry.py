"""The kinds of hosting that a policy may name. A new one is a module of its own and a member of this union.

The kind with a default for ``kind`` is meant where a policy names none.
"""

from __future__ import annotations

from typing import Annotated

from interlock.hosting.asynchronous import Async
from interlock.hosting.batch import Batch
from interlock.hosting.components import InferenceComponents
from interlock.hosting.multi_model import MultiModel
from interlock.hosting.realtime import Realtime
from interlock.hosting.serverless import Serverless
from interlock.model.kinds import ByKind

AnyHosting = Annotated[Realtime | Serverless | Async | MultiModel | InferenceComponents | Batch, ByKind()]
