"""A policy with staging and production, and what ``deliver`` hands on between them."""

from __future__ import annotations

import json
from typing import Any

from tests.unit import examples

HOSTING = {"kind": "realtime", "instance_type": "ml.m5.large"}
ASKS = {"before": "stage", "within": "2h"}
STAGING: dict[str, Any] = {
    "name": "staging",
    "endpoint": "churn-staging",
    "hosting": HOSTING,
    "strategy": examples.ALL_AT_ONCE,
}
PRODUCTION: dict[str, Any] = {"endpoint": examples.ENDPOINT, "hosting": HOSTING, "strategy": examples.CANARY}


def policy(*stages: dict[str, Any], **production: Any) -> str:
    """The policy as written, with fields of ``production``; or other stages."""
    written = stages or (STAGING, {**PRODUCTION, "approval": ASKS, **production})
    return json.dumps({"model_package_group": examples.GROUP, "stages": list(written)})
