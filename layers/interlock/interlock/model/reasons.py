"""Outcomes and reason codes: why a release ended, in words that other programs may switch on."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How a release ended. A release ends in exactly one of these."""

    SUCCEEDED = "Succeeded"
    ROLLED_BACK = "RolledBack"
    FAILED = "Failed"
    """Interlock stopped and changes nothing more; a person is needed."""
    REFUSED = "Refused"
    """A pre-flight check failed; nothing was touched."""
    SUPERSEDED = "Superseded"
    CANCELLED = "Cancelled"


class Reason(StrEnum):
    """Reason codes of endings, refusals and ignored events. Codes are stable; sentences may change."""

    # A release did what it was asked.
    DELIVERED = "Delivered"
    ALREADY_LIVE = "AlreadyLive"
    RECOVERED_FORWARD = "RecoveredForward"

    # The candidate was rolled back.
    ALARM_RAISED = "AlarmRaised"
    EVIDENCE_FAILED = "EvidenceFailed"
    EVIDENCE_INCONCLUSIVE = "EvidenceInconclusive"
    EVIDENCE_ERROR = "EvidenceError"
    SMOKE_TEST_FAILED = "SmokeTestFailed"
    SAMPLE_FAILED = "SampleFailed"
    SAMPLE_UNREADABLE = "SampleUnreadable"
    CANDIDATE_FAILED_TO_START = "CandidateFailedToStart"
    SAGEMAKER_ROLLED_BACK = "SageMakerRolledBack"
    STABLE_FAILED_TO_START = "StableFailedToStart"
    INSUFFICIENT_CAPACITY = "InsufficientCapacity"
    QUOTA_EXCEEDED = "QuotaExceeded"
    IMAGE_UNREADABLE = "ImageUnreadable"
    ABORTED_BY_PERSON = "AbortedByPerson"
    VERSION_REJECTED = "VersionRejected"
    PAUSE_EXPIRED = "PauseExpired"
    APPROVAL_EXPIRED = "ApprovalExpired"
    GATE_REFUSED = "GateRefused"
    GATE_EXPIRED = "GateExpired"
    GATE_BROKEN = "GateBroken"
    EXECUTION_STOPPED = "ExecutionStopped"
    AWS_REFUSED = "AwsRefused"
    AWS_UNAVAILABLE = "AwsUnavailable"

    # A person has to look.
    ENDPOINT_MOVED = "EndpointMoved"
    ENDPOINT_STUCK = "EndpointStuck"
    LEASE_LOST = "LeaseLost"
    ROLLBACK_FAILED = "RollbackFailed"
    NAME_TAKEN = "NameTaken"
    INTERNAL_ERROR = "InternalError"

    # Refused before anything was touched.
    INPUT_INVALID = "InputInvalid"
    POLICY_MISSING = "PolicyMissing"
    POLICY_INVALID = "PolicyInvalid"
    VERSION_NOT_FOUND = "VersionNotFound"
    VERSION_NOT_APPROVED = "VersionNotApproved"
    VERSION_NOT_READY = "VersionNotReady"
    VERSION_UNSUPPORTED = "VersionUnsupported"
    VERSION_QUARANTINED = "VersionQuarantined"
    ARTIFACT_MISSING = "ArtifactMissing"
    ARTIFACT_UNREADABLE = "ArtifactUnreadable"
    ARTIFACT_CHANGED = "ArtifactChanged"
    IMAGE_NOT_PINNED = "ImageNotPinned"
    ENDPOINT_TAKEN = "EndpointTaken"
    CONSENT_MISSING = "ConsentMissing"
    ENDPOINT_UNSUPPORTED = "EndpointUnsupported"
    CONTAINER_DIFFERS = "ContainerDiffers"
    ENDPOINT_BUSY = "EndpointBusy"
    ENDPOINT_FAILED = "EndpointFailed"
    LESS_PROTECTED = "LessProtected"
    ALARM_ALREADY_RAISED = "AlarmAlreadyRaised"
    ALARM_MISSING = "AlarmMissing"
    RELEASES_FROZEN = "ReleasesFrozen"
    STRATEGY_IMPOSSIBLE = "StrategyImpossible"

    # A newer version took its place.
    NEWER_VERSION_WAITING = "NewerVersionWaiting"

    # Events and requests that intake answered.
    EVENT_MALFORMED = "EventMalformed"
    EVENT_UNKNOWN = "EventUnknown"
    EVENT_IRRELEVANT = "EventIrrelevant"
    EVENT_DUPLICATE = "EventDuplicate"
    EVENT_OUTDATED = "EventOutdated"
    NOTHING_TO_DO = "NothingToDo"
    TOO_LATE = "TooLate"
    ACCEPTED = "Accepted"

    # What a signal led to, and why it led to no more.
    REMEDY_CHOSEN = "RemedyChosen"
    PERSON_NEEDED = "PersonNeeded"
    NO_VIOLATIONS = "NoViolations"
    DRIFT_NOT_CONFIRMED = "DriftNotConfirmed"
    DRIFT_WENT_AWAY = "DriftWentAway"
    VERSION_NOT_LIVE = "VersionNotLive"
    NOTHING_LIVE = "NothingLive"
    COALESCED = "Coalesced"
    ALREADY_TOLD = "AlreadyTold"
    RELEASE_IN_PROGRESS = "ReleaseInProgress"
    NO_VERSION_TO_ROLL_BACK_TO = "NoVersionToRollBackTo"
    SCALED_ALREADY = "ScaledAlready"
    RETRAINING_NOT_CONFIGURED = "RetrainingNotConfigured"
    RETRAINING_FROZEN = "RetrainingFrozen"
    RETRAINING_UNDER_WAY = "RetrainingUnderWay"
    QUIET_HOURS = "QuietHours"
    COOLDOWN = "Cooldown"
    TOO_MANY_RETRAININGS = "TooManyRetrainings"
    BUDGET_SPENT = "BudgetSpent"

    # How a retraining ended.
    RETRAINING_STARTED = "RetrainingStarted"
    RETRAINING_IMPOSSIBLE = "RetrainingImpossible"
    RETRAINING_RUNNING = "RetrainingRunning"
    RETRAINING_FAILED = "RetrainingFailed"
    RETRAINING_STOPPED = "RetrainingStopped"
    RETRAINING_LOST = "RetrainingLost"
    RETRAINING_TIMED_OUT = "RetrainingTimedOut"
    RETRAINING_REGISTERED_NOTHING = "RetrainingRegisteredNothing"
    RETRAINING_AMBIGUOUS = "RetrainingAmbiguous"
    VERSION_OF_ANOTHER_GROUP = "VersionOfAnotherGroup"
    VERSION_REGISTERED = "VersionRegistered"

    # What the gate said about the version that a retraining registered.
    GATE_PASSED = "GatePassed"
    GATE_FAILED = "GateFailed"
    GATE_UNDECIDED = "GateUndecided"
    APPROVAL_LEFT_TO_PERSON = "ApprovalLeftToPerson"
    CHAMPION_CHANGED = "ChampionChanged"
    CHAMPION_MISSING = "ChampionMissing"
    TOO_FEW_SAMPLES = "TooFewSamples"
    REPORT_MISSING = "ReportMissing"


BLAMES_CANDIDATE = frozenset(
    {
        Reason.ALARM_RAISED,
        Reason.EVIDENCE_FAILED,
        Reason.GATE_REFUSED,
        Reason.SMOKE_TEST_FAILED,
        Reason.SAMPLE_FAILED,
        Reason.CANDIDATE_FAILED_TO_START,
    }
)
"""Reasons that show the version itself to be bad: it is quarantined, so that no repeated event releases it again."""
