"""What the documentation of EventBridge, SQS and Pipes leaves open: one named choice each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Options:
    """Named answers. Times in seconds of virtual time.

    `messages`: a standard queue delivers at least once: "on rare occasions" a message comes again although it was
    deleted (botocore DeleteMessage). With "twice" every message does, a second after it was deleted.
    `key_conditions`: whether EventBridge tells KMS for which account and rule it sends to an encrypted queue. For
    encrypted topics such conditions are "not supported" (docs: sns/latest/dg/sns-key-management); of queues nothing
    is said.
    `schedule_source`: which ARN Scheduler names as aws:SourceArn when it assumes a schedule's role. "The value of
    aws:SourceArn must be your EventBridge Scheduler schedule group ARN"; an earlier text of that page says "schedule
    ARN" (docs: scheduler/latest/UserGuide/cross-service-confused-deputy-prevention).
    `failed_messages`: when a message comes back whose execution failed. "All messages in that batch become visible in
    the queue again"; "after the visibility timeout occurs, EventBridge receives the message again" (docs:
    eb-pipes-sqs).
    `failing_pipe`: how a pipe polls whose target fails. Its "polling throughput will gradually back off" (docs:
    eb-pipes-error-troubleshooting); how is not said. Here it goes on, or it waits after each failure: a second, then
    twice as long each time, at most `longest_pause`.
    `refused_pipe`: "for nearly continuous 4xx errors … the pipe can be automatically disabled" (the same page). Never,
    or after 20 refusals of the target without a success between them.
    """

    longest_pause: float = 30.0
    messages: Literal["once", "twice"] = "once"
    key_conditions: Literal["supported", "not supported"] = "supported"
    schedule_source: Literal["group", "schedule"] = "group"
    failed_messages: Literal["after the visibility timeout", "at once"] = "after the visibility timeout"
    failing_pipe: Literal["goes on", "pauses"] = "goes on"
    refused_pipe: Literal["goes on", "disabled"] = "goes on"
