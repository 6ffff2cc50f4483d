"""What docs/deploy.md promises about SageMaker, alarms and files, of every call of every scenario.

Interlock creates and deletes only models, endpoint configs, jobs and alarms of its own, whose names say so. Of
endpoints it touches those that a policy names, and deletes only one that the very same release has created. It starts
the pipelines that a policy names, and gives a verdict only where no person has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml

from rehearsal.account.gateway import Call
from tests.rehearsal.proofs.rehearsals import Played, Rehearsals

READS = ("Describe", "List", "Get", "Head")

MONITORING_BUCKET = "interlock-monitoringbucket-"
"""How the name of the stack's bucket for monitoring begins."""


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
    """An endpoint, or an inference component."""
    made, (name,) = call.operation.replace("Delete", "Create"), call.request.values()
    own = {
        execution
        for release in played.result.releases
        if call.caller.execution in release.executions
        for execution in release.executions
    }
    return any(
        other.operation == made and other.caller.execution in own and name in other.request.values() and not other.error
        for other in played.calls_of_roles()
    )


def of_a_component_in_a_policy(call: Call, played: Played) -> bool:
    named = call.request["InferenceComponentName"]
    stages = (stage for policy in _policies(played) for stage in policy.get("stages") or ())
    endpoints = {stage["endpoint"] for stage in stages if (stage.get("hosting") or {}).get("component") == named}
    return bool(endpoints) and call.request.get("EndpointName") in (None, *endpoints)


def for_a_person_to_approve(call: Call, played: Played) -> bool:
    return call.request["ModelApprovalStatus"] == "PendingManualApproval"


def named_by_a_policy(call: Call, played: Played) -> bool:
    """The pipeline is one that a policy names."""
    return call.request["PipelineName"] in {
        (policy.get("retraining") or {}).get("pipeline") for policy in _policies(played)
    }


def into_its_own_bucket(call: Call, played: Played) -> bool:
    """Results of a job of ours go nowhere else."""
    outputs = call.request["ProcessingOutputConfig"]["Outputs"]
    return own("ProcessingJobName")(call, played) and all(
        output["S3Output"]["S3Uri"].startswith(f"s3://{MONITORING_BUCKET}") for output in outputs
    )


def on_the_sample_of_a_policy(call: Call, played: Played) -> bool:
    """A transform job of a model of ours, over a sample that a policy names, into the folder of the stack."""
    hosting = (stage.get("hosting") or {} for policy in _policies(played) for stage in policy.get("stages") or ())
    samples = {each["sample"]["input"] for each in hosting if "sample" in each}
    source = call.request["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    into = call.request["TransformOutput"]["S3OutputPath"].startswith("s3://models-123456789012/batch/")
    return own("TransformJobName")(call, played) and own("ModelName")(call, played) and source in samples and into


def in_its_own_folders(call: Call, played: Played) -> bool:
    """If it is a role of the stack; that of a model or a pipeline writes where its owner lets it."""
    folder = call.request["Key"].partition("/")[0]
    own = ":role/interlock-" in call.caller.principal
    return not own or (call.request["Bucket"].startswith(MONITORING_BUCKET) and folder in FOLDERS)


def of_its_own_and_never_against_a_person(call: Call, played: Played) -> bool:
    """Metadata under names of its own, and a verdict only with its reason beside it and of a version that
    nobody had approved or rejected when it was last looked at."""
    told = call.request["CustomerMetadataProperties"]
    if not all(name.startswith("interlock-") for name in told):
        return False
    if "ModelApprovalStatus" not in call.request:
        return True
    seen = [
        other.response["ModelApprovalStatus"]
        for other in played.calls_of_roles()
        if other.operation == "DescribeModelPackage" and other.response and other.at <= call.at
        if call.request["ModelPackageArn"] in (other.request["ModelPackageName"], other.response["ModelPackageArn"])
    ]
    return "interlock-verdict" in told and seen[-1] == "PendingManualApproval"


def of_what_was_found_or_registered(call: Call, played: Played) -> bool:
    """An artifact of lineage: of a file or of a version, and of nothing else."""
    source = call.request["Source"]["SourceUri"]
    return source.startswith("s3://") or ":model-package/" in source


def with_its_own_action(call: Call, played: Played) -> bool:
    """Nothing is associated that Interlock had no part in."""
    return ":action/interlock-" in call.request["SourceArn"] + call.request["DestinationArn"]


def of_a_variant_in_a_policy(call: Call, played: Played) -> bool:
    """Only variants of endpoints that policies name are scaled."""
    _, endpoint, _, _ = call.request["ResourceId"].split("/")
    return endpoint in _endpoints_of_policies(played)


def under_a_prefix_of_a_policy(call: Call, played: Played) -> bool:
    """A model is copied to where a multi-model endpoint finds its models, and to a key that has the ETag in it."""
    to, etag = f"s3://{call.request['Bucket']}/{call.request['Key']}", call.request["CopySourceIfMatch"]
    prefixes = {
        (stage.get("hosting") or {}).get("prefix") for policy in _policies(played) for stage in policy.get("stages", ())
    }
    pin = hashlib.sha256(etag.encode()).hexdigest()[:8]
    return any(to.startswith(f"{each}/") for each in prefixes if each) and to.endswith(f"-{pin}.tar.gz")


def of_callers_of_a_policys_endpoint(call: Call, played: Played) -> bool:
    """What callers are told, and no other parameter."""
    _, _, _, kind, endpoint, _ = call.request["Name"].split("/")
    return kind == "live" and endpoint in _endpoints_of_policies(played)


FOLDERS = {"runs", "capture", "labels"}
"""Of the monitoring bucket."""

PROMISED: Mapping[tuple[str, str], Callable[[Call, Played], bool]] = {
    ("application-autoscaling", "DeleteScalingPolicy"): of_a_variant_in_a_policy,
    ("application-autoscaling", "DeregisterScalableTarget"): of_a_variant_in_a_policy,
    ("application-autoscaling", "PutScalingPolicy"): of_a_variant_in_a_policy,
    ("application-autoscaling", "PutScheduledAction"): of_a_variant_in_a_policy,
    ("application-autoscaling", "RegisterScalableTarget"): of_a_variant_in_a_policy,
    ("cloudwatch", "DeleteAlarms"): own("AlarmNames"),
    ("cloudwatch", "PutMetricAlarm"): own("AlarmName"),
    ("cloudwatch", "PutMetricData"): lambda call, played: call.request["Namespace"] == "Interlock",
    ("s3", "CopyObject"): under_a_prefix_of_a_policy,
    ("s3", "PutObject"): in_its_own_folders,
    ("sagemaker", "AddAssociation"): with_its_own_action,
    ("sagemaker", "CreateAction"): own("ActionName"),
    ("sagemaker", "CreateArtifact"): of_what_was_found_or_registered,
    ("sagemaker", "CreateEndpoint"): to_its_own_config,
    ("sagemaker", "CreateEndpointConfig"): own("EndpointConfigName"),
    ("sagemaker", "CreateInferenceComponent"): of_a_component_in_a_policy,
    ("sagemaker", "CreateModel"): own("ModelName"),
    ("sagemaker", "CreateModelPackage"): for_a_person_to_approve,
    ("sagemaker", "CreateProcessingJob"): into_its_own_bucket,
    ("sagemaker", "CreateTrainingJob"): own("TrainingJobName"),
    ("sagemaker", "CreateTransformJob"): on_the_sample_of_a_policy,
    ("sagemaker", "DeleteEndpoint"): created_by_this_release,
    ("sagemaker", "DeleteEndpointConfig"): own("EndpointConfigName"),
    ("sagemaker", "DeleteInferenceComponent"): created_by_this_release,
    ("sagemaker", "DeleteModel"): own("ModelName"),
    ("sagemaker", "StartPipelineExecution"): named_by_a_policy,
    ("sagemaker", "StopTransformJob"): own("TransformJobName"),
    ("sagemaker", "UpdateEndpoint"): to_its_own_config_or_the_one_before,
    ("sagemaker", "UpdateEndpointWeightsAndCapacities"): in_a_policy,
    ("sagemaker", "UpdateInferenceComponent"): of_a_component_in_a_policy,
    ("sagemaker", "UpdateModelPackage"): of_its_own_and_never_against_a_person,
    ("sagemaker-runtime", "InvokeEndpoint"): in_a_policy,
    ("ssm", "DeleteParameter"): of_callers_of_a_policys_endpoint,
    ("ssm", "PutParameter"): of_callers_of_a_policys_endpoint,
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
    services = {service for service, _ in PROMISED}
    for call in played.calls_of_roles():
        if call.service in services and not call.operation.startswith(READS):
            yield call


def _endpoints_of_policies(played: Played) -> set[str]:
    return {stage.get("endpoint") for policy in _policies(played) for stage in policy.get("stages") or ()}


def _policies(played: Played) -> list[dict[str, Any]]:
    """Every policy that somebody has written so far into the account, but for one that nobody can read."""
    put = (call.request for call in played.calls if call.operation == "PutParameter")
    texts = (request["Value"] for request in put if "/policies/" in request["Name"])
    return [policy for text in texts if isinstance(policy := _read(text), dict)]


def _read(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return None
