"""The one request that starts a retraining, and how its end is awaited."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from interlock.model.aws_errors import message
from interlock.model.names import (
    EXECUTION_NAME_LIMIT,
    GROUP_TAG,
    RESOURCE_PREFIX,
    SAGEMAKER_NAME_LIMIT,
    STACK_TAG,
    as_tags,
    shortened,
)
from interlock.model.notices import Notice, about_group
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.retraining.section import LONGEST_VALUE, Retraining, as_text

PATIENCE = 3600
"""Seconds after which the machine looks for itself, should the event of the end be lost."""

TIMEOUT = 5 * 86400
"""Seconds after which Interlock stops waiting: the longest training job (botocore StoppingCondition: 28 days at most,
one day by default) is rarely this long."""

LONGEST_DISPLAY_NAME = 82
LONGEST_DESCRIPTION = 3072
"""Of an execution (botocore StartPipelineExecution)."""

TAG = "interlock:retraining"


class PlanFacts(TypedDict):
    """A retraining that was decided. ``stack``: whose it is; ``now``: when it began, the same at each attempt;
    ``signal``: what it answers; ``champion``: the live version and since when, or null; ``package``: what ``observe``
    answered about the champion, ``found`` (DescribeModelPackage) or ``error``; ``window``: the training data to use, if
    the caller knows it; ``pipeline``: what ``observe`` answered about the pipeline: ``found`` (DescribePipeline, or
    only its ``parameters``) or ``error`` and ``cause``."""

    stack: str
    now: str
    group: str
    name: str
    endpoint: str
    signal: Mapping[str, Any]
    champion: Mapping[str, Any] | None
    package: NotRequired[Mapping[str, Any] | None]
    window: NotRequired[Mapping[str, str] | None]
    pipeline: NotRequired[Mapping[str, Any] | None]


class Start(TypedDict):
    """A call of AWS."""

    action: str
    request: Request


class RetrainingPlan(TypedDict):
    """``status``: Start, Look (ask ``look``, then plan again with its answer as ``pipeline``) or Refused. ``start``:
    the call that starts the training; ``awaited``: the kind of execution that it starts, and its name; ``patience`` and
    ``timeout`` in seconds."""

    status: str
    reason: str
    sentence: str
    look: NotRequired[Start]
    start: NotRequired[Start]
    awaited: NotRequired[dict[str, str]]
    patience: NotRequired[int]
    timeout: NotRequired[int]
    notice: NotRequired[Notice]


class _Impossible(ValueError):
    """The training cannot be asked for; the message says why."""


def plan(facts: PlanFacts, section: Retraining) -> RetrainingPlan:
    """How the retraining of ``facts`` starts under the retraining ``section`` of its policy."""
    if section.pipeline is not None and facts.get("pipeline") is None:
        look: Start = {"action": "DescribePipeline", "request": {"PipelineName": section.pipeline}}
        return {"status": "Look", "reason": str(Reason.RETRAINING_RUNNING), "sentence": "", "look": look}
    try:
        start, kind = _start(facts, section)
    except _Impossible as impossible:
        return refused(facts, Reason.RETRAINING_IMPOSSIBLE, str(impossible))
    named = {"PipelineExecution": section.pipeline or "", "StateMachine": section.state_machine or ""}
    said = f"Retraining {facts['name']} of {facts['group']} starts ({start['action']} {named.get(kind, '')}".rstrip()
    return {
        "status": "Start",
        "reason": str(Reason.RETRAINING_STARTED),
        "sentence": f"{said}).",
        "start": start,
        "awaited": {"kind": kind, "name": _name(facts, start)},
        "patience": PATIENCE,
        "timeout": TIMEOUT,
    }


def refused(facts: PlanFacts, reason: Reason, sentence: str) -> RetrainingPlan:
    """No training is asked for, and a person is told why."""
    body = f"{sentence}\n\nRetraining: {facts['name']}\nSignal: {facts['signal'].get('sentence', '')}"
    notice = about_group(facts["group"], "cannot be retrained", body)
    return {"status": "Refused", "reason": str(reason), "sentence": sentence, "notice": notice}


def _start(facts: PlanFacts, section: Retraining) -> tuple[Start, str]:
    if section.pipeline is not None:
        return _pipeline(facts, section.pipeline, section.parameters), "PipelineExecution"
    if section.training_job is not None:
        return _training_job(facts, section.training_job, section.parameters), "TrainingJob"
    return _state_machine(facts, str(section.state_machine), section.parameters), "StateMachine"


def _name(facts: PlanFacts, start: Start) -> str:
    request = start["request"]
    return str(request.get("TrainingJobName") or request.get("name") or facts["name"])


def known(facts: PlanFacts) -> dict[str, str]:
    """What Interlock knows of a retraining, under the names that a pipeline may declare. What is empty is left out:
    SageMaker refuses an empty parameter (sagemaker-python-sdk, issue 4016)."""
    champion, window = facts.get("champion") or {}, facts.get("window") or {}
    values = {
        "SignalKind": facts["signal"].get("kind"),
        "SignalEvidence": facts["signal"].get("evidence"),
        "ChampionVersion": champion.get("version"),
        "ChampionModelData": _artifact(facts.get("package")) if champion else None,
        "DataWindowStart": window.get("start") or champion.get("since"),
        "DataWindowEnd": window.get("end") or facts["now"],
        "RetrainingName": facts["name"],
    }
    return {name: as_text(value)[:LONGEST_VALUE] for name, value in values.items() if value not in (None, "")}


def _artifact(package: Mapping[str, Any] | None) -> str | None:
    """The S3 URI of a package's model artifact. None if it has none: a package may name an https place, or a
    ModelDataSource (botocore ModelPackageContainerDefinition); or several, of which none is the one."""
    try:
        (container,) = (package or {})["found"]["InferenceSpecification"]["Containers"]
        place = container["ModelDataUrl"]
    except (KeyError, TypeError, ValueError):
        return None
    return place if isinstance(place, str) and place.startswith("s3://") else None


def _pipeline(facts: PlanFacts, pipeline: str, constants: Mapping[str, Any]) -> Start:
    """StartPipelineExecution. The token is that of the name, so a second attempt starts nothing new."""
    declared = _declared(pipeline, facts.get("pipeline") or {})
    unknown = sorted(set(constants) - set(declared))
    if unknown:
        allowed = ", ".join(sorted(declared)) or "none"
        raise _Impossible(
            f"Pipeline {pipeline} declares no parameter {', '.join(unknown)}; it declares {allowed}. Correct"
            " retraining.parameters."
        )
    values = known(facts) | {name: as_text(value) for name, value in constants.items()}
    lacking = sorted(name for name, needed in declared.items() if needed and name not in values)
    if lacking:
        raise _Impossible(
            f"Pipeline {pipeline} needs {', '.join(lacking)}, which has no default; write it to retraining.parameters."
        )
    given = [{"Name": name, "Value": values[name]} for name in declared if name in values]
    told = f"{facts['signal'].get('sentence', '')} (started by Interlock as {facts['name']})"
    request: Request = {
        "PipelineName": pipeline,
        "PipelineExecutionDisplayName": shortened(_fit(facts["name"]), LONGEST_DISPLAY_NAME),
        "PipelineExecutionDescription": " ".join(told.split())[:LONGEST_DESCRIPTION],
        "PipelineParameters": given,
        "ClientRequestToken": hashlib.sha256(f"{facts['group']} {facts['name']}".encode()).hexdigest(),
    }
    return {"action": "StartPipelineExecution", "request": request}


def _declared(pipeline: str, answer: Mapping[str, Any]) -> dict[str, bool]:
    """The parameters that a pipeline declares, and whether each needs a value. Its definition is JSON with a list
    ``Parameters`` of Name, Type and DefaultValue (SageMaker pipeline definition schema, 2020-12-01)."""
    if "error" in answer:
        raise _Impossible(
            f"Pipeline {pipeline} could not be read: {message(str(answer.get('cause') or answer['error']))}"
        )
    found = answer.get("found", answer)
    try:
        parameters = found.get("parameters")
        if parameters is None:
            parameters = json.loads(found["PipelineDefinition"]).get("Parameters") or []
        return {
            str(each["Name"] if isinstance(each, Mapping) else each): isinstance(each, Mapping)
            and "DefaultValue" not in each
            for each in parameters
        }
    except (KeyError, ValueError, TypeError, AttributeError):
        raise _Impossible(f"The definition of pipeline {pipeline} is not readable as JSON with Parameters.") from None


def _training_job(facts: PlanFacts, template: Mapping[str, Any], constants: Mapping[str, Any]) -> Start:
    """CreateTrainingJob of the template. ``{SignalKind}`` and the like are filled in where they stand in its texts."""
    filled = _filled(template, known(facts))
    hyperparameters = {str(name): as_text(value) for name, value in (filled.get("HyperParameters") or {}).items()}
    hyperparameters |= {name: as_text(value) for name, value in constants.items()}
    ours = {STACK_TAG: facts["stack"], GROUP_TAG: facts["group"], TAG: facts["name"]}
    theirs = {tag["Key"]: tag["Value"] for tag in filled.get("Tags") or []}
    name = shortened(RESOURCE_PREFIX + _fit(facts["name"]), SAGEMAKER_NAME_LIMIT)
    request = {**filled, "TrainingJobName": name, "Tags": as_tags(theirs | ours)}
    if hyperparameters:
        request["HyperParameters"] = hyperparameters
    return {"action": "CreateTrainingJob", "request": request}


def _filled(value: Any, known_values: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _filled(each, known_values) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(each, known_values) for each in value]
    if isinstance(value, str):
        for name in _PLACEHOLDERS.findall(value):
            if name not in known_values:
                raise _Impossible(f"The template says {{{name}}}, but it is not known now; leave it out.")
            value = value.replace(f"{{{name}}}", known_values[name])
    return value


_PLACEHOLDERS = re.compile(
    r"\{(SignalKind|SignalEvidence|ChampionVersion|ChampionModelData|DataWindowStart|DataWindowEnd|RetrainingName)\}"
)


def _state_machine(facts: PlanFacts, machine: str, constants: Mapping[str, Any]) -> Start:
    """StartExecution. The same name and input start nothing new (Step Functions API, StartExecution)."""
    told = {"group": facts["group"], "endpoint": facts["endpoint"], "parameters": dict(constants), **known(facts)}
    request: Request = {
        "stateMachineArn": machine,
        "name": shortened(_fit(facts["name"]), EXECUTION_NAME_LIMIT),
        "input": json.dumps(told, sort_keys=True),
    }
    return {"action": "StartExecution", "request": request}


def _fit(name: str) -> str:
    """``name`` in letters, digits and hyphens, a letter or digit first and last."""
    return re.sub(r"[^a-zA-Z0-9-]+", "-", name).strip("-") or "retraining"
