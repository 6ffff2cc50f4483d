"""What AWS's words mean for a step whose call failed: the rules, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from interlock.model.aws_errors import BUSY, DENIED, NOT_FOUND, TAKEN, TRANSIENT
from interlock.model.faults import OF_THE_ACCOUNT
from interlock.model.reasons import Reason


class Next(StrEnum):
    """What the state machine does about a failure."""

    ACCEPT = "Accept"
    """As good as done: go on with the next step."""
    SENT = "Sent"
    """The request was carried out before, and its answer was lost: wait for what follows from it."""
    COMPARE = "Compare"
    """Something with that name exists: read it and compare it with what was asked for."""
    RETRY = "Retry"
    """Wait a little and send the same request again."""
    AWAIT = "Await"
    """Wait until the endpoint has settled and send the same request again."""
    ROLL_BACK = "RollBack"
    HOLD = "Hold"


@dataclass(frozen=True)
class Rule:
    """``words``, a regular expression, are looked for in "<error> <cause>" of a failed ``action`` (empty: any).
    ``advice``: what a person can do about it."""

    words: str
    following: Next
    reason: Reason
    said: str
    action: str = ""
    advice: str = ""


_ANYTHING = ""
TIDYING = "DeleteAlarms|DeleteEndpointConfig|DeleteModel|StopTransformJob"
"""Actions without which a release is as good."""

RULES: tuple[Rule, ...] = (
    Rule(r"Interlock\.InternalError", Next.ROLL_BACK, Reason.INTERNAL_ERROR, "Interlock cannot carry it out."),
    Rule(NOT_FOUND, Next.ACCEPT, Reason.NOTHING_TO_DO, "It was already gone.", r"Delete\w+|DeregisterScalableTarget"),
    Rule(BUSY, Next.AWAIT, Reason.ENDPOINT_BUSY, "The endpoint is busy with another change."),
    Rule(
        "ResourceInUse",
        Next.SENT,
        Reason.ACCEPTED,
        "The job of this release was started before; its answer was lost.",
        "CreateTransformJob",
    ),
    Rule(
        r"(?i)in status|NotFound",
        Next.ACCEPT,
        Reason.NOTHING_TO_DO,
        "The job has ended.",
        "StopTransformJob",
    ),
    Rule(
        TAKEN,
        Next.COMPARE,
        Reason.NAME_TAKEN,
        "Something with this name exists.",
        "CreateModel|CreateEndpointConfig|CreateEndpoint|CreateInferenceComponent",
    ),
    Rule(
        "(?i)(failed to download|could not (find|access)) model data",
        Next.ROLL_BACK,
        Reason.ARTIFACT_UNREADABLE,
        "SageMaker could not read the candidate's model.",
        "InvokeEndpoint",
        "Let the role of the models read it.",
    ),
    Rule(
        "ModelError",
        Next.ROLL_BACK,
        Reason.SMOKE_TEST_FAILED,
        "The candidate answered the smoke test with an error.",
        "InvokeEndpoint",
    ),
    Rule(
        "ExecutionAlreadyExists",
        Next.ACCEPT,
        Reason.ACCEPTED,
        "The gate was asked before.",
        "StartExecution",
    ),
    Rule(
        r"(?i)NotReady|timed? ?out|States\.Timeout",
        Next.RETRY,
        Reason.SMOKE_TEST_FAILED,
        "The candidate did not answer the smoke test.",
        "InvokeEndpoint",
    ),
    Rule(
        "(?i)PreconditionFailed|pre-?conditions you specified|Status Code: 412",
        Next.ROLL_BACK,
        Reason.ARTIFACT_CHANGED,
        "The artifact is no longer the one that was approved.",
        "CopyObject",
        "Register the new one as a version of its own.",
    ),
    Rule(TRANSIENT, Next.RETRY, Reason.AWS_REFUSED, "AWS could not do it just now."),
    Rule(
        NOT_FOUND,
        Next.RETRY,
        Reason.AWS_REFUSED,
        "AWS does not see yet what was just created.",
        "CreateEndpointConfig|CreateEndpoint|RegisterScalableTarget|PutScalingPolicy|PutStepScalingPolicy|PutScheduledAction"
        "|CreateInferenceComponent|CreateTransformJob",
    ),
    Rule(
        "(?i)could not find inference component",
        Next.ROLL_BACK,
        Reason.ENDPOINT_MOVED,
        "The inference component is gone; somebody else deleted it.",
        "UpdateInferenceComponent",
    ),
    Rule(
        NOT_FOUND,
        Next.RETRY,
        Reason.AWS_REFUSED,
        "AWS does not see yet what was just created.",
        "UpdateInferenceComponent",
    ),
    Rule(
        '(?i)could not find endpoint "',
        Next.ROLL_BACK,
        Reason.ENDPOINT_MOVED,
        "The endpoint is gone; somebody else deleted it.",
        "UpdateEndpoint|UpdateEndpointWeightsAndCapacities",
    ),
    Rule(
        "(?i)could not find endpoint config",
        Next.RETRY,
        Reason.AWS_REFUSED,
        "AWS does not see yet what was just created.",
        "UpdateEndpoint",
    ),
    Rule(
        "(?i)endpoint .* not found",
        Next.ROLL_BACK,
        Reason.ENDPOINT_MOVED,
        "The endpoint is gone; somebody else deleted it.",
        "InvokeEndpoint",
    ),
    Rule(
        "(?i)does not support target model",
        Next.ROLL_BACK,
        Reason.ENDPOINT_MOVED,
        "The endpoint has one model now; somebody else changed it.",
        "InvokeEndpoint",
    ),
    Rule(
        "(?i)validation",
        Next.ROLL_BACK,
        Reason.SMOKE_TEST_FAILED,
        "The candidate could not be invoked.",
        "InvokeEndpoint",
    ),
    Rule(
        DENIED,
        Next.COMPARE,
        Reason.AWS_REFUSED,
        "It may be gone.",
        "DeleteEndpoint|DeleteEndpointConfig|DeleteModel|DeleteInferenceComponent|StopTransformJob",
    ),
    Rule(_ANYTHING, Next.ACCEPT, Reason.AWS_REFUSED, "It could not be removed and is left behind.", TIDYING),
    *(Rule(fault.words, Next.ROLL_BACK, fault.reason, "AWS refused.", advice=fault.advice) for fault in OF_THE_ACCOUNT),
    Rule(_ANYTHING, Next.ROLL_BACK, Reason.AWS_REFUSED, "AWS refused."),
)
"""The first rule that fits answers."""
