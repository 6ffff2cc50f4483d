"""Builds the pipeline with SageMaker's Python SDK and writes definition.json and definition-on-demand.json.

To emit them again after a change (the SDK is needed for this and for nothing else; no AWS account is needed):

    python3 -m venv .venv/sdk && .venv/sdk/bin/pip install 'sagemaker<3'
    .venv/sdk/bin/python examples/pipeline/build.py

Everything that depends on the account (bucket, role, image of the Region) is a pipeline parameter without a default, so
that the definition is the same everywhere. create.py gives the parameters their defaults.

There are two files because managed spot training cannot be switched by a parameter: MaxWaitTimeInSeconds must be there
with spot and must not be there without it (aws/sagemaker-python-sdk#4140).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from unittest.mock import MagicMock

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")

from sagemaker.drift_check_baselines import DriftCheckBaselines
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.metadata_properties import MetadataProperties
from sagemaker.model import Model
from sagemaker.model_metrics import MetricsSource, ModelMetrics
from sagemaker.processing import ProcessingInput, ProcessingOutput, Processor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.parameters import ParameterFloat, ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.steps import ProcessingStep, TrainingStep

HERE = Path(__file__).resolve().parent
ROOT = "/opt/ml/processing"
KINDS = {  # kind of monitor: name of the step that writes its baseline
    "data_quality": "DataQualityBaseline",
    "model_quality": "ModelQualityBaseline",
    "bias": "BiasBaseline",
    "attribution": "AttributionBaseline",
}

# Set by create.py, or by whoever starts an execution.
CODE = ParameterString("Code")  # s3:// folder of the scripts
MONITOR = ParameterString("Monitor")  # s3:// place of Interlock's monitor.py, whose name must be monitor.py
INPUT = ParameterString("InputData")  # s3:// folder of the CSV files to train on
OUTPUT = ParameterString("Output")  # s3:// folder for all that an execution writes
ROLE = ParameterString("Role")
IMAGE = ParameterString("Image")
GROUP = ParameterString("ModelPackageGroup", default_value="churn")

LABEL = ParameterString("Label", default_value="churned")
POSITIVE = ParameterString("Positive", default_value="1")
TIME = ParameterString("TimeColumn", default_value="observed")
MINIMUM = ParameterFloat("MinimumAccuracy", default_value=0.6)
TREES = ParameterInteger("Trees", default_value=60)
PROCESSING_TYPE = ParameterString("ProcessingInstanceType", default_value="ml.m5.large")
TRAINING_TYPE = ParameterString("TrainingInstanceType", default_value="ml.m5.large")
MAX_WAIT = ParameterInteger("MaxWaitSeconds", default_value=7200)

# Interlock passes those of these that a pipeline declares. The defaults stand for "nobody said".
SIGNAL_KIND = ParameterString("SignalKind", default_value="person")
SIGNAL_EVIDENCE = ParameterString("SignalEvidence", default_value="none")
CHAMPION = ParameterString("ChampionVersion", default_value="none")
CHAMPION_MODEL = ParameterString("ChampionModelData", default_value="none")
START = ParameterString("DataWindowStart", default_value="any")
END = ParameterString("DataWindowEnd", default_value="any")
RETRAINING = ParameterString("RetrainingName", default_value="none")

SHARED = [CODE, MONITOR, INPUT, OUTPUT, ROLE, IMAGE, GROUP, LABEL, POSITIVE, TIME, MINIMUM, TREES]
TYPES = [PROCESSING_TYPE, TRAINING_TYPE]
FROM_INTERLOCK = [SIGNAL_KIND, SIGNAL_EVIDENCE, CHAMPION, CHAMPION_MODEL, START, END, RETRAINING]


def session() -> PipelineSession:
    """A session that never calls AWS: every value of the account is a parameter."""
    quiet = {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}
    boto = MagicMock(region_name="eu-west-1")
    return PipelineSession(
        boto_session=boto, sagemaker_client=MagicMock(), default_bucket="unused", sagemaker_config=quiet
    )


def under(*parts: object) -> Join:
    """A place in S3: the parts, joined by "/"."""
    return Join(on="/", values=list(parts))


def written(*parts: str) -> Join:
    """A place that belongs to one execution."""
    return under(OUTPUT, ExecutionVariables.PIPELINE_EXECUTION_ID, *parts)


def output_of(step: ProcessingStep, name: str) -> object:
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri


def job(at: PipelineSession, entrypoint: list[str]) -> Processor:
    """A processing job on one instance of the stock scikit-learn image."""
    return Processor(
        role=ROLE,
        image_uri=IMAGE,
        instance_count=1,
        instance_type=PROCESSING_TYPE,
        entrypoint=entrypoint,
        max_runtime_in_seconds=3600,
        sagemaker_session=at,
    )


def code(script: str) -> ProcessingInput:
    return ProcessingInput(input_name="code", source=under(CODE, script), destination=f"{ROOT}/input/code")


def prepare(at: PipelineSession) -> ProcessingStep:
    names = ("train", "validation", "test", "features")  # none begins another: S3 goes by prefixes
    arguments = ["--label", LABEL, "--time-column", TIME, "--since", START, "--until", END]
    done = job(at, ["python3", f"{ROOT}/input/code/preprocess.py"]).run(
        inputs=[
            code("preprocess.py"),
            ProcessingInput(input_name="data", source=INPUT, destination=f"{ROOT}/input/data"),
        ],
        outputs=[
            ProcessingOutput(output_name=name, source=f"{ROOT}/output/{name}", destination=written(name))
            for name in names
        ],
        arguments=arguments,
    )
    return ProcessingStep("Prepare", step_args=done)


def train(at: PipelineSession, prepared: ProcessingStep, spot: bool) -> TrainingStep:
    on_spot = {
        "use_spot_instances": True,
        "max_wait": MAX_WAIT,
        "checkpoint_s3_uri": written("checkpoints"),
        "checkpoint_local_path": "/opt/ml/checkpoints",
    }
    estimator = Estimator(
        image_uri=IMAGE,
        role=ROLE,
        instance_count=1,
        instance_type=TRAINING_TYPE,
        base_job_name="churn-train",  # else the SDK takes the name from the place of the code, which is a parameter
        output_path=written("model"),
        source_dir=under(CODE, "sourcedir.tar.gz"),
        entry_point="train.py",  # the SDK adds sagemaker_region; in the container AWS_REGION comes before it
        hyperparameters={"label": LABEL, "positive": POSITIVE, "trees": TREES},
        max_run=3600,
        disable_profiler=True,
        debugger_hook_config=False,
        sagemaker_session=at,
        **(on_spot if spot else {}),
    )
    channels = {
        name: TrainingInput(output_of(prepared, name), content_type="text/csv") for name in ("train", "validation")
    }
    return TrainingStep("Train", step_args=estimator.fit(inputs=channels))


def evaluate(at: PipelineSession, prepared: ProcessingStep, model: object, report: PropertyFile) -> ProcessingStep:
    done = job(at, ["python3", f"{ROOT}/input/code/evaluate.py"]).run(
        inputs=[
            code("evaluate.py"),
            ProcessingInput(input_name="model", source=model, destination=f"{ROOT}/input/model"),
            ProcessingInput(input_name="test", source=output_of(prepared, "test"), destination=f"{ROOT}/input/test"),
        ],
        outputs=[
            ProcessingOutput(output_name=name, source=f"{ROOT}/output/{name}", destination=written(name))
            for name in ("evaluation", "predictions", "labels")
        ],
        arguments=[
            *("--label", LABEL, "--positive", POSITIVE),
            *("--champion-version", CHAMPION, "--champion-model", CHAMPION_MODEL),
        ],
    )
    return ProcessingStep("Evaluate", step_args=done, property_files=[report])


def baseline(
    at: PipelineSession, kind: str, prepared: ProcessingStep, evaluated: ProcessingStep, model: object
) -> ProcessingStep:
    """A job of Interlock's monitor that writes what the monitor of this kind compares with later.

    The inputs' statistics are those of the training data; model quality and bias are those of the test rows, as an
    endpoint would have captured them; for attribution the new model is asked, which has no endpoint yet.
    """
    places = {
        "training": output_of(prepared, "features"),
        "capture": output_of(evaluated, "predictions"),
        "labels": output_of(evaluated, "labels"),
        "model": model,
    }
    needed = {"data_quality": ["training"], "attribution": ["training", "model"]}.get(kind, ["capture", "labels"])
    inputs = {"code": MONITOR, "config": under(CODE, "monitors", kind, "config.json")}
    script = "monitor.py"
    if kind == "attribution":
        script = "attribution_baseline.py"
        inputs |= {"code": under(CODE, script), "monitor": MONITOR}
    inputs |= {name: places[name] for name in needed}
    done = job(at, ["python3", f"{ROOT}/input/code/{script}"]).run(
        inputs=[
            ProcessingInput(input_name=name, source=source, destination=f"{ROOT}/input/{name}")
            for name, source in inputs.items()
        ],
        outputs=[
            ProcessingOutput(output_name="baseline", source=f"{ROOT}/output", destination=written("baselines", kind))
        ],
    )
    return ProcessingStep(KINDS[kind], step_args=done)


def register(at: PipelineSession, model: object, evaluated: ProcessingStep, baselines: dict) -> ModelStep:
    """One version, which a person or Interlock's gate approves."""

    def file(kind: str, name: str) -> MetricsSource:
        return MetricsSource(
            s3_uri=under(output_of(baselines[kind], "baseline"), name), content_type="application/json"
        )

    evaluation = MetricsSource(
        s3_uri=under(output_of(evaluated, "evaluation"), "evaluation.json"), content_type="application/json"
    )
    serving = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
    registered = Model(image_uri=IMAGE, model_data=model, role=ROLE, env=serving, sagemaker_session=at).register(
        model_package_group_name=GROUP,
        approval_status="PendingManualApproval",
        content_types=["text/csv"],
        response_types=["text/csv"],
        inference_instances=["ml.m5.large", "ml.m5.xlarge"],
        transform_instances=["ml.m5.large"],
        model_metrics=ModelMetrics(
            model_statistics=evaluation,
            model_constraints=file("model_quality", "constraints.json"),
            model_data_statistics=file("data_quality", "statistics.json"),
            model_data_constraints=file("data_quality", "constraints.json"),
            bias=file("bias", "analysis.json"),
            explainability=file("attribution", "analysis.json"),
        ),
        drift_check_baselines=DriftCheckBaselines(
            model_data_statistics=file("data_quality", "statistics.json"),
            model_data_constraints=file("data_quality", "constraints.json"),
            model_statistics=evaluation,
            model_constraints=file("model_quality", "constraints.json"),
            bias_pre_training_constraints=file("bias", "analysis.json"),
            bias_post_training_constraints=file("bias", "analysis.json"),
            explainability_constraints=file("attribution", "analysis.json"),
        ),
        metadata_properties=MetadataProperties(generated_by=ExecutionVariables.PIPELINE_EXECUTION_ARN),
        customer_metadata_properties={
            "signal_kind": SIGNAL_KIND,
            "signal_evidence": SIGNAL_EVIDENCE,
            "champion_version": CHAMPION,
            "data_window_start": START,
            "data_window_end": END,
            "retraining": RETRAINING,
        },
    )
    return ModelStep("Churn", step_args=registered)


def pipeline(spot: bool) -> Pipeline:
    """The whole pipeline; `spot` trains on managed spot instances with checkpoints."""
    at = session()
    report = PropertyFile(name="Evaluation", output_name="evaluation", path="evaluation.json")
    prepared = prepare(at)
    trained = train(at, prepared, spot)
    model = trained.properties.ModelArtifacts.S3ModelArtifacts
    evaluated = evaluate(at, prepared, model, report)
    baselines = {kind: baseline(at, kind, prepared, evaluated, model) for kind in KINDS}
    accuracy = JsonGet(
        step_name=evaluated.name, property_file=report, json_path="binary_classification_metrics.accuracy.value"
    )
    good = ConditionStep(
        "AccurateEnough",
        conditions=[ConditionGreaterThanOrEqualTo(left=accuracy, right=MINIMUM)],
        if_steps=[*baselines.values(), register(at, model, evaluated, baselines)],
        else_steps=[],
    )
    parameters = [*SHARED, *TYPES, *([MAX_WAIT] if spot else []), *FROM_INTERLOCK]
    return Pipeline(
        "churn-train", parameters=parameters, steps=[prepared, trained, evaluated, good], sagemaker_session=at
    )


def main() -> None:
    for name, spot in (("definition.json", True), ("definition-on-demand.json", False)):
        text = json.dumps(json.loads(pipeline(spot).definition()), indent=1)
        (HERE / name).write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(f"wrote {name}\n")


if __name__ == "__main__":
    main()
