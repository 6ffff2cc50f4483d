"""Pre-flight of a version's containers: whether this kind of hosting takes them, each is pinned, its artifact is there,
and callers still reach them."""

from __future__ import annotations

from collections import Counter

from interlock.delivery.observed import Observed, cause
from interlock.delivery.protection import Refusal
from interlock.model.aws_errors import says_not_found
from interlock.model.invocation import DIRECT
from interlock.model.reasons import Reason
from interlock.policy.stage import Stage


def version_is_supported(observed: Observed, stage: Stage) -> Refusal | None:
    """Both that a container of the version is complete, and that SageMaker takes several together (docs:
    multi-container-create; botocore ContainerDefinition.ContainerHostname)."""
    containers = observed.version.containers if observed.version else ()
    count, hosting = len(containers), stage.hosting
    names = [each.hostname for each in containers if each.hostname]
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    direct = hosting.mode_beside(observed.host) == DIRECT
    wrong = {
        "only packages whose containers each have an Image and a ModelDataUrl can be released so far": not containers
        or not all(each.image and each.model_data for each in containers),
        f"kind: {hosting.kind} takes one; register a version with one, or write kind: realtime": count
        > hosting.most_containers,
        f"two of them have the ContainerHostname {', '.join(twice)}; give each a name of its own": twice,
        "some have a ContainerHostname and some have none; give one to each, or to none": 0 < len(names) < count
        and count > 1,
        "with mode: direct requests name one of several by its ContainerHostname; give one to each": direct
        and count > 1
        and not names,
        "with mode: direct there are at least two; leave mode out": hosting.mode_beside(None) == DIRECT and count == 1,
    }
    said = next((said for said, stands in wrong.items() if stands), "")
    if not said:
        return None
    has = f"{count} container{'' if count == 1 else 's'}"
    return Reason.VERSION_UNSUPPORTED, f"Version {observed.number} has {has}, and {said}."


def artifacts_are_there(observed: Observed, stage: Stage) -> Refusal | None:
    for container, answer in observed.artifact_answers():
        where = container.model_data
        if says_not_found(answer):
            said = f"The model artifact {where} is gone; restore the object or register the version again."
            return Reason.ARTIFACT_MISSING, said
        if "found" not in answer:
            said = (
                f"The model artifact {where} cannot be read ({cause(answer)}); it is missing, its bucket is not the"
                " stack's ArtifactBucket, or the bucket denies access to ObserveRole."
            )
            return Reason.ARTIFACT_UNREADABLE, said
    return None


def images_are_pinned(observed: Observed, stage: Stage) -> Refusal | None:
    containers = observed.version.containers if observed.version else ()
    open_one = next((each.image for each in containers if "@" not in each.image), "")
    if not open_one or stage.hosting.image_digest == "optional":
        return None
    said = (
        f"Version {observed.number} names its image {open_one} without a digest, so that another image may be"
        " pushed under that name. Register it by digest (registry/repository@sha256:...), or write hosting:"
        " {image_digest: optional} to the policy."
    )
    return Reason.IMAGE_NOT_PINNED, said


def callers_reach_the_containers(observed: Observed, stage: Stage) -> Refusal | None:
    """Requests name a container with Mode Direct and with no other (docs: multi-container-direct), and callers do not
    change in the moment in which the version does."""
    endpoint = observed.endpoint
    if endpoint is None or not endpoint.settled:
        return None
    if not endpoint.containers:
        return _mode_is_known(observed, stage)
    named = {each.get("ContainerHostname", "") for each in endpoint.containers} if endpoint.mode == DIRECT else set()
    offered = _named(observed, stage)
    missing = named - offered
    if not named and offered:
        said = f"requests to it name no container, and now they would have to name {_any_of(offered)}"
    elif named and not offered:
        said = f"requests to it name {_any_of(named)}, and now they would have to name none"
    elif missing:
        said = f"requests to it may name {_any_of(missing)}, which version {observed.number} does not have"
    else:
        return None
    return Reason.CONTAINER_DIFFERS, (
        f"Callers of {endpoint.named} would be refused: {said}. Write another endpoint into the policy, or register a"
        " version that requests reach in the same way."
    )


def _mode_is_known(observed: Observed, stage: Stage) -> Refusal | None:
    """A model may be deleted while it serves (botocore DeleteModel)."""
    several = observed.version is not None and len(observed.version.containers) > 1
    if not several or stage.hosting.mode_beside(observed.host) or not observed.absent("model"):
        return None
    said = (
        f"The model that serves on {stage.endpoint} is gone, so nobody knows whether its callers name a container."
        " Write mode: direct under hosting if they do, else mode: serial."
    )
    return Reason.CONTAINER_DIFFERS, said


def smoke_test_reaches_one(observed: Observed, stage: Stage) -> Refusal | None:
    smoke, names = stage.smoke, _named(observed, stage)
    if smoke is None or smoke.container in names or not (smoke.container or names):
        return None
    asks = f"names the container {smoke.container}" if smoke.container else "names no container"
    remedy = f"write container: under smoke, {_any_of(names)}" if names else "leave container out of smoke"
    said = f"The smoke test {asks}, and SageMaker would refuse it for version {observed.number}; {remedy}."
    return Reason.VERSION_UNSUPPORTED, said


def _named(observed: Observed, stage: Stage) -> set[str]:
    """The containers of the version that requests name; none if they name none."""
    containers = observed.version.containers if observed.version else ()
    direct = len(containers) > 1 and stage.hosting.mode_beside(observed.host) == DIRECT
    return {each.hostname for each in containers} if direct else set()


def _any_of(names: set[str]) -> str:
    return " or ".join(sorted(names))
