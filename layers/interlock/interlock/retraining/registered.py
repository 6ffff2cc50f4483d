"""Which versions were registered, as AWS tells it: by the steps of a pipeline, or by the packages of a group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

_PACKAGE = re.compile(r"arn:[^:]+:sagemaker:[^:]*:[0-9]{12}:model-package/([^/]+)/([0-9]+)")

Version = tuple[str, str, int]
"""ARN, group and number."""


def by_steps(steps: Iterable[Mapping[str, Any]]) -> list[Version]:
    """What a pipeline's steps registered (botocore RegisterModelStepMetadata.Arn)."""
    return _read(str(((step.get("Metadata") or {}).get("RegisterModel") or {}).get("Arn") or "") for step in steps)


def since(began: datetime, packages: Iterable[Mapping[str, Any]]) -> list[Version]:
    """Of ``packages`` (botocore ModelPackageSummary) those that were created at ``began`` or later."""
    return _read(
        str(each.get("ModelPackageArn") or "")
        for each in packages
        if "CreationTime" not in each or moment(each["CreationTime"]) >= began
    )


def _read(arns: Iterable[str]) -> list[Version]:
    found = [(arn, _PACKAGE.fullmatch(arn)) for arn in dict.fromkeys(arns)]
    return [(arn, match[1], int(match[2])) for arn, match in found if match]


def moment(written: Any) -> datetime:
    """An ISO 8601 time; without a zone, of UTC. Raises ValueError."""
    at = datetime.fromisoformat(str(written))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
