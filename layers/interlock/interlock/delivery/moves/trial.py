"""Trial: the candidate's model is tried on the policy's sample by a transform job; then one write tells callers to
start their transform jobs with it.

Nothing serves, so nothing is shifted. Stable's model stays, and the way back is one write as well.
"""

from __future__ import annotations

from dataclasses import replace

from interlock.delivery.bakes import Variants, bake
from interlock.delivery.moves.model import create_model
from interlock.delivery.moves.pointer import back
from interlock.delivery.observed import Observed
from interlock.delivery.pointer import point
from interlock.delivery.release import Release
from interlock.delivery.steps import PATIENCE, Compiled
from interlock.model.names import trial_folder
from interlock.model.plan import Step
from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.policy.stage import Stage

OUT = ".out"
"""What SageMaker appends to the name of an input (botocore TransformOutput.S3OutputPath)."""


def tried(release: Release) -> Compiled:
    """The model is made, tried, published and watched. ``restore`` tells callers what they were told before."""
    pointer = release.published
    told = point(pointer.parameter, pointer.key, f"Publish {pointer.key}: callers name it from now on")
    return (create_model(release), _trial(release), told, _watch(release)), back(pointer.parameter, pointer.live)


def _watch(release: Release) -> Step:
    """The bake of the version that callers are told. Only alarms are looked at, which need not wait for metrics."""
    stage, seconds = release.stage, release.stage.strategy.bakes[-1]
    nothing = Variants(stage.endpoint, stage.endpoint)
    watch = bake(stage, release.catalog, 100, nothing, stage.alarms, release.references, seconds)
    judged = watch.bake or {}
    note = f"Watch the published version for {in_words(seconds)}"
    return replace(watch, note=note, bake={**judged, "first": judged["wait"]})


def _trial(release: Release) -> Step:
    hosting, protection = release.stage.hosting, release.protection
    results = f"{release.trials}{trial_folder(release.stage.endpoint, release.name)}"
    request = hosting.trial(release.model, results)
    request["TransformResources"] |= protection.volume
    request["TransformOutput"] |= protection.output
    judged = hosting.judged
    answers = _answers(judged["input"], results)
    expect: Request = {
        "job": release.model,
        "candidate": release.model,
        "judged": judged,
        "answers": answers,
        "objects": [uri for uri in (judged["input"], *answers, judged["expected"]) if uri],
    }
    patience = min(PATIENCE, judged["max_duration"])
    return Step("CreateTransformJob", "Try the candidate on the sample", request, expect=expect, patience=patience)


def _answers(sample: str, results: str) -> list[str]:
    """Where the answers may lie. The documentation's example has the folder of the input in between (botocore
    TransformOutput.S3OutputPath), the developer guide's has not (docs: batch-transform)."""
    *_, folder, name = sample.removeprefix("s3://").split("/")
    return [f"{results}/{name}{OUT}", f"{results}/{folder}/{name}{OUT}"]


def trial_obstacles(stage: Stage, observed: Observed, trials: str) -> list[str]:
    """Why the candidate cannot be tried and published. ``trials``: see Release."""
    bucket, judged = trials.removeprefix("s3://").partition("/")[0], stage.hosting.judged
    objects = [each for each in (judged["input"], judged["expected"]) if each]
    elsewhere = [each for each in objects if not each.startswith(f"s3://{bucket}/")]
    unread = observed.cause("pointer") if not observed.absent("pointer") else ""
    obstacles: Request = {
        "this stack has no folder for what transform jobs write; update it with the parameter BatchFolder": not trials,
        f"{''.join(elsewhere[:1])} is not in {bucket}, the only bucket of models that this stack reads; move it": (
            trials and elsewhere
        ),
        f"{judged['expected']} begins as the input {judged['input']} does, and SageMaker would try it, too; move it": (
            judged["expected"] and judged["expected"].startswith(judged["input"])
        ),
        f"the parameter that callers read could not be read: {unread}": unread,
    }
    return [said for said, stands in obstacles.items() if stands]


def trial_warnings(stage: Stage) -> list[str]:
    """What a careful policy has and this one does not, and what is left to callers."""
    warnings = {
        "Callers who keep the name that they have read follow the release when they read it again.": True,
        "No expected answers: the sample shows only that each record is answered.": not stage.hosting.judged[
            "expected"
        ],
        "No alarms: once it is published, only a person takes the version back.": not stage.alarms,
    }
    return [said for said, holds in warnings.items() if holds]
