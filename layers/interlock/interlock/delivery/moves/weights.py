"""Variant weights: stable and candidate serve side by side, and Interlock moves the traffic from one to the other."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from interlock.delivery.bakes import Variants, bake
from interlock.delivery.guard_alarms import guards
from interlock.delivery.moves.model import create_model
from interlock.delivery.moves.shadow import shadow_config, shadow_obstacles, shadow_phase
from interlock.delivery.observed import Observed
from interlock.delivery.protection import changes_network
from interlock.delivery.release import Release
from interlock.delivery.scaling import (
    AT_ONCE,
    deregister,
    followed,
    hold,
    register,
    registered,
    release_hold,
    scaling_unread,
    unmovable,
)
from interlock.delivery.standby import stand_by, standby_obstacles, standby_warnings
from interlock.delivery.step_approval import asked
from interlock.delivery.step_gate import gated
from interlock.delivery.steps import (
    PATIENCE,
    Compiled,
    Steps,
    endpoint_config,
    not_paused,
    smoke_test,
    swap_config,
    tidy,
)
from interlock.model.observation import Endpoint
from interlock.model.plan import Step
from interlock.model.protection import Protection
from interlock.model.request import Request
from interlock.model.traffic import set_weights
from interlock.policy.stage import Stage


def weights(release: Release) -> Compiled:
    """Stable and candidate side by side, after the candidate was stable's shadow if the policy asks for that. Each step
    of the traffic is baked and judged, and stable stays until the end."""
    stage, candidate = release.stage, release.candidate
    alarms = guards(release.name, stage, {"EndpointName": stage.endpoint, "VariantName": candidate})
    own = tuple(alarm.request["AlarmName"] for alarm in alarms)
    watched = (*own, *stage.alarms)
    company = "stable and baseline" if release.baseline else "stable"
    together, alone = _side_by_side(release)
    was_shadow = shadow_config(release)
    brought = "Take the candidate out of the shadow and put it" if was_shadow else "Bring up the candidate"

    steps: list[Step] = [
        create_model(release),
        *was_shadow,
        endpoint_config(
            release.transition,
            together,
            release.in_force,
            f"{company.capitalize()} and candidate side by side",
            release.capture,
        ),
        endpoint_config(release.config, [alone], release.in_force, "The candidate alone, for the end", release.capture),
        *alarms,
        *(shadow_phase(release, _held(release), _watched(release, 0, watched)) if was_shadow else ()),
        swap_config(
            stage.endpoint,
            release.transition,
            f"{brought}{' and a baseline' if release.baseline else ''} beside stable, without traffic",
            {"shares": release.split(0), "candidate": candidate},
            PATIENCE,
        ),
        *(() if was_shadow else _held(release)),
        *_registered_too(release),
    ]
    if stage.smoke:
        steps.append(smoke_test(stage.endpoint, candidate, stage.smoke))
    for before, percent in pairwise((0, *stage.strategy.shares)):
        steps.append(_shift(release, before, percent))
        if percent in stage.watched:
            steps += _watched(release, percent, watched)
    steps += [
        *stand_by(release, watched),
        *not_paused(
            [
                *_registered_alone(release),
                swap_config(
                    stage.endpoint,
                    release.config,
                    f"Retire {company}",
                    {"shares": {candidate: 100.0}, "candidate": candidate},
                    PATIENCE,
                ),
            ]
        ),
        *tidy(alarms=own, configs=(release.transition, *([release.shadow] if was_shadow else []))),
    ]
    back = set_weights(stage.endpoint, release.split(0))
    return tuple(steps), Step("UpdateEndpointWeightsAndCapacities", "All traffic to stable", back)


def _side_by_side(release: Release) -> tuple[list[Request], Request]:
    """The variants that serve together during the release, and the candidate as it serves in the end."""
    stable, hosting = release.stable, release.stage.hosting
    stays = hosting.again(stable, stable.name, 100.0)
    baseline = [hosting.again(stable, release.baseline, 0.0)] if release.baseline else []
    candidate, alone = (hosting.like(stable, release.candidate, release.model, weight) for weight in (0.0, 100.0))
    return [stays, *baseline, candidate], alone


def _held(release: Release) -> Steps:
    """Stable loses no instance while the traffic moves, or while it is compared with its shadow."""
    return (hold(release.stage.endpoint, release.stable.name, release.scaling),) if release.scaling else ()


def _registered_too(release: Release) -> Steps:
    """The candidate scales as stable does before it gets traffic, and loses no instance while the traffic moves."""
    follows = followed(release, release.candidate)
    return register(release.stage.endpoint, release.candidate, follows, held=True) if follows else ()


def _registered_alone(release: Release) -> Steps:
    """The candidate, which has all traffic, may lose instances again, and stable is deregistered. Before that it is
    looked whether somebody has changed how stable scales: the candidate would not have that."""
    endpoint, stable, candidate = release.stage.endpoint, release.stable.name, release.candidate
    follows, now = followed(release, candidate), release.scaling
    if not follows:
        return ()
    expect = {"config": release.transition, "shares": release.split(100), "candidate": candidate}
    scales = {"scaling": {"variant": stable, "registration": now}} if now else {}
    ends = replace(release_hold(endpoint, candidate, follows), expect={**expect, **scales}, patience=AT_ONCE)
    return (ends, *(deregister(endpoint, stable, now) if now else ()))


def _shift(release: Release, before: int, percent: int) -> Step:
    """Set the weights so that the candidate gets ``percent`` after ``before``, from which an allocation may have
    departed."""
    known = release.stage.strategy.allocation_at(before) is None
    shares = release.split(percent)
    beside_it = shares.get(release.baseline, 0.0)
    as_much = f", {beside_it:g} % to the baseline" if beside_it else ""
    return Step(
        "UpdateEndpointWeightsAndCapacities",
        f"Send {percent} % of the traffic to the candidate{as_much}",
        set_weights(release.stage.endpoint, shares),
        expect={
            "config": release.transition,
            "shares": shares,
            "candidate": release.candidate,
            **({"before": release.split(before)} if known else {}),
        },
        patience=PATIENCE,
    )


def _watched(release: Release, percent: int, alarms: tuple[str, ...]) -> Steps:
    """The bake at ``percent``, and the waits for a gate and then for a person if these are asked before the step that
    follows. A candidate that has all traffic can no longer be compared."""
    stage = release.stage
    against = (release.baseline or release.stable.name) if percent < 100 else None
    planned = sum(seconds for share, seconds in stage.watched.items() if share < 100)
    variants = Variants(stage.endpoint, release.candidate, against)
    watched = bake(stage, release.catalog, percent, variants, alarms, release.references, planned)
    watched = replace(watched, bake={**(watched.bake or {}), **_allocated(release, percent)})
    return (watched, *gated(release, watched), *asked(release, watched))


def _allocated(release: Release, percent: int) -> Request:
    """What the judge must know to reallocate the traffic during the bake at ``percent``; empty if the traffic stays."""
    allocation = release.stage.strategy.allocation_at(percent)
    if allocation is None:
        return {}
    return {
        "allocation": {
            "kind": allocation.kind,
            "floor": allocation.floor,
            "endpoint": release.stage.endpoint,
            "config": release.transition,
            "candidate": release.candidate,
            "stable": release.stable.name,
            "patience": PATIENCE,
        }
    }


def weights_obstacles(stage: Stage, endpoint: Endpoint, observed: Observed, protection: Protection) -> list[str]:
    """Why traffic cannot be moved by variant weights. Whether variants beside each other may have different networks is
    not documented."""
    elsewhere = "the policy requires another network than stable has, and both may not fit beside each other"
    alone = [] if "weights" in stage.hosting.moves else [f"kind: {stage.hosting.kind} has one variant"]
    networks = [elsewhere] if changes_network(observed, protection) else []
    shadowed = shadow_obstacles(stage, endpoint, observed)
    obstacles = [*stage.strategy.weights_obstacles, *alone, *shadowed, *networks]
    if observed.cause("scaling"):
        return [*obstacles, scaling_unread(observed)]
    return [*obstacles, *unmovable(registered(endpoint, observed)), *standby_obstacles(stage, endpoint, observed)]


def weights_warnings(stage: Stage) -> list[str]:
    """What a careful policy has and this one does not, and what comes later than a reader expects. Whether a
    TargetVariant reaches a shadow is not documented."""
    copied = stage.strategy.copied
    warnings = {
        "No evidence rules: only alarms can roll the release back.": not stage.evidence,
        "No smoke test: the first request the candidate sees is a user's.": not stage.smoke and not copied,
        "The smoke test comes after the copies: it cannot be said that a request reaches a shadow.": stage.smoke
        and copied,
    }
    return [*(said for said, holds in warnings.items() if holds), *standby_warnings(stage)]
