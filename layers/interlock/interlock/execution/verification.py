"""Whether an endpoint is as a step expects. ``InService`` alone proves nothing."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from interlock.model.aws_errors import NO_ANSWER, NOT_FOUND, message
from interlock.model.faults import failed_variant, fault_in
from interlock.model.observation import Endpoint, read_endpoint
from interlock.model.quantities import in_words
from interlock.model.reasons import Reason
from interlock.model.request import Request

SHARE_TOLERANCE = 0.1
"""Percentage points; weights are floats."""

LONGEST_CHANGE = 10 * 3600
"""Seconds after which a change that has not ended is stuck: a deployment may take 8 hours (botocore
MaximumExecutionTimeoutInSeconds)."""


class Status(StrEnum):
    """How an endpoint compares with what was asked for."""

    REACHED = "Reached"
    PENDING = "Pending"
    NOT_REACHED = "NotReached"
    STUCK = "Stuck"


class Verification(TypedDict):
    """What to compare. ``expect``: ``{"config", "shares"}``, with ``before`` (the shares until then) and ``candidate``
    (the name of its variant) where they are known; or ``{"absent": true}``; or null for "settled, whatever it is".
    ``endpoint``: the answer of DescribeEndpoint; ``since`` and ``now``: ISO 8601; ``mode``: deliver or roll_back."""

    expect: Request | None
    endpoint: Request
    since: str
    now: str
    mode: str


class Verified(TypedDict):
    """What was seen, and what follows: ``next`` is one of Advance, Await, RollBack and Hold."""

    status: str
    next: str
    reason: str
    sentence: str


_FOLLOWS = {
    Status.REACHED: "Advance",
    Status.PENDING: "Await",
    Status.NOT_REACHED: "RollBack",
    Status.STUCK: "Hold",
}


def verify_endpoint(task: Verification) -> Verified:
    """Compare an endpoint with what a step expects. While a release rolls back, it cannot roll back further, so a
    state that was not reached is held for a person."""
    verdict = _compare(task["endpoint"], task["expect"] or {})
    waited = _seconds_between(task["since"], task["now"])
    if verdict["status"] == Status.PENDING and waited > LONGEST_CHANGE:
        said = f"{verdict['sentence']} This has lasted for {in_words(waited)}; a person is needed."
        verdict = _verdict(Status.STUCK, Reason.ENDPOINT_STUCK, said)
    if task["mode"] == "roll_back" and verdict["next"] in ("RollBack", "Hold"):
        return {**verdict, "next": "Hold", "reason": str(Reason.ROLLBACK_FAILED)}
    return verdict


def _compare(answer: Request, expect: Request) -> Verified:
    if "error" in answer:
        return _unreadable(answer, expect)
    endpoint = read_endpoint(answer["found"])
    if not endpoint.settled or endpoint.pending:
        return _verdict(Status.PENDING, Reason.ENDPOINT_BUSY, f"Endpoint {endpoint.name} is {endpoint.status}.")
    if not expect:
        return _verdict(Status.REACHED, Reason.ACCEPTED, f"Endpoint {endpoint.name} has settled.")
    if expect.get("absent"):
        return _verdict(Status.PENDING, Reason.ENDPOINT_BUSY, f"Endpoint {endpoint.name} is still there.")
    return _settled(endpoint, expect)


def _unreadable(answer: Request, expect: Request) -> Verified:
    gone = NOT_FOUND.search(f"{answer['error']} {answer['cause']}")
    if gone and (expect.get("absent") or not expect):
        return _verdict(Status.REACHED, Reason.ACCEPTED, "The endpoint is gone.")
    if gone:
        return _verdict(Status.NOT_REACHED, Reason.ENDPOINT_MOVED, "The endpoint is gone; somebody else deleted it.")
    said = f"The endpoint could not be read: {message(answer['cause']) or NO_ANSWER}"
    return _verdict(Status.PENDING, Reason.AWS_REFUSED, said)


def _settled(endpoint: Endpoint, expect: Request) -> Verified:
    """A rolled-back endpoint is InService on its old config, with or without a FailureReason (terraform-provider-aws
    #46663, #48997)."""
    if endpoint.status == "InService" and endpoint.config == expect["config"]:
        return _shared(endpoint, expect)
    if endpoint.status == "InService":
        where = f"it is in service on {endpoint.config}, not on {expect['config']}"
        return _failed(endpoint, expect, Reason.SAGEMAKER_ROLLED_BACK, f"SageMaker rolled the endpoint back: {where}.")
    otherwise = Reason.ENDPOINT_FAILED if endpoint.status == "Failed" else Reason.SAGEMAKER_ROLLED_BACK
    return _failed(endpoint, expect, otherwise, f"Endpoint {endpoint.name} is {endpoint.status}.")


def _shared(endpoint: Endpoint, expect: Request) -> Verified:
    """Shares that are those of ``expect["before"]`` were not changed by SageMaker; others, by somebody else."""
    shares = endpoint.shares()
    if _alike(shares, expect.get("shares", {})):
        return _verdict(Status.REACHED, Reason.ACCEPTED, f"Endpoint {endpoint.name} is in service as asked.")
    actual = ", ".join(f"{name} {share:g} %" for name, share in shares.items())
    if endpoint.failure or _alike(shares, expect.get("before", {})):
        said = f"SageMaker did not change the traffic of endpoint {endpoint.name} as asked; it is {actual}."
        return _failed(endpoint, expect, Reason.AWS_REFUSED, said)
    said = f"Endpoint {endpoint.name} has other traffic shares than asked for: {actual}."
    return _verdict(Status.NOT_REACHED, Reason.ENDPOINT_MOVED, said)


def _alike(shares: dict[str, float], others: dict[str, float]) -> bool:
    return set(shares) == set(others) and all(
        abs(share - others[name]) <= SHARE_TOLERANCE for name, share in shares.items()
    )


def _failed(endpoint: Endpoint, expect: Request, otherwise: Reason, said: str) -> Verified:
    """What SageMaker could not do, with the reason that its FailureReason gives, if that is a known one, and what to
    do. ``expect["candidate"]``: the variant that runs the new version; the others run stable's model."""
    words = endpoint.failure
    fault = fault_in(words)
    reason = fault.reason if fault else otherwise
    advice = fault.advice.format(endpoint=endpoint.name) if fault else ""
    if reason is Reason.CANDIDATE_FAILED_TO_START and failed_variant(words) not in ("", expect.get("candidate", "")):
        reason = Reason.STABLE_FAILED_TO_START
        advice = f"Stable could not be started again, so it would not survive a restart: repair it first. {advice}"
    told = f"SageMaker says: {words}" if words else "SageMaker gave no reason."
    return _verdict(Status.NOT_REACHED, reason, " ".join(filter(None, (said, told, advice))))


def _verdict(status: Status, reason: Reason, sentence: str) -> Verified:
    return {"status": str(status), "next": _FOLLOWS[status], "reason": str(reason), "sentence": sentence}


def _seconds_between(since: str, now: str) -> float:
    return (datetime.fromisoformat(now) - datetime.fromisoformat(since)).total_seconds()
