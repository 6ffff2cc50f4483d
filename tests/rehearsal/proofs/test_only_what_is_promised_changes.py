"""What docs/deploy.md promises about SageMaker and alarms, of every call of every scenario.

Interlock creates and deletes only models, endpoint configs and alarms of its own, whose names say so. Of endpoints it
touches those that a policy names, and deletes only one that the very same release has created.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from rehearsal.account.gateway import Call
from tests.rehearsal.proofs.rehearsals import Played, Rehearsals

READS = ("Describe", "List", "Get")


def own(member: str) -> Callable[[Call, Played], bool]:
    """The name under this member of the request starts with "interlock-"; of several names, each."""

    def promised(call: Call, played: Played) -> bool:
        given = call.request[member]
        return all(name.startswith("interlock-") for name in ([given] if isinstance(given, str) else given))

    return promised


def in_a_policy(call: Call, played: Played) -> bool:
    return call.request["EndpointName"] in _endpoints_of_policies(played)


def to_its_own_config(call: Call, played: Played) -> bool:
    return in_a_policy(call, played) and own("EndpointConfigName")(call, played)


def to_its_own_config_or_the_one_before(call: Call, played: Played) -> bool:
    """An endpoint that somebody else made is put back on the config that it had."""
    before = {
        other.response["EndpointConfigName"]
        for other in played.calls_of_roles()
        if other.operation == "DescribeEndpoint" and other.response and other.at < call.at
        if other.request["EndpointName"] == call.request["EndpointName"]
    }
    given = call.request["EndpointConfigName"]
    return in_a_policy(call, played) and (own("EndpointConfigName")(call, played) or given in before)


def created_by_this_release(call: Call, played: Played) -> bool:
    own = {
        execution
        for release in played.result.releases
        if call.caller.execution in release.executions
        for execution in release.executions
    }
    return any(
        other.operation == "CreateEndpoint"
        and other.caller.execution in own
        and other.request["EndpointName"] == call.request["EndpointName"]
        and not other.error
        for other in played.calls_of_roles()
    )


def for_a_person_to_approve(call: Call, played: Played) -> bool:
    return call.request["ModelApprovalStatus"] == "PendingManualApproval"


PROMISED: Mapping[tuple[str, str], Callable[[Call, Played], bool]] = {
    ("cloudwatch", "DeleteAlarms"): own("AlarmNames"),
    ("cloudwatch", "PutMetricAlarm"): own("AlarmName"),
    ("cloudwatch", "PutMetricData"): lambda call, played: call.request["Namespace"] == "Interlock",
    ("sagemaker", "CreateEndpoint"): to_its_own_config,
    ("sagemaker", "CreateEndpointConfig"): own("EndpointConfigName"),
    ("sagemaker", "CreateModel"): own("ModelName"),
    ("sagemaker", "CreateModelPackage"): for_a_person_to_approve,
    ("sagemaker", "CreateTrainingJob"): own("TrainingJobName"),
    ("sagemaker", "DeleteEndpoint"): created_by_this_release,
    ("sagemaker", "DeleteEndpointConfig"): own("EndpointConfigName"),
    ("sagemaker", "DeleteModel"): own("ModelName"),
    ("sagemaker", "UpdateEndpoint"): to_its_own_config_or_the_one_before,
    ("sagemaker", "UpdateEndpointWeightsAndCapacities"): in_a_policy,
    ("sagemaker-runtime", "InvokeEndpoint"): in_a_policy,
}
"""Everything that may change anything, and what must hold of it."""


def test_no_call_changes_anything_but_what_is_promised(rehearsals: Rehearsals) -> None:
    seen: set[tuple[str, str]] = set()
    broken: dict[tuple[str, str], str] = {}
    for name, played in rehearsals.all().items():
        for call in _changes(played):
            kind = call.service, call.operation
            seen.add(kind)
            if kind not in PROMISED or not PROMISED[kind](call, played):
                broken.setdefault(
                    kind, f"in scenario {name}, state {call.caller.state}: {call.operation} {call.request}"
                )

    assert not broken, "not promised, the first of each kind:\n" + "\n".join(broken.values())
    assert seen == set(PROMISED), "no scenario does what this should judge"


def _changes(played: Played) -> Iterator[Call]:
    services = {service for service, _ in PROMISED} | {"application-autoscaling"}
    for call in played.calls_of_roles():
        if call.service in services and not call.operation.startswith(READS):
            yield call


def _endpoints_of_policies(played: Played) -> set[str]:
    """The endpoints of every policy that somebody has written so far into the account."""
    texts = (call.request["Value"] for call in played.calls if call.operation == "PutParameter")
    return {endpoint for text in texts for endpoint in _endpoints(text)}


def _endpoints(text: str) -> list[str]:
    try:
        policy: Any = yaml.safe_load(text)
        return [stage["endpoint"] for stage in policy["stages"]]
    except (yaml.YAMLError, ValueError, KeyError, TypeError):
        return []  # a scenario about a policy that nobody can read
