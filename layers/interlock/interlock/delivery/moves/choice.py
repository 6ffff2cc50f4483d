"""How traffic can be moved, and how one of the ways is chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from interlock.delivery.moves.component import (
    component_obstacles,
    made_warnings,
    make,
    replace,
    replaced_warnings,
    roll,
    rolled_warnings,
)
from interlock.delivery.moves.create import create, create_warnings
from interlock.delivery.moves.native import (
    MOST_EXPOSED,
    first_shares,
    native,
    native_obstacles,
    native_warnings,
    rounding_warnings,
)
from interlock.delivery.moves.pointer import pointed, pointer_obstacles, pointer_warnings
from interlock.delivery.moves.swap import swap, swap_obstacles, swap_warnings
from interlock.delivery.moves.trial import trial_obstacles, trial_warnings, tried
from interlock.delivery.moves.weights import weights, weights_obstacles, weights_warnings
from interlock.delivery.observed import Observed
from interlock.delivery.pointer import live_key, parameter_name
from interlock.delivery.release import Release
from interlock.delivery.steps import Compiled
from interlock.model.observation import Endpoint
from interlock.model.protection import Protection
from interlock.policy.stage import Stage


class Move(NamedTuple):
    """A way to give a version traffic: its steps, and what a reader of the plan should know about it. It is a tuple
    because a dataclass takes longer to make."""

    compiled: Callable[[Release], Compiled]
    warnings: Callable[[Stage], list[str]]


MOVES = {
    "create": Move(create, create_warnings),
    "native": Move(native, native_warnings),
    "weights": Move(weights, weights_warnings),
    "swap": Move(swap, swap_warnings),
    "pointer": Move(pointed, pointer_warnings),
}

COMPONENT_MOVES = {
    "create": Move(make, made_warnings),
    "native": Move(roll, rolled_warnings),
    "swap": Move(replace, replaced_warnings),
}
"""The same ways, where the release changes an inference component and not its endpoint."""


BATCH_MOVES = {"pointer": Move(tried, trial_warnings)}
"""The same, where there is no endpoint."""


def move(stage: Stage, traffic: str) -> Move:
    """How ``traffic``, which was chosen, is moved on the hosting of ``stage``."""
    if not stage.hosting.served:
        return BATCH_MOVES[traffic]
    return (COMPONENT_MOVES if stage.hosting.inference_component else MOVES)[traffic]


def choose_traffic(
    stage: Stage,
    endpoint: Endpoint | None,
    observed: Observed,
    protection: Protection,
    writable: str = "",
    trials: str = "",
) -> tuple[str, str]:
    """Which of MOVES is taken, and why. If none can be, the first part is empty. ``writable``: see
    pointer_obstacles; ``trials``: see trial_obstacles."""
    if not stage.hosting.served:
        obstacles = trial_obstacles(stage, observed, trials)
        return _tried(obstacles, parameter_name(observed, stage.endpoint), live_key(observed))
    if stage.hosting.inference_component:
        return _of_component(stage, endpoint, observed)
    if "pointer" in stage.hosting.moves:
        obstacles = pointer_obstacles(stage, endpoint, observed, protection, writable)
        if obstacles or endpoint:
            return _pointed(obstacles, parameter_name(observed, stage.endpoint), live_key(observed))
    if endpoint is None:
        return "create", f"Endpoint {stage.endpoint} does not exist yet; it is created with this version."
    if "swap" in stage.hosting.moves:
        return _swapped(swap_obstacles(stage, endpoint, observed))
    ways = {
        "native": native_obstacles(stage, endpoint, observed),
        "weights": weights_obstacles(stage, endpoint, observed, protection),
    }
    asked = stage.strategy.traffic
    return _as_asked(asked, ways[asked]) if asked != "auto" else _chosen(stage, endpoint, **ways)


def _pointed(obstacles: list[str], parameter: str, live: str) -> tuple[str, str]:
    if not obstacles:
        said = f"A multi-model endpoint serves both versions, each under its key; callers read in {parameter} which one"
        return "pointer", f"{said} to name; it is {live} now." if live else f"{said} to name, which is not there yet."
    return "", f"The version cannot be published, because {'; '.join(obstacles)}."


def _tried(obstacles: list[str], parameter: str, live: str) -> tuple[str, str]:
    if obstacles:
        return "", f"The version cannot be tried, because {'; '.join(obstacles)}."
    said = f"A transform job tries the version on the sample; then callers read in {parameter} which model to name"
    return "pointer", f"{said}; it is {live} now." if live else f"{said}, which is not there yet."


def _of_component(stage: Stage, component: Endpoint | None, observed: Observed) -> tuple[str, str]:
    name = stage.hosting.inference_component
    if component is None:
        where = "made on" if observed.host else "made together with"
        return "create", f"Inference component {name} does not exist yet; it is {where} endpoint {stage.endpoint}."
    if stage.strategy.batches("copy") is None:
        return "swap", "One update replaces all copies: the guardrails of inference components know batches only."
    obstacles = component_obstacles(stage, component.variants[0].capacity.copies)
    if not obstacles:
        return "native", "SageMaker's guardrails replace the copies, and roll back on an alarm without Interlock."
    return "", f"Guardrails do not work: {'; '.join(obstacles)}. Change the strategy, or the number of copies."


def _swapped(obstacles: list[str]) -> tuple[str, str]:
    if not obstacles:
        return "swap", "One update replaces stable: this hosting has one variant, and guardrails are not for it."
    said = f"Stable cannot be replaced, because {'; '.join(obstacles)}."
    return "", f"{said} Deregister it, then release again."


def _as_asked(asked: str, obstacles: list[str]) -> tuple[str, str]:
    if not obstacles:
        return asked, f"The policy asks for traffic: {asked}."
    said = f"The policy asks for traffic: {asked}, but {'; '.join(obstacles)}."
    return "", f"{said} Change the strategy, or write traffic: auto."


def _chosen(stage: Stage, endpoint: Endpoint, native: list[str], weights: list[str]) -> tuple[str, str]:
    """``native``, ``weights``: the obstacles of each."""
    wishes = _better_by_weights(stage) + ([] if native else _rounded_by_far(stage, endpoint))
    if not native and not wishes:
        said = "SageMaker's guardrails can carry out this strategy by themselves"
        return "native", f"{said}, and roll back on an alarm without Interlock."
    if not weights:
        return "weights", f"Variant weights, because {'; '.join(native + wishes)}."
    if not native:
        return "native", f"SageMaker's guardrails, because {'; '.join(weights)}."
    said = f"Guardrails do not work: {'; '.join(native)}. Weights do not work: {'; '.join(weights)}."
    return "", f"{said} Change the strategy."


def _better_by_weights(stage: Stage) -> list[str]:
    """What the policy asks for and guardrails can only do in part. What they cannot do at all is an obstacle."""
    wishes = {
        "evidence is judged after every bake": stage.evidence and not stage.compares,
        "the candidate is smoke-tested before it gets traffic": stage.smoke,
    }
    return [said for said, holds in wishes.items() if holds]


def _rounded_by_far(stage: Stage, endpoint: Endpoint) -> list[str]:
    """Why weights are better, where guardrails would begin with much more than the policy asks for."""
    exposed, asked = first_shares(stage, endpoint)
    far = exposed > MOST_EXPOSED * asked
    return [f"guardrails shift whole instances, and would begin with {exposed:.3g} %, not {asked} %"] if far else []


def warnings(stage: Stage, endpoint: Endpoint | None, traffic: str) -> list[str]:
    """What a reader of the plan should know, though it stops nothing."""
    said = move(stage, traffic).warnings(stage)
    if endpoint is None:
        return [*said, *stage.hosting.warnings(None)]
    by_instances = traffic == "native" and not stage.hosting.inference_component
    rounded = rounding_warnings(stage, endpoint) if by_instances else []
    return [*said, *rounded, *stage.hosting.warnings(endpoint.variants[0])]
