"""Each rule wakes Interlock for what it is meant for and for nothing that merely looks like it.

The golden events in ``events/`` have the shape of AWS's own examples, docs:
sagemaker/latest/dg/automating-sagemaker-with-eventbridge,
AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge, step-functions/latest/dg/eventbridge-integration,
systems-manager/latest/userguide/monitoring-systems-manager-event-examples.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rehearsal.services.event_patterns import compile_pattern
from tests.contract.documents import of_type, resolved

Event = dict[str, Any]

EVENTS = {path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "events").glob("*.json"))}

NEAR_MISSES: list[tuple[str, str, Any]] = [
    ("model_package_approved", "detail-type", "SageMaker Model State Change"),
    ("model_package_approved", "source", "somebody.else"),
    ("model_package_rejected", "source", "somebody.else"),
    ("model_package_life_cycle", "source", "somebody.else"),
    ("endpoint_in_service", "detail-type", "SageMaker Endpoint Config State Change"),
    ("endpoint_in_service", "source", "somebody.else"),
    ("endpoint_in_service", "detail.EndpointStatus", "UPDATING"),
    ("endpoint_in_service", "detail.EndpointStatus", "SYSTEM_UPDATING"),
    ("endpoint_deployment_settled", "detail.EndpointStatus", "UPDATING"),
    ("endpoint_deployment_settled", "detail.EndpointStatus", "ROLLING_BACK"),
    ("alarm_raised", "detail.state.value", "OK"),
    ("alarm_raised", "detail.state.value", "INSUFFICIENT_DATA"),
    ("alarm_raised", "detail-type", "CloudWatch Alarm Configuration Change"),
    ("execution_failed", "detail.status", "SUCCEEDED"),
    ("execution_failed", "detail.status", "RUNNING"),
    ("execution_stopped", "detail.stateMachineArn", "arn:aws:states:us-east-1:111122223333:stateMachine:SomebodyElses"),
    ("violations_written", "detail-type", "Object Deleted"),
    ("violations_written", "detail.object.key", "results/churn/inputs/2026/01/05/09/statistics.json"),
    ("violations_written", "detail.object.key", "results/churn/old_constraint_violations.json"),
    ("training_data_written", "detail.bucket.name", "somebody-elses"),
    ("training_data_written", "detail.object.key", "capture/churn/AllTraffic/2026/01/05/09/records.jsonl"),
    ("processing_job_ended", "detail.ProcessingJobStatus", "InProgress"),
    ("processing_job_ended", "detail.ProcessingJobName", "somebody-elses-job"),
    ("pipeline_ended", "detail.currentPipelineExecutionStatus", "Executing"),
    ("pipeline_ended", "detail.currentPipelineExecutionStatus", "Stopping"),
    ("custom_signal_sent", "detail-type", "Interlock Signals"),
    ("parameter_changed", "detail.name", "/interlock/another-stack/policies/digits"),
    ("parameter_changed", "detail.name", "/somebody/elses"),
    ("parameter_changed", "detail.operation", "Delete"),
    ("training_job_ended", "detail.TrainingJobStatus", "InProgress"),
    ("training_job_ended", "detail.TrainingJobStatus", "Stopping"),
    ("training_job_ended", "detail.TrainingJobStatus", "Deleting"),
    ("training_job_ended", "detail.TrainingJobName", "somebody-elses"),
    ("transform_job_ended", "detail.TransformJobStatus", "InProgress"),
    ("transform_job_ended", "detail.TransformJobStatus", "Stopping"),
    ("transform_job_ended", "detail.TransformJobName", "somebody-elses"),
    ("training_job_ended", "detail-type", "SageMaker Training Plan State Change"),
    ("awaited_execution_ended", "detail.status", "RUNNING"),
    ("awaited_execution_ended", "detail.status", "PENDING_REDRIVE"),
    ("awaited_execution_ended", "detail.stateMachineArn", "arn:aws:states:us-east-1:111122223333:stateMachine:Other"),
    ("awaited_execution_ended", "source", "somebody.else"),
]
"""An event, the field in which it differs, and what stands there instead."""

HEARD_TOO: list[tuple[str, str, Any]] = [
    ("endpoint_in_service", "detail.EndpointStatus", "FAILED"),
    ("endpoint_in_service", "detail.EndpointStatus", "OUT_OF_SERVICE"),
    ("execution_failed", "detail.status", "TIMED_OUT"),
    ("execution_failed", "detail.status", "ABORTED"),
    ("parameter_changed", "detail.operation", "Create"),
    ("parameter_changed", "detail.operation", "Update"),
    ("pipeline_ended", "detail.currentPipelineExecutionStatus", "Failed"),
    ("pipeline_ended", "detail.currentPipelineExecutionStatus", "Stopped"),
    ("processing_job_ended", "detail.ProcessingJobName", "model-monitoring-202601050900-ab12"),
    ("processing_job_ended", "detail.ProcessingJobStatus", "Failed"),
    ("processing_job_ended", "detail.ProcessingJobStatus", "Stopped"),
    ("training_job_ended", "detail.TrainingJobStatus", "Failed"),
    ("training_job_ended", "detail.TrainingJobStatus", "Stopped"),
    ("awaited_execution_ended", "detail.status", "TIMED_OUT"),
    ("awaited_execution_ended", "detail.status", "ABORTED"),
]
"""An event, and another end of the same thing that somebody waits for just as much."""


def _matching(event: Event) -> list[str]:
    """The rules of the template that ``event`` would wake."""
    return [name for name, pattern in _patterns().items() if compile_pattern(json.dumps(pattern))(event)]


def _patterns() -> dict[str, Any]:
    rules = {name: rule["Properties"] for name, rule in of_type("AWS::Events::Rule").items()}
    return {name: resolved(rule["EventPattern"]) for name, rule in rules.items() if "EventPattern" in rule}


def _changed(event: Event, field: str, value: Any) -> Event:
    """``event`` with ``value`` at the dotted ``field``, which it must have."""
    head, _, rest = field.partition(".")
    assert head in event, field
    return {**event, head: _changed(event[head], rest, value) if rest else value}


@pytest.mark.parametrize("name", EVENTS)
def test_a_golden_event_wakes_exactly_one_rule(name: str) -> None:
    assert len(_matching(EVENTS[name])) == 1, _matching(EVENTS[name])


@pytest.mark.parametrize(("name", "field", "value"), NEAR_MISSES)
def test_a_near_miss_wakes_none(name: str, field: str, value: Any) -> None:
    assert _matching(_changed(EVENTS[name], field, value)) == []


@pytest.mark.parametrize("name", EVENTS)
@pytest.mark.parametrize(("field", "elsewhere"), [("account", "999999999999"), ("region", "us-west-2")])
def test_an_event_of_another_account_or_region_wakes_none(name: str, field: str, elsewhere: str) -> None:
    """A bus may get events that other buses send on."""
    assert _matching(_changed(EVENTS[name], field, elsewhere)) == []


@pytest.mark.parametrize(("name", "field", "value"), HEARD_TOO)
def test_every_way_to_end_wakes_the_same_rule(name: str, field: str, value: Any) -> None:
    assert _matching(_changed(EVENTS[name], field, value)) == _matching(EVENTS[name])


def test_every_rule_has_a_golden_event() -> None:
    woken = {rule for event in EVENTS.values() for rule in _matching(event)}
    assert set(_patterns()) - woken == set()


def test_every_golden_event_has_a_near_miss() -> None:
    assert {name for name, _, _ in NEAR_MISSES} == set(EVENTS)
