"""Ways to give a version the traffic of an inference component: it is made with the version, or an update replaces its
model, batch by batch under guardrails or all at once.

SageMaker sends no event of a component (docs: automating-sagemaker-with-eventbridge lists none). So the look after a
while is what wakes a release, and it is short.
"""

from __future__ import annotations

from interlock.delivery.bakes import Variants, bake
from interlock.delivery.guard_alarms import guards, veto, veto_alarm
from interlock.delivery.moves.create import FIRST_VARIANT
from interlock.delivery.moves.model import create_model
from interlock.delivery.moves.native import MAX_ROLLBACK_ALARMS
from interlock.delivery.release import Release
from interlock.delivery.steps import LIVE, PATIENCE, Compiled, endpoint_config, not_paused, smoke_test, tidy
from interlock.model.looks import SHORTEST_LOOK
from interlock.model.plan import Step
from interlock.model.request import Request
from interlock.policy.stage import Stage


def make(release: Release) -> Compiled:
    """The component is made with the version, on an endpoint that is made for it if there is none."""
    stage, hosting = release.stage, release.stage.hosting
    name, host = hosting.inference_component, release.host
    in_force = {**release.in_force, "ExecutionRoleArn": release.role}
    of_host = (
        ()
        if host
        else (
            endpoint_config(
                release.config, [hosting.variant(FIRST_VARIANT, release.model)], in_force, "Config of the new endpoint"
            ),
            Step(
                "CreateEndpoint",
                "Create the endpoint, which has no model of its own",
                {"EndpointName": stage.endpoint, "EndpointConfigName": release.config},
                expect={"config": release.config, "hosts": True},
                patience=PATIENCE,
            ),
        )
    )
    component = Step(
        "CreateInferenceComponent",
        "Create the inference component",
        {
            "InferenceComponentName": name,
            "EndpointName": stage.endpoint,
            "VariantName": host.variants[0].name if host else FIRST_VARIANT,
            "Specification": hosting.specification(release.model, None),
            "RuntimeConfig": {"CopyCount": hosting.first_copies},
        },
        expect=_expected(release),
        patience=SHORTEST_LOOK,
    )
    model = create_model(release)
    smoke = stage.smoke
    tested = (smoke_test(stage.endpoint, "", smoke, name),) if smoke else ()
    return (*not_paused((model, *of_host, component, *tested)), LIVE), None


def roll(release: Release) -> Compiled:
    """One update replaces the copies batch by batch. SageMaker watches the alarms and puts stable's copies back;
    Interlock stops it with the veto alarm, which only Interlock can raise."""
    stage, copies = release.stage, release.stable.capacity.copies
    batches = stage.strategy.batches("copy")
    if batches is None:
        raise ValueError(f"strategy {stage.strategy.kind} has no batches")
    alarms = _alarms(release.name, stage)
    own = tuple(alarm.request["AlarmName"] for alarm in alarms)
    watched = {"Alarms": [{"AlarmName": name} for name in (*own, *stage.alarms)]}
    note = f"Deploy with SageMaker's guardrails, which {batches.course(copies)}, and roll back on an alarm"
    update = _update(release, note)
    update.request["DeploymentConfig"] = batches.config(copies) | {"AutoRollbackConfiguration": watched}
    model = create_model(release)
    stop = Step("PutMetricData", "Stop the update: SageMaker puts stable's copies back", veto(release.name))
    return not_paused((model, *alarms, update, *tidy(alarms=own))), stop


def replace(release: Release) -> Compiled:
    """One update replaces all copies at once, and Interlock watches the candidate afterwards. No step restores stable
    in one request that is known now: SageMaker takes no second update while one is under way."""
    stage, planned = release.stage, release.stage.strategy.bakes[-1]
    alarms = guards(release.name, stage, _dimensions(stage))
    own = tuple(alarm.request["AlarmName"] for alarm in alarms)
    update = _update(release, "Replace stable by the candidate, which gets all requests at once")
    tested = stage.smoke
    name = stage.hosting.inference_component
    steps = [create_model(release), *alarms, update]
    if tested:
        steps.append(smoke_test(stage.endpoint, "", tested, name))
    variants = Variants(stage.endpoint, name, component=name)
    steps.append(bake(stage, release.catalog, 100, variants, (*own, *stage.alarms), release.references, planned))
    return (*not_paused(steps), *tidy(alarms=own)), None


def _update(release: Release, note: str) -> Step:
    """The update without a DeploymentConfig. It names no CopyCount, so the copies stay as many as they are."""
    hosting, live = release.stage.hosting, release.in_force["Specification"]
    return Step(
        "UpdateInferenceComponent",
        note,
        {
            "InferenceComponentName": hosting.inference_component,
            "Specification": hosting.specification(release.model, live),
        },
        expect=_expected(release),
        patience=SHORTEST_LOOK,
    )


def _expected(release: Release) -> Request:
    name = release.stage.hosting.inference_component
    return {"component": name, "config": release.config, "candidate": name}


def _dimensions(stage: Stage) -> dict[str, str]:
    """What a component's metrics have (docs: monitoring-cloudwatch). Nothing tells the copies of two versions apart."""
    return {"InferenceComponentName": stage.hosting.inference_component}


def _alarms(release: str, stage: Stage) -> tuple[Step, ...]:
    return *guards(release, stage, _dimensions(stage)), veto_alarm(release)


def component_obstacles(stage: Stage, copies: int) -> list[str]:
    """Why guardrails cannot replace so many ``copies`` batch by batch."""
    batches, alarms = stage.strategy.batches("copy"), len(_alarms("", stage)) + len(stage.alarms)
    said = batches.obstacles(copies) if batches else []
    many = [f"guardrails watch at most {MAX_ROLLBACK_ALARMS} alarms"] if alarms > MAX_ROLLBACK_ALARMS else []
    return [*said, *many]


def made_warnings(stage: Stage) -> list[str]:
    """What the policy asks for and a new component cannot do, and what a careful policy has."""
    warnings = {
        "First deployment: there is no stable version to roll back to.": stage.evidence,
        "No smoke test: the first request the candidate sees is a user's.": not stage.smoke,
    }
    return [said for said, holds in warnings.items() if holds]


def rolled_warnings(stage: Stage) -> list[str]:
    """What the policy asks for and an update in batches cannot do, although the release goes on."""
    warnings = {
        "No smoke test: nothing reaches the new copies before they have requests.": stage.smoke,
        "Evidence rules act as alarms only: guardrails do not wait for a verdict.": stage.evidence,
        "Alarms watch the copies of both versions together: errors of stable can roll the release back.": True,
    }
    return [said for said, holds in warnings.items() if holds]


def replaced_warnings(stage: Stage) -> list[str]:
    """What an update of all copies at once cannot do, and what a careful policy has and this one does not."""
    warnings = {
        "Stable ends when the candidate takes over. A rollback starts stable anew, which takes minutes.": True,
        "No evidence rules: only alarms can roll the release back.": not stage.evidence,
    }
    return [said for said, holds in warnings.items() if holds]
