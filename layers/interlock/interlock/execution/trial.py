"""What the transform job that tried a candidate on a sample has shown."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from interlock.execution.verdicts import LOOK_AGAIN, Status, Verified, verified
from interlock.model.aws_errors import NO_ANSWER, TRANSIENT, message, says_not_found, told, verbatim
from interlock.model.faults import FAULTS, fault_in
from interlock.model.observation import may_lag
from interlock.model.quantities import in_words, seconds_between
from interlock.model.reasons import Reason
from interlock.model.request import Request

LOG_GROUP = "/aws/sagemaker/TransformJobs"
"""Where the containers of transform jobs log (docs: logging-cloudwatch)."""

LARGEST = 40_000
"""Bytes of an object that ``observe`` reads."""

_ACCESS = r"(?i)access ?denied|forbidden|not authorized|no s3 objects found|failed to (download|upload) data|kms"
"""A role or a key, not the model."""

_OF_THE_MODEL = r"AlgorithmError|ClientError"
"""The container did not answer, or answered with an error (aws/deep-learning-containers #586, aws/
amazon-sagemaker-examples #852 and #1620)."""


def judge_trial(expect: Request, answer: Request, objects: list[Request], since: str, now: str) -> Verified:
    """What follows from the job that ``expect`` names. ``answer``: of DescribeTransformJob; ``objects``: the beginnings
    of those that ``expect`` names, as ``observe`` answers them; ``since``, when the job was asked for, and ``now``: ISO
    8601."""
    job = answer.get("found")
    if job is None:
        return _undescribed(answer, may_lag(since, now))
    if job.get("ModelName") != expect["candidate"]:
        said = f"The transform job {expect['job']} is not of this release; it runs model {job.get('ModelName')}."
        return verified(Status.NOT_REACHED, Reason.NAME_TAKEN, said)
    status, limit, ran = job["TransformJobStatus"], expect["judged"]["max_duration"], _ran(job, now)
    found, not_yet = {each["uri"]: each for each in objects}, may_lag(since, now)
    failed = _failed(str(job.get("FailureReason", ""))) if status == "Failed" else None
    if failed is None and ran > limit:
        said = f"The transform job ran for {in_words(ran)} on the sample; the policy allows {in_words(limit)}."
        failed = verified(Status.NOT_REACHED, Reason.SAMPLE_FAILED, said)
    if failed:
        of_the_sample = failed["reason"] == Reason.SAMPLE_FAILED  # which may be another one than the policy names
        return (_not_as_named(expect["judged"], found, not_yet) if of_the_sample else None) or failed
    if status in ("InProgress", "Stopping"):
        return verified(Status.PENDING, Reason.ENDPOINT_BUSY, f"The transform job is {status}.")
    if status != "Completed":
        said = f"The transform job is {status}: somebody else stopped it. Release the version again."
        return verified(Status.NOT_REACHED, Reason.AWS_REFUSED, said)
    return _not_as_named(expect["judged"], found, not_yet) or _judged(expect, found, not_yet, ran)


def _undescribed(answer: Request, not_yet: bool) -> Verified:
    if says_not_found(answer) and not not_yet:
        return verified(Status.NOT_REACHED, Reason.AWS_REFUSED, "SageMaker does not know the transform job any more.")
    said = f"The transform job could not be read: {message(answer.get('cause', '')) or NO_ANSWER}"
    return {**verified(Status.PENDING, Reason.AWS_REFUSED, said), "patience": LOOK_AGAIN}


def _ran(job: Request, now: str) -> float:
    """Seconds on the instances; 0 before they have come."""
    began = job.get("TransformStartTime")
    return max(seconds_between(began, job.get("TransformEndTime") or now), 0.0) if began else 0.0


def _failed(words: str) -> Verified:
    """Whose fault it is, by the words of FailureReason."""
    fault = fault_in(words, FAULTS)
    said = f"The transform job failed on the sample. SageMaker says: {words or 'nothing'}."
    if fault:
        return verified(Status.NOT_REACHED, fault.reason, f"{said} {fault.advice.format(log_group=LOG_GROUP)}".strip())
    if re.search(_ACCESS, words):
        advice = "Check that the role of the models may read the sample and write into the stack's BatchFolder."
        return verified(Status.NOT_REACHED, Reason.SAMPLE_UNREADABLE, f"{said} {advice}")
    if re.search(r"(?i)respond to ping", words):
        return verified(Status.NOT_REACHED, Reason.CANDIDATE_FAILED_TO_START, f"{said} Read the log group {LOG_GROUP}.")
    reason = Reason.SAMPLE_FAILED if re.search(_OF_THE_MODEL, words) else Reason.AWS_REFUSED
    return verified(Status.NOT_REACHED, reason, f"{said} Read the log group {LOG_GROUP}.")


def _not_as_named(judged: Request, objects: Mapping[str, Request], not_yet: bool) -> Verified | None:
    """Why the sample is not known to be the one that the policy names; None if it is."""
    uri = judged["input"]
    if unread := _unread(uri, objects.get(uri) or {}, not_yet):
        return unread
    digest = hashlib.sha256(str(objects[uri]["found"]["text"]).encode()).hexdigest()
    if digest == judged["sha256"]:
        return None
    said = f"The sample {uri} is not the one that the policy names: its sha256 is {digest}."
    return verified(Status.NOT_REACHED, Reason.SAMPLE_UNREADABLE, f"{said} Put it back, or change the policy.")


def _judged(expect: Request, objects: Mapping[str, Request], not_yet: bool, ran: float) -> Verified:
    judged = expect["judged"]
    places = [uri for uri in expect["answers"] if "found" in objects.get(uri, {})] or expect["answers"][:1]
    wanted = [judged["input"], *places[:1], *([judged["expected"]] if judged["expected"] else [])]
    for uri in wanted:
        if unread := _unread(uri, objects.get(uri) or {}, not_yet):
            return unread
    records, answers, *expected = (_lines(str(objects[uri]["found"]["text"])) for uri in wanted)
    if not records:
        said = f"The sample {judged['input']} has no records."
        return verified(Status.NOT_REACHED, Reason.SAMPLE_UNREADABLE, said)
    if len(answers) != len(records):
        said = f"The candidate answered {len(answers)} of {len(records)} records of the sample."
        return verified(Status.NOT_REACHED, Reason.SAMPLE_FAILED, said)
    shown = f"The candidate answered all {len(records)} records of the sample in {in_words(ran)}"
    return _compared(judged, answers, expected[0], shown) if expected else _passed(f"{shown}.")


def _compared(judged: Request, answers: list[str], expected: list[str], shown: str) -> Verified:
    if len(expected) != len(answers):
        said = f"{judged['expected']} has {len(expected)} answers for {len(answers)} records; write one a line."
        return verified(Status.NOT_REACHED, Reason.SAMPLE_UNREADABLE, said)
    differing = sum(not _same(*pair, judged["tolerance"]) for pair in zip(answers, expected, strict=True))
    share, limit = differing / len(answers), float(judged["max_differing"])
    said = f"{shown}; {share * 100:.3g} % of the answers differ from the expected ones, and {limit * 100:.3g} % may."
    return verified(Status.NOT_REACHED, Reason.SAMPLE_FAILED, said) if share > limit else _passed(said)


def _passed(said: str) -> Verified:
    return {**verified(Status.REACHED, Reason.ACCEPTED, said), "evidence": said}


def _unread(uri: str, answer: Request, not_yet: bool) -> Verified | None:
    """Why an object cannot be judged; None if it can."""
    found = answer.get("found")
    if found is None and (not_yet or not answer or re.search(TRANSIENT, verbatim(answer))):
        said = f"{uri} could not be read just now."
        return {**verified(Status.PENDING, Reason.AWS_REFUSED, said), "patience": LOOK_AGAIN}
    if found is None:
        said = f"{uri} cannot be read: {told(answer['error'], answer['cause'])}"
        return verified(Status.NOT_REACHED, Reason.SAMPLE_UNREADABLE, said)
    size = str(found.get("range", "")).rpartition("/")[2]
    if size.isdecimal() and int(size) > LARGEST:
        said = f"{uri} has {size} bytes, and Interlock reads {LARGEST}. Take a smaller sample."
        return verified(Status.NOT_REACHED, Reason.SAMPLE_UNREADABLE, said)
    return None


def _lines(text: str) -> list[str]:
    """The lines that say something: whether an answer that ends with a newline gets another one is not documented."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _same(answer: str, expected: str, tolerance: float) -> bool:
    if answer == expected:
        return True
    try:
        return abs(float(answer) - float(expected)) <= tolerance
    except ValueError:
        return False
