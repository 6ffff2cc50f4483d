"""The harsh answers: to every question that AWS's documentation leaves open, the one that is harder to live with.

`python -m rehearsal run --harsh` plays a scenario under all of them together. What the scenario itself says under
`unsure` stays, because it is about that answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HARSH: Mapping[str, Mapping[str, object]] = {
    "account": {
        "filtered_lists": "empty",
    },
    "sagemaker": {
        "rollback_reason": "silent",
        "alarm_at_start": "refused",
        "unknown_alarm": "refused",
        "canary_share": "instances",
        "mixed_fleet": "as left",
        "other_variant_names": "refused",
        "serverless_guardrails": "refused",
        "serverless_retained": "refused",
        "promoted_shadow": "refused",
        "failed_component": "failed",
        "endpoint_with_components": "refused",
        "async_config_metrics": "absent",
        "mixed_networks": "refused",
        "empty_prefix": "refused",
        "first_named": "ModelNotReadyException",
        "missing_named": "ModelError",
        "all_zero_weights": "nobody",
        "autoscaling_status": "Updating",
        "describe_lag": "90 seconds",
        "capacities_per_call": "one",
        "config_metrics": "new fleet",
        "changed_fields": "absent",
        "endpoint_events": "as captured",
        "unapproved_package": "refused",
        "package_arns": "as written",
        "tags_seen": "after a minute",
        "package_etag": "absent",
        "package_events": "without containers",
        "model_etag": "ignored",
        "missing_artifact": "found out",
        "captured_failures": "captured",
        "missing_input": "refused",
        "runtime_exceeded": "Failed",
        "failed_outputs": "lost",
        "transform_outputs": "with folder",
        "exit_message_in_event": "absent",
        "package_artifact": "absent",
        "create_artifact": "inside SageMaker",
        "repeated_association": "refused",
        "lineage_arns": "as given",
    },
    "cloudwatch": {
        "periods_start_at": "clock",
        "metrics_arrive": "late",
        "metric_data": "pages",
        "description_in_events": "null",
        "deleting_unknown_alarm": "ResourceNotFound",
    },
    "delivery": {
        "messages": "twice",
        "key_conditions": "not supported",
        "schedule_source": "schedule",
        "failed_messages": "at once",
        "failing_pipe": "pauses",
        "refused_pipe": "disabled",
    },
    "states": {
        "too_large": "caught by its name",
        "timeout_cause": "absent",
    },
}


def under_harsh_answers(document: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario's document with the harsh answer to each question that it does not answer itself."""
    own = document.get("unsure", {})
    return {**document, "unsure": {service: {**answers, **own.get(service, {})} for service, answers in HARSH.items()}}
