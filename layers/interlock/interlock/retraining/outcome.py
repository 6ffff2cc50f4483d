"""What the end of a retraining means: which version it registered, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NotRequired, TypedDict

from interlock.model.aws_errors import message, says_not_found, verbatim
from interlock.model.notices import Notice, about_group
from interlock.model.quantities import in_words
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.retraining.plan import TIMEOUT
from interlock.retraining.registered import by_steps, moment, since
from interlock.retraining.registration import NotRegistrable, artifact_of, registration

Meaning = Literal["runs", "succeeded", "failed", "stopped"]

STATUSES: dict[str, dict[str, Meaning]] = {
    "PipelineExecutionStatus": {
        "Executing": "runs",
        "Stopping": "runs",
        "Succeeded": "succeeded",
        "Failed": "failed",
        "CompletedWithFailures": "failed",
        "Stopped": "stopped",
    },
    "TrainingJobStatus": {
        "InProgress": "runs",
        "Stopping": "runs",
        "Completed": "succeeded",
        "Failed": "failed",
        "Stopped": "stopped",
        "Deleting": "failed",
    },
    "Status": {
        "RUNNING": "runs",
        "PENDING_REDRIVE": "runs",
        "SUCCEEDED": "succeeded",
        "FAILED": "failed",
        "TIMED_OUT": "failed",
        "ABORTED": "stopped",
    },
}
"""What each status means, by the field of the answer that has it (botocore DescribePipelineExecution,
DescribeTrainingJob; DescribeExecution, whose fields Step Functions' SDK integrations write with a capital). Any other
status is a failure: AWS adds ends, such as CompletedWithFailures, and a new one must not count as a success."""

ADVICE = {
    Reason.RETRAINING_FAILED: "Correct what failed. Until then each retraining is likely to end in the same way.",
    Reason.RETRAINING_REGISTERED_NOTHING: "Look at the training's own evaluation: more data, or a lower bar, may help.",
    Reason.RETRAINING_AMBIGUOUS: "Let the training register one version, so that the gate can judge it.",
    Reason.VERSION_OF_ANOTHER_GROUP: "Let the training register its version in the group of the policy.",
    Reason.RETRAINING_LOST: "Look in SageMaker for what became of it.",
}
"""What a person can do, by the reason of the end."""


class EndTask(TypedDict):
    """A retraining and what AWS says of it. ``began``: when it was started. ``execution``: ``found`` (the describing
    call's answer), ``refused`` (why AWS did not start it) or ``error`` and ``cause``. ``steps``: PipelineExecutionSteps
    of all pages, empty for jobs and machines. ``packages``: ModelPackageSummaryList of the group, created after the
    start, null when it could not be read; not needed for pipelines. ``champion``: DescribeModelPackage of the version
    that was live at the start. ``refused``: why AWS did not register what a training job made, after status
    Register."""

    now: str
    group: str
    name: str
    began: str
    execution: Mapping[str, Any]
    steps: NotRequired[list[Mapping[str, Any]] | None]
    packages: NotRequired[list[Mapping[str, Any]] | None]
    timeout: NotRequired[int]
    champion: NotRequired[Mapping[str, Any] | None]
    refused: NotRequired[str]


class Ended(TypedDict):
    """``status``: Wait (look again), Register (make ``request``, of CreateModelPackage, then conclude again),
    Registered (``version`` and ``arn`` go to the gate) or Ended. ``failed``: whether the retraining should show as
    failed."""

    status: str
    reason: str
    sentence: str
    failed: bool
    version: NotRequired[int]
    arn: NotRequired[str]
    request: NotRequired[Request]
    notice: NotRequired[Notice]


def conclude_retraining(task: EndTask) -> Ended:
    """What the state of a retraining's execution means."""
    execution = task["execution"]
    if "refused" in execution:
        return _ended(task, Reason.RETRAINING_FAILED, f"It did not start. {execution['refused']}")
    if "error" in execution:
        if says_not_found(execution):
            said = message(verbatim(execution).strip())
            return _ended(task, Reason.RETRAINING_LOST, f"The execution is gone: {said}")
        return _wait(task, f"It could not be looked at ({str(execution['error'])[:100]}).")
    found = _spelled(execution.get("found") or {})
    field = next((name for name in STATUSES if name in found), "")
    status = str(found.get(field, "none"))
    meaning = STATUSES.get(field, {}).get(status)
    if meaning == "runs":
        return _wait(task, f"It is {status}.")
    if meaning == "succeeded":
        return _registered(task, found)
    if meaning == "stopped":
        return _ended(task, Reason.RETRAINING_STOPPED, f"It was stopped before its end. {_left(task)}")
    unknown = "" if meaning else " This status is unknown to Interlock, which takes it as a failure."
    why = _why(found, task.get("steps") or ())
    return _ended(task, Reason.RETRAINING_FAILED, f"It ended {status}.{unknown} {why} {_left(task)}")


def _spelled(found: Mapping[str, Any]) -> dict[str, Any]:
    """The answer with capital first letters, as the SDK integrations of Step Functions write its own fields."""
    return {name[:1].upper() + name[1:]: value for name, value in found.items()}


def _wait(task: EndTask, said: str) -> Ended:
    lasted = (moment(task["now"]) - moment(task["began"])).total_seconds()
    limit = task.get("timeout", TIMEOUT)
    if lasted >= limit:
        return _ended(
            task,
            Reason.RETRAINING_TIMED_OUT,
            f"{said} Interlock waited {in_words(lasted)} for its end and waits no longer. What it registers later is"
            " left to you.",
        )
    return {
        "status": "Wait",
        "reason": str(Reason.RETRAINING_RUNNING),
        "sentence": f"Retraining {task['name']}: {said}",
        "failed": False,
    }


def _ended(task: EndTask, reason: Reason, said: str, failed: bool = True) -> Ended:
    sentence = " ".join(f"Retraining {task['name']} of {task['group']}: {said}".split())
    happens = "needs a person" if failed else "was retrained without a new version"
    if reason in (Reason.RETRAINING_FAILED, Reason.RETRAINING_STOPPED):
        happens = "was not retrained"
    body = f"{sentence}\n\nReason: {reason}\nThe live version stays as it is.\n\n{ADVICE.get(reason, '')}".rstrip()
    body += f"\n{how_to_retrain(task['group'])}"
    notice = about_group(task["group"], happens, body)
    return {"status": "Ended", "reason": str(reason), "sentence": sentence, "failed": failed, "notice": notice}


def how_to_retrain(group: str) -> str:
    """What to do after a retraining that brought nothing."""
    asked = f'{{"action": "retrain", "group": "{group}"}}'
    return f"To retrain at once, start the machine operate with {asked}. Otherwise a signal after the cooldown does."


def _why(found: Mapping[str, Any], steps: Iterable[Mapping[str, Any]]) -> str:
    """The failed steps and their reasons, then the reason of the whole."""
    parts = []
    for step in steps:
        if step.get("StepStatus") == "Failed":
            fail = ((step.get("Metadata") or {}).get("Fail") or {}).get("ErrorMessage")
            why = message(str(fail or step.get("FailureReason") or "no reason is given"))
            parts.append(f"Step {step.get('StepName', 'without a name')} failed: {_sentence(why)}")
    whole = found.get("FailureReason") or found.get("Cause") or found.get("Error")
    if whole:
        parts.append(f"Reason: {_sentence(message(str(whole)))}")
    return " ".join(parts[:5])


def _sentence(text: str) -> str:
    text = " ".join(text.split())[:500]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _registered(task: EndTask, found: Mapping[str, Any]) -> Ended:
    """Of a retraining that ended well."""
    if "PipelineExecutionStatus" not in found and not _steps(task) and task.get("packages", ()) is None:
        return _wait(task, "It ended well, but what it registered could not be read.")
    group, arns = task["group"], registered(task)  # an ARN may have the group's name in lower case
    own = sorted(((arn, number) for arn, of, number in arns if of.lower() == group.lower()), key=lambda each: each[1])
    others = [f"version {number} of {of}" for _, of, number in arns if of.lower() != group.lower()]
    if len(own) > 1:
        versions = ", ".join(str(number) for _, number in own)
        said = f"It registered more than one version ({versions}). Approve the one you want, and reject the others."
        return _ended(task, Reason.RETRAINING_AMBIGUOUS, said)
    if own:
        arn, number = own[0]
        also = f" It also registered {', '.join(others)}, which the gate does not judge." if others else ""
        said = f"Retraining {task['name']} registered version {number} of {group}.{also}"
        return {
            "status": "Registered",
            "reason": str(Reason.VERSION_REGISTERED),
            "sentence": said,
            "failed": False,
            "version": number,
            "arn": arn,
        }
    if others:
        said = f"It registered {', '.join(others)}, and none of {group}. Correct the group that the training names."
        return _ended(task, Reason.VERSION_OF_ANOTHER_GROUP, said)
    if "TrainingJobStatus" in found:
        return _of_a_job(task, found)
    refusing = [str(step.get("StepName")) for step in task.get("steps") or () if _said_no(step)]
    if refusing:
        said = f"It ended well, but the pipeline's own condition did not register a version ({', '.join(refusing)})."
    else:
        said = "It ended well, but registered no version."
    return _ended(task, Reason.RETRAINING_REGISTERED_NOTHING, said, failed=False)


def _of_a_job(task: EndTask, job: Mapping[str, Any]) -> Ended:
    """Of a training job that ended well and registered no version."""
    made = artifact_of(job) or "a model"
    try:
        request = registration(task["group"], task["name"], job, task.get("champion"))
        if task.get("refused"):
            raise NotRegistrable(task["refused"])
    except NotRegistrable as cannot:
        said = f"It ended well and made {made}, which Interlock cannot register: {_sentence(str(cannot))} Register it."
        return _ended(task, Reason.RETRAINING_REGISTERED_NOTHING, said)
    return {
        "status": "Register",
        "reason": str(Reason.RETRAINING_RUNNING),
        "sentence": f"Retraining {task['name']} made {made}, which Interlock registers.",
        "failed": False,
        "request": request,
    }


def _said_no(step: Mapping[str, Any]) -> bool:
    """Whether this is a condition step that was not met (botocore ConditionStepMetadata.Outcome)."""
    return str(((step.get("Metadata") or {}).get("Condition") or {}).get("Outcome", "")) == "False"


def registered(task: EndTask) -> list[tuple[str, str, int]]:
    """``(arn, group, version)`` of what was registered: by the steps of a pipeline, else of the group's packages."""
    steps = _steps(task)
    return by_steps(steps) if steps else since(moment(task["began"]), task.get("packages") or ())


def _steps(task: EndTask) -> list[Mapping[str, Any]]:
    return list(task.get("steps") or ())


def _left(task: EndTask) -> str:
    versions = [f"version {number} of {group}" for _, group, number in registered(task)]
    return f"Before that it registered {', '.join(versions)}, which is left as it is." if versions else ""
