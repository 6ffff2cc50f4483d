"""The wait for a person before a step: a bake that only a yes ends, and whose first look asks."""

from __future__ import annotations

from dataclasses import replace

from interlock.delivery.release import Release
from interlock.delivery.steps import Steps
from interlock.model.answers import how_to_answer
from interlock.model.approval_words import asked_word, life_cycle_word
from interlock.model.notices import about_version
from interlock.model.plan import ABORT, PAUSE, Step
from interlock.model.quantities import in_words
from interlock.model.request import Request
from interlock.policy.stage import Stage


def asked(release: Release, watched: Step) -> Steps:
    """The wait that follows the bake ``watched`` if the policy asks a person before the next step; none otherwise.

    It looks at once, at what the bake looked at, so that the person is told what is known; the judge then lets it last
    as long as the policy says. Alarms, aborts and rejections end it like any bake; ``promote`` does not, because it
    means a bake and is said without knowing what is asked.
    """
    approval, bake = release.stage.approval, watched.bake or {}
    following = next((share for share in release.stage.strategy.shares if share > bake["percent"]), None)
    if approval is None or following not in approval.steps:
        return ()
    heard = _heard(release)
    words = (asked_word(release.version.number, following), *((life_cycle_word(heard),) if heard else ()))
    asks: Request = {"before": following, "within": approval.within, "life_cycle": heard}
    note = f"Ask a person, who has {in_words(approval.within)}, before the candidate gets {following} %"
    look = {"first": 1, "looks": 1, "bakes": 1, "approval": asks}
    return (replace(watched, note=note, bake={**bake, **look}, hears=(ABORT, PAUSE, *words)),)


def _heard(release: Release) -> str:
    """The life cycle that says yes; empty if the policy names none, or the package had it before the release: that was
    said of something else."""
    wanted = _wanted(release.stage)
    return "" if wanted == release.version.life_cycle else wanted


def _wanted(stage: Stage) -> str:
    asked = stage.approval if stage.asks_at else None
    return str(asked.life_cycle) if asked and asked.life_cycle else ""


def approval_warnings(release: Release) -> tuple[str, ...]:
    """What a person who is to approve should know beforehand."""
    wanted = _wanted(release.stage)
    if not wanted or _heard(release) or release.endpoint is None:
        return ()
    return (f"The package's life cycle says {wanted} already, so only operate can approve this release.",)


def addressed(step: Step, facts: Request, stack: str, release: str, group: str, version: int) -> Step:
    """The ``step`` with the notice that asks, if it is a wait for a person: what is asked, to which the judge adds what
    is known, and the commands with which to answer. ``facts``: of the plan."""
    if not step.bake or "approval" not in step.bake:
        return step
    approval, endpoint = step.bake["approval"], facts["endpoint"]
    body = (
        f"Waiting: release {release} asks whether version {version} of {group} may get {approval['before']} % of the"
        f" traffic of endpoint {endpoint}. Traffic stays as it is."
    )
    notice = about_version(group, version, "asks for approval", body)
    about = {"endpoint": endpoint, "version": version, "before": approval["before"]}
    refused = f"No answer within {in_words(approval['within'])} is a refusal: the release is rolled back."
    heard = approval["life_cycle"]
    how = how_to_answer(stack, about, {"endpoint": endpoint}, facts["package"], heard)
    answers = f"{refused}\n\n{how}"
    asks = {**approval, "notice": notice, "answers": answers}
    looked_up = {"version": {"group": group, "number": version}} if heard else {}
    return replace(step, bake={**step.bake, "approval": asks, **looked_up})
