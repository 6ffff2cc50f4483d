"""How long things take, and what AWS's documentation leaves open: one named choice each, so that a scenario can try
both.

Durations are seconds of virtual time. Where a source is named, the duration follows it; the others are plausible and
no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Options:
    """Durations first, then the open questions.

    `crash_loop_seconds`: a container that never gets healthy fails after about 24 minutes (third-party report).
    `alarm_poll_seconds`: SageMaker polls rollback alarms (docs: deployment-guardrails-configuration), how often is
    unknown.
    `capture_delay_seconds`: after its end a file of captured data is in S3 ("a couple of minutes" at most).
    `processing_start_seconds`, `processing_run_seconds`: a processing job has its instances after so long, and its
    program takes so long, beside what it slept.
    `training_start_seconds`, `training_run_seconds`: as of processing jobs.
    `step_poll_seconds`: how often a pipeline looks at the job of a step.
    `spot_interruptions`: how often a spot instance is taken away from a training job, each time after its first new
    checkpoint; `spot_wait_seconds` later there is another instance.
    `rollback_reason`: FailureReason after a rollback is "given" or "silent" (terraform-provider-aws #39099, #46663,
    #48997).
    `alarm_at_start`: an alarm already in ALARM when a deployment starts ends it at the first look, or refuses the
    update.
    `unknown_alarm`: a rollback alarm that does not exist is refused, or ignored.
    `canary_share`: a canary of p percent gets the share of the whole instances it comes to, or exactly p percent.
    `mixed_fleet`: after a failed rollback of a rolling deployment the variant is described with the instances that were
    wanted before ("as wanted"), or with those that are left of the old fleet ("as left").
    `other_variant_names`: a DeploymentConfig for an update to other variant names, which the documentation forbids, is
    "refused", or "ignored": all traffic moves at once (docs: deployment-guardrails-exclusions).
    `serverless_guardrails`: guardrails are for real-time and asynchronous endpoints only (docs: deployment-guardrails,
    note); a DeploymentConfig for a serverless endpoint is "refused", or "ignored": all traffic moves at once.
    `serverless_retained`: RetainAllVariantProperties, which is about weights and instance counts (botocore
    UpdateEndpoint), is "refused" for a serverless endpoint, or "ignored".
    `promoted_shadow`: an update that makes a shadow variant a production variant of the same name is "taken", as
    SageMaker does it when it promotes a shadow at the end of an experiment (botocore StopInferenceExperiment), or
    "refused".
    `failed_component`: an update of an inference component whose copies do not start ends with the component "in
    service" as it was, as after an alarm, or "failed" (botocore has both statuses and does not say).
    `endpoint_with_components`: the deletion of an endpoint that has inference components is "refused"
    (aws/amazon-sagemaker-feedback #49), or they are "left behind" (public code tells so).
    `async_config_metrics`: whether the metrics of asynchronous endpoints, too, come with the third dimension
    EndpointConfigName during a deployment: "published", or "absent" (docs: async-inference-monitor does not name it).
    `mixed_networks`: whether the models of one endpoint config may have different networks is not documented:
    "accepted", or "refused".
    `empty_prefix`: CreateModel of a multi-model container over a prefix without a model is "accepted", or "refused".
    `model_loading_seconds`: so long a request waits for a model that is not loaded.
    `first_named`: the first request that names a model is "answered" after that, or gets "ModelNotReadyException" until
    the model is loaded, as where that takes more than 60 seconds (docs: invoke-multi-model-endpoint).
    `missing_named`: a request that names a model whose object is not there gets a "ValidationError", or a "ModelError".
    `all_zero_weights`: when every weight is 0, requests reach "nobody" or "everybody" alike.
    `autoscaling_status`: a capacity change by autoscaling shows as "Updating", or the endpoint stays "InService".
    `describe_lag`: DescribeEndpoint answers how an endpoint is at once, or how it was for 90 seconds after a change was
    accepted. No bound is documented; consistency after a change is not promised either.
    `capacities_per_call`: UpdateEndpointWeightsAndCapacities takes the capacity of "one" variant per call (botocore's
    documentation of the operation) or of "several".
    `config_metrics`: metrics with the third dimension EndpointConfigName come from the "new fleet" of a deployment
    only, or from "every fleet".
    `changed_fields`: model package events list UpdatedModelPackageFields, or not (older captures lack it).
    `endpoint_events`: the events of an endpoint are "as documented", or "as captured" in 2023 (a public test fixture):
    without EndpointConfigName, and with a FailureReason that is null.
    `unapproved_package`: CreateModel of a version that is not Approved is refused (docs: model-registry-deploy), or
    accepted.
    `package_arns`: the ARN of a model package has its group's name in "lower case", and is found in any case, or
    "as written", and is found as written only (aws-samples/ml-edge-getting-started #18, #19; boto3 #4606).
    `tags_seen`: tags are told, and looked at by IAM, "at once", or "after a minute" (sagemaker-python-sdk #3662 and
    terraform-provider-aws #15572 wait for them; no bound is known).
    `package_etag`: the registry has "recorded" the ETag of a version's artifact when it was registered, as it resolves
    the digest of an image in ECR, or the ETag is "absent" unless it was given (botocore ModelPackageContainerDefinition
    does not say who sets it).
    `package_events`: the event of a version tells its containers ("whole", as the sample in docs:
    automating-sagemaker-with-eventbridge does), or not ("without containers": the schema from which CDK makes its event
    patterns names none).
    `model_etag`: where a model names the ETag of its artifact, SageMaker has it "checked" when the model is made and
    when a container starts, or it is "ignored" (botocore S3ModelDataSource does not say what it is for).
    `missing_artifact`: a model whose artifact is gone is refused by CreateModel, or found out when its container
    starts.
    `captured_failures`: requests that the container did not answer with 200 are "absent" from the captured data, or
    "captured" with the answer they got.
    `missing_input`: a processing job whose S3Uri has no objects "fails", or is "refused" as a training job is
    (aws/amazon-sagemaker-examples #2267, #2489).
    `runtime_exceeded`: a processing job that takes longer than it may is "Stopped" as a training job is, or "Failed".
    `failed_outputs`: what a failed program wrote is "lost" (of outputs that are uploaded at the end), or "uploaded".
    `exit_message_in_event`: the event of a processing job's end has its ExitMessage, or not (the documentation's sample
    has none).
    `package_artifact`: SageMaker has "made" an artifact for each registered version (docs:
    lineage-tracking-auto-creation), or none.
    `create_artifact`: CreateArtifact works "anywhere" (sagemaker-experiments #135), or only "inside SageMaker", as it
    did until 2021 (sagemaker-python-sdk #2010).
    `repeated_association`: the association that there is already is "taken" for the same one, or "refused".
    `lineage_arns`: the names in the ARNs of actions and contexts are in "lower case", or "as given".
    `transform_outputs`: the output of a transform job lies under S3OutputPath by the "name" of its input (docs:
    batch-transform), or "with folder" of the input in between (the example of botocore TransformOutput.S3OutputPath).
    `processing_instances`: how many instances of a type all processing jobs together may have.
    """

    create_seconds: float = 240.0
    provision_seconds: float = 240.0
    crash_loop_seconds: float = 1440.0
    shift_seconds: float = 15.0
    terminate_seconds: float = 60.0
    weights_seconds: float = 60.0
    capacity_seconds: float = 180.0
    delete_seconds: float = 45.0
    alarm_poll_seconds: float = 20.0
    invocation_latency_us: float = 12_000.0
    capture_delay_seconds: float = 60.0
    processing_start_seconds: float = 180.0
    processing_run_seconds: float = 60.0
    processing_instances: int = 20
    transform_start_seconds: float = 240.0
    transform_run_seconds: float = 60.0
    training_start_seconds: float = 150.0
    training_stop_seconds: float = 30.0
    training_run_seconds: float = 300.0
    spot_wait_seconds: float = 600.0
    model_loading_seconds: float = 5.0
    step_poll_seconds: float = 15.0

    spot_interruptions: int = 0

    rollback_reason: Literal["given", "silent"] = "given"
    alarm_at_start: Literal["rolls back", "refused"] = "rolls back"
    unknown_alarm: Literal["refused", "ignored"] = "refused"
    canary_share: Literal["instances", "percent"] = "instances"
    mixed_fleet: Literal["as wanted", "as left"] = "as wanted"
    other_variant_names: Literal["refused", "ignored"] = "ignored"
    serverless_guardrails: Literal["refused", "ignored"] = "refused"
    serverless_retained: Literal["refused", "ignored"] = "refused"
    promoted_shadow: Literal["taken", "refused"] = "taken"
    failed_component: Literal["in service", "failed"] = "in service"
    endpoint_with_components: Literal["refused", "left behind"] = "refused"
    async_config_metrics: Literal["published", "absent"] = "published"
    mixed_networks: Literal["accepted", "refused"] = "accepted"
    empty_prefix: Literal["accepted", "refused"] = "accepted"
    first_named: Literal["answered", "ModelNotReadyException"] = "answered"
    missing_named: Literal["ValidationError", "ModelError"] = "ValidationError"
    all_zero_weights: Literal["nobody", "everybody"] = "nobody"
    autoscaling_status: Literal["Updating", "InService"] = "InService"
    describe_lag: Literal["none", "90 seconds"] = "none"
    capacities_per_call: Literal["one", "several"] = "one"
    config_metrics: Literal["new fleet", "every fleet"] = "new fleet"
    changed_fields: Literal["listed", "absent"] = "listed"
    endpoint_events: Literal["as documented", "as captured"] = "as documented"
    unapproved_package: Literal["refused", "accepted"] = "refused"
    package_arns: Literal["lower case", "as written"] = "lower case"
    tags_seen: Literal["at once", "after a minute"] = "at once"
    package_etag: Literal["recorded", "absent"] = "recorded"
    package_events: Literal["whole", "without containers"] = "whole"
    model_etag: Literal["checked", "ignored"] = "checked"
    missing_artifact: Literal["refused", "found out"] = "refused"
    captured_failures: Literal["absent", "captured"] = "absent"
    missing_input: Literal["fails", "refused"] = "fails"
    runtime_exceeded: Literal["Stopped", "Failed"] = "Stopped"
    failed_outputs: Literal["lost", "uploaded"] = "lost"
    transform_outputs: Literal["name", "with folder"] = "name"
    exit_message_in_event: Literal["absent", "present"] = "absent"
    package_artifact: Literal["made", "absent"] = "made"
    create_artifact: Literal["anywhere", "inside SageMaker"] = "anywhere"
    repeated_association: Literal["taken", "refused"] = "taken"
    lineage_arns: Literal["lower case", "as given"] = "lower case"
