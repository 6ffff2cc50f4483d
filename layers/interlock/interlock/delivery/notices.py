"""The notices that are sent while a release is on its way."""

from __future__ import annotations

from interlock.model.notices import Notice, about_version
from interlock.model.plan import LONGEST_PAUSE, Plan
from interlock.model.quantities import in_words


def notices(plan: Plan, release: str, group: str, version: int, policy_sentence: str) -> dict[str, Notice]:
    """The notices of a plan that will be carried out, by occasion."""
    endpoint = plan.facts["endpoint"]
    goes = f"version {version} of {group} goes to endpoint {endpoint} ({plan.strategy} by {plan.traffic})."
    told = " ".join(filter(None, (f"Started: {goes}", plan.why, *plan.warnings, policy_sentence)))
    paused = (
        f"Waiting: release {release} on endpoint {endpoint} was paused. Traffic stays as it is. Resume or abort it with"
        f" operate; after {in_words(LONGEST_PAUSE)} it is rolled back."
    )
    return {
        "started": about_version(group, version, "starts", f"{told}\n\nRelease: {release}"),
        "paused": about_version(group, version, "is paused", paused),
    }


def held(plan: Plan, release: str, group: str, version: int) -> Notice:
    """The beginning of the notice that is sent when the verdict is Inconclusive and the policy asks for a person. The
    judge adds what it found."""
    opening = f"Waiting: release {release} on endpoint {plan.facts['endpoint']}"
    return about_version(group, version, "waits for a person", opening)
