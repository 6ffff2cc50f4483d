"""What is wrong with a policy as it is written."""

from __future__ import annotations

import json
from typing import Any

from interlock.policy.document import read_policy
from interlock.policy.errors import PolicyError


def refused(stage: dict[str, Any], **sections: Any) -> list[str]:
    """What is said of a policy with this stage; nothing if it may be used."""
    try:
        read_policy(json.dumps({"model_package_group": "churn", "stages": [stage], **sections}), "churn")
    except PolicyError as error:
        return [said for said, _, _ in error.problems]
    return []
