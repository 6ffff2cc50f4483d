"""Whether an endpoint is as a step expects, and, before a step, whether it still stands as the release left it.
``InService`` alone proves nothing."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from interlock.execution.pinned import pinned_artifacts
from interlock.execution.standing import LEFT, difference, growth, rescaled
from interlock.execution.trial import judge_trial
from interlock.execution.verdicts import LOOK_AGAIN, Status, Verified, verified
from interlock.model.aws_errors import NO_ANSWER, message, says_not_found
from interlock.model.faults import failed_variant, fault_in
from interlock.model.looks import next_look
from interlock.model.observation import Endpoint, may_lag, read_served
from interlock.model.plan import LONGEST_WAIT
from interlock.model.quantities import in_words, seconds_between
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.model.traffic import same_shares


class Verification(TypedDict):
    """What to compare. ``expect``: ``{"config", "shares"}``, with ``before`` (the shares until then) and ``candidate``
    (the name of its variant) where they are known; or ``{"absent": true}``; or null for "settled, whatever it is".
    With ``component``, a name, it is about an inference component, whose config is its model; with ``hosts``, about an
    endpoint that only hosts one.
    ``endpoint``: the answer of DescribeEndpoint, or of DescribeInferenceComponent; ``since`` (when the step began) and
    ``now``: ISO 8601; ``mode``: deliver or roll_back; ``patience``: seconds that the step may wait for an event.

    ``before``: how the endpoint stood at the last look (see Endpoint.standing; empty if there was none), where the step
    has yet to be made. Without it, the step was made.
    ``job`` and ``objects``: what it answered about those that ``expect`` names (see judge_trial).
    ``artifacts``: what ``observe`` answered about each of ``expect["artifacts"]`` (its uri, etag, and when it was
    written), if the step expects any. ``scaling``: what it answered about the variant of ``expect["scaling"]``,
    likewise.
    """

    expect: Request | None
    endpoint: Request
    since: str
    now: str
    mode: str
    patience: int
    before: NotRequired[Request | None]
    artifacts: NotRequired[list[Request]]
    scaling: NotRequired[Request | None]
    job: NotRequired[Request | None]
    objects: NotRequired[list[Request] | None]


def verify_endpoint(task: Verification) -> Verified:
    """Compare an endpoint with what a step expects. While a release rolls back, it cannot roll back further, so a
    state that was not reached is held for a person. So are weights that somebody else has set meanwhile; anything else
    that has changed is planned with."""
    endpoint = read_served(task["endpoint"]["found"]) if "found" in task["endpoint"] else None
    expect, before = task["expect"] or {}, task.get("before")
    if "job" in expect and before is not None:
        verdict = _go_on()
    elif "job" in expect:
        objects = task.get("objects") or []
        verdict = _of_artifact(task, judge_trial(expect, task.get("job") or {}, objects, task["since"], task["now"]))
    elif before is not None:
        verdict = _before(task, endpoint, expect, before)
    else:
        verdict = _of_artifact(task, _compare(task, endpoint, expect))
    if endpoint and "scaling" in expect and verdict["next"] in ("Act", "Advance"):
        verdict = _scaled(task, endpoint, expect, verdict)
    waited = seconds_between(task["since"], task["now"])
    if verdict["next"] == "Await" and waited >= LONGEST_WAIT:
        said = f"{verdict['sentence']} This has lasted for {in_words(waited)}; a person is needed."
        verdict = verified(Status.STUCK, Reason.ENDPOINT_STUCK, said)
    if task["mode"] == "roll_back" and verdict["next"] in ("RollBack", "Hold"):
        moved = verdict["reason"] == Reason.ENDPOINT_MOVED
        verdict = {**verdict, "next": "Hold", "reason": str(Reason.ENDPOINT_MOVED if moved else Reason.ROLLBACK_FAILED)}
    standing = endpoint.standing() if endpoint and not expect.get("hosts") else {}
    patience = next_look(waited) if "component" in expect else task["patience"]
    return {"patience": patience, **verdict, "standing": standing}


def _before(task: Verification, endpoint: Endpoint | None, expect: Request, before: Request) -> Verified:
    """What follows from a look at an endpoint that the step has yet to change."""
    if endpoint is None and not says_not_found(task["endpoint"]):
        return _unreadable(task["endpoint"], {})
    if endpoint and (not endpoint.settled or endpoint.pending):
        return verified(Status.PENDING, Reason.ENDPOINT_BUSY, f"{endpoint.title} is {endpoint.status}.")
    said = _moved(endpoint, before, expect)
    if not said:
        return _may_be_changed(task, endpoint, expect)
    asked_for = bool(expect) and _compare(task, endpoint, expect)["status"] == Status.REACHED
    reweighted = endpoint and endpoint.status == "InService" and endpoint.reweighted(before)
    if task["mode"] == "roll_back" and (asked_for or not reweighted):
        return {**verified(Status.PENDING, Reason.ENDPOINT_MOVED, said), "next": "Plan"}
    if asked_for:
        return verified(Status.REACHED, Reason.ACCEPTED, "The endpoint is as asked already.")
    return _left(said)


def _moved(endpoint: Endpoint | None, before: Request, expect: Request) -> str:
    """What somebody else did to the endpoint since it stood as ``before``, as a sentence; empty if nothing."""
    if endpoint is None:
        return f"{_what(expect)} {_GONE} Nothing else was changed." if before else ""
    if not before:
        return f"Somebody else created {endpoint.named} meanwhile; it is left as it is."
    said = difference(before, endpoint)
    changed = f"Somebody else changed {endpoint.named} during the release: {said}."
    return f"{changed} {LEFT}" if said else ""


def _may_be_changed(task: Verification, endpoint: Endpoint | None, expect: Request) -> Verified:
    return _grown(task, endpoint, expect, _go_on())


def _go_on() -> Verified:
    return {**verified(Status.PENDING, Reason.ACCEPTED, "All stands as it was left."), "next": "Act"}


def _grown(task: Verification, endpoint: Endpoint | None, expect: Request, otherwise: Verified) -> Verified:
    """``otherwise``, if nothing has to grow before a variant that was scaled out is removed."""
    step = growth(endpoint, expect, task["patience"]) if endpoint and task["mode"] == "deliver" else None
    return {**otherwise, "next": "Grow", "step": step} if step else otherwise


def _compare(task: Verification, endpoint: Endpoint | None, expect: Request) -> Verified:
    if endpoint is None:
        return _unreadable(task["endpoint"], expect, may_lag(task["since"], task["now"]))
    if not endpoint.settled or endpoint.pending:
        return verified(Status.PENDING, Reason.ENDPOINT_BUSY, f"{endpoint.title} is {endpoint.status}.")
    if not expect:
        return verified(Status.REACHED, Reason.ACCEPTED, f"{endpoint.title} has settled.")
    if expect.get("absent"):
        return verified(Status.PENDING, Reason.ENDPOINT_BUSY, f"{endpoint.title} is still there.")
    seen = _settled(endpoint, expect)
    before = endpoint.status == "InService" or "component" in expect
    if seen["status"] == Status.NOT_REACHED and before and may_lag(task["since"], task["now"]):
        said = f"{endpoint.title} may be described as it was before the change."
        return {**verified(Status.PENDING, Reason.ENDPOINT_BUSY, said), "patience": LOOK_AGAIN}
    return seen


def _of_artifact(task: Verification, verdict: Verified) -> Verified:
    """``verdict``, if it is good for the artifacts that the step expects."""
    if verdict["status"] != Status.REACHED:
        return verdict
    return pinned_artifacts(task.get("artifacts") or [], (task["expect"] or {}).get("artifacts", []), verdict)


def _scaled(task: Verification, endpoint: Endpoint, expect: Request, otherwise: Verified) -> Verified:
    """``otherwise``, if the variant that is to be deregistered is still registered as it was planned with, and nothing
    has to grow: until that variant is removed nobody looks again."""
    answer, expected = task.get("scaling") or {}, expect["scaling"]
    if "found" not in answer:
        said = f"Whether {expected['variant']} still scales as before could not be read just now."
        return {**verified(Status.PENDING, Reason.AWS_REFUSED, said), "patience": LOOK_AGAIN}
    said = rescaled(expected, answer["found"], endpoint.name)
    return _left(said) if said else _grown(task, endpoint, expect, otherwise)


_GONE = "is gone; somebody else deleted it."


def _what(expect: Request) -> str:
    """What a step is about, to begin a sentence with."""
    return "The inference component" if "component" in expect else "The endpoint"


def _unreadable(answer: Request, expect: Request, not_yet: bool = False) -> Verified:
    """``not_yet``: an endpoint that is not found may have been asked for a moment ago."""
    gone = says_not_found(answer)
    what = _what(expect)
    if gone and (expect.get("absent") or not expect):
        return verified(Status.REACHED, Reason.ACCEPTED, f"{what} is gone.")
    if gone and not_yet:
        pending = verified(Status.PENDING, Reason.ENDPOINT_BUSY, f"{what} is not described yet.")
        return {**pending, "patience": LOOK_AGAIN}
    if gone:
        return verified(Status.NOT_REACHED, Reason.ENDPOINT_MOVED, f"{what} {_GONE}")
    said = f"{what} could not be read: {message(answer['cause']) or NO_ANSWER}"
    return verified(Status.PENDING, Reason.AWS_REFUSED, said)


def _settled(endpoint: Endpoint, expect: Request) -> Verified:
    """A rolled-back endpoint is InService on its old config, with or without a FailureReason (terraform-provider-aws
    #46663, #48997)."""
    if endpoint.status == "InService" and endpoint.config == expect["config"]:
        return _shared(endpoint, expect)
    if endpoint.status == "InService":
        where = f"it is in service on {endpoint.config}, not on {expect['config']}"
        return _failed(
            endpoint, expect, Reason.SAGEMAKER_ROLLED_BACK, f"SageMaker rolled the {endpoint.kind} back: {where}."
        )
    otherwise = Reason.ENDPOINT_FAILED if endpoint.status == "Failed" else Reason.SAGEMAKER_ROLLED_BACK
    return _failed(endpoint, expect, otherwise, f"{endpoint.title} is {endpoint.status}.")


def _shared(endpoint: Endpoint, expect: Request) -> Verified:
    """Shares that are those of ``expect["before"]`` were not changed by SageMaker; others, by somebody else."""
    shares = endpoint.shares()
    if "shares" not in expect or same_shares(shares, expect["shares"]):
        return verified(Status.REACHED, Reason.ACCEPTED, f"{endpoint.title} is in service as asked.")
    actual = endpoint.split()
    if endpoint.failure or same_shares(shares, expect.get("before", {})):
        said = f"SageMaker did not change the traffic of endpoint {endpoint.name} as asked; it is {actual}."
        return _failed(endpoint, expect, Reason.AWS_REFUSED, said)
    said = f"Somebody else changed the traffic of endpoint {endpoint.name}: {actual}. {LEFT}"
    return _left(said)


def _failed(endpoint: Endpoint, expect: Request, otherwise: Reason, said: str) -> Verified:
    """What SageMaker could not do, with the reason that its FailureReason gives, if that is a known one, and what to
    do. ``expect["candidate"]``: the variant that runs the new version; the others run stable's model."""
    words = endpoint.failure
    fault = fault_in(words)
    reason = fault.reason if fault else otherwise
    advice = fault.advice.format(log_group=endpoint.log_group) if fault else ""
    others = failed_variant(words) not in ("", expect.get("candidate", "")) and "component" not in expect
    if reason is Reason.CANDIDATE_FAILED_TO_START and others:
        reason = Reason.STABLE_FAILED_TO_START
        advice = f"Stable could not be started again, so it would not survive a restart: repair it first. {advice}"
    told = f"SageMaker says: {words}" if words else "SageMaker gave no reason."
    return verified(Status.NOT_REACHED, reason, " ".join(filter(None, (said, told, advice))))


def _left(said: str) -> Verified:
    """What somebody else did is not overwritten."""
    return {**verified(Status.NOT_REACHED, Reason.ENDPOINT_MOVED, said), "next": "Hold"}
