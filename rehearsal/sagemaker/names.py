"""ARNs, in which resource names are in lower case (aws-cdk aws-stepfunctions-tasks, update-endpoint.ts)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Emit = Callable[[str, str, dict[str, Any], list[str]], None]


@dataclass(frozen=True)
class Names:
    """Names resources of one account in one Region."""

    region: str
    account: str

    def arn(self, kind: str, name: str, *, as_written: bool = False) -> str:
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name if as_written else name.lower()}"
