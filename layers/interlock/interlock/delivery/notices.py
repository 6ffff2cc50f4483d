"""What people are told while a release is on its way."""

from __future__ import annotations

from interlock.model.notices import Notice, about_version
from interlock.model.plan import LONGEST_PAUSE, Plan, Request
from interlock.model.quantities import in_words


def notices(plan: Plan, task: Request) -> dict[str, Notice]:
    """The notices of a plan that will be carried out, by occasion; ``task`` as ``plan_delivery`` has it."""
    group, version, where = task["group"], task["version"], f"release {task['release']} on endpoint"
    endpoint = plan.facts["endpoint"]
    goes = f"version {version} of {group} goes to endpoint {endpoint} ({plan.strategy} by {plan.traffic})."
    told = " ".join(filter(None, (f"Started: {goes}", plan.why, *plan.warnings, task["policy_sentence"])))
    paused = (
        f"Waiting: {where} {endpoint} was paused. Traffic stays as it is. Resume or abort it with operate; after"
        f" {in_words(LONGEST_PAUSE)} it is rolled back."
    )
    return {
        "started": about_version(group, version, "starts", f"{told}\n\nRelease: {task['release']}"),
        "paused": about_version(group, version, "is paused", paused),
    }


def held(plan: Plan, task: Request) -> Notice:
    """The beginning of what people are told when the evidence cannot tell and the policy asks for a person; the judge
    adds what it found."""
    opening = f"Waiting: release {task['release']} on endpoint {plan.facts['endpoint']}"
    return about_version(task["group"], task["version"], "waits for a person", opening)
