"""Whether the artifacts that a candidate's containers have loaded are those that were planned with."""

from __future__ import annotations

import re

from interlock.execution.verdicts import LOOK_AGAIN, Status, Verified, verified
from interlock.model.aws_errors import TRANSIENT, says_not_found, told, verbatim
from interlock.model.reasons import Reason
from interlock.model.request import Request
from interlock.model.version import unquoted


def pinned_artifacts(answers: list[Request], expected: list[Request], reached: Verified) -> Verified:
    """``reached``, if the artifacts that the containers have loaded are still those that were planned with. One that
    was replaced counts before one that could not be read just now."""
    asked = zip(expected, [*answers, *({} for _ in expected)], strict=False)
    found = [_same(answer, artifact, reached) for artifact, answer in asked]
    worst_first = (Status.NOT_REACHED, Status.PENDING, Status.REACHED)
    return min(found, key=lambda each: worst_first.index(each["status"]), default=reached)


def _same(answer: Request, expected: Request, reached: Verified) -> Verified:
    found = answer.get("found")
    if found is None and (not answer or re.search(TRANSIENT, verbatim(answer))):
        said = f"The model artifact {expected['uri']} could not be read just now."
        return {**verified(Status.PENDING, Reason.AWS_REFUSED, said), "patience": LOOK_AGAIN}
    if found is None:
        said = f"The model artifact {expected['uri']} cannot be read any more: {told(answer['error'], answer['cause'])}"
        reason = Reason.ARTIFACT_MISSING if says_not_found(answer) else Reason.ARTIFACT_UNREADABLE
        return verified(Status.NOT_REACHED, reason, said)
    etag, written = unquoted(found.get("ETag", "")), found.get("LastModified", "")
    if (etag, written) == (expected["etag"], expected["written"]):
        return reached
    said = (
        f"The model artifact {expected['uri']} was replaced at {written}, while the candidate started; nobody has"
        " approved what it may run now. Register the new artifact as a version of its own."
    )
    return verified(Status.NOT_REACHED, Reason.ARTIFACT_CHANGED, said)
