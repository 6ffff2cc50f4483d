"""SQS: standard queues and their messages, with visibility timeouts on virtual time and redrive to dead-letter queues.

After botocore's model of SQS and the SQS Developer Guide, "Amazon SQS dead-letter queues". What is visible is received
in the order in which it became so. A standard queue promises no order: a scenario disturbs the events before.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rehearsal.account.authorization import Place
from rehearsal.aws import AwsError, Caller
from rehearsal.clock import Clock
from rehearsal.services.options import Options

MAX_MESSAGE_BYTES = 1_048_576  # botocore CreateQueue, MaximumMessageSize
_DEFAULTS = {"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600"}  # botocore CreateQueue
_COMES_AGAIN = 1.0  # seconds after it was deleted
_OPTIONS = Options()

Measure = Callable[[str, int], None]


@dataclass
class Message:
    """A message of a queue. `source` is the ARN of the queue that it was redriven from, "" if it was sent."""

    id: str
    body: str
    attributes: Mapping[str, Any]
    sent: float
    source: str = ""
    receipt: str = ""
    received: int = 0
    first_received: float = 0.0
    copied: bool = False


@dataclass
class Queue:
    """A queue: the messages that can be received, in order, and those that were and are not yet deleted, by receipt."""

    url: str
    arn: str
    attributes: dict[str, str]
    visible: deque[Message] = field(default_factory=deque)
    in_flight: dict[str, Message] = field(default_factory=dict)
    heard: list[Callable[[], None]] = field(default_factory=list)

    @property
    def redrive(self) -> tuple[str, int]:
        """The ARN of the dead-letter queue and maxReceiveCount; ("", 0) if there is none."""
        policy = json.loads(self.attributes.get("RedrivePolicy", "{}"))
        return policy.get("deadLetterTargetArn", ""), int(policy.get("maxReceiveCount", 0))

    @property
    def size(self) -> int:
        """Every message, visible or not."""
        return len(self.visible) + len(self.in_flight)


class Sqs:
    """The service simulator "sqs". `measure(queue name, messages visible)` is told every full minute while a queue has
    messages, as SQS publishes ApproximateNumberOfMessagesVisible (SQS Developer Guide, "Available CloudWatch
    metrics for Amazon SQS")."""

    def __init__(
        self,
        place: Place,
        clock: Clock,
        measure: Measure = lambda name, count: None,
        options: Options = _OPTIONS,
    ) -> None:
        self.queues: dict[str, Queue] = {}  # by ARN
        self._place, self._clock, self._measure, self._options = place, clock, measure, options
        self._measured: set[str] = set()
        self._ids = clock.random("sqs")

    def create_queue(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """CreateQueue. The dead-letter queue that a redrive policy names must be there."""
        name = request["QueueName"]
        arn = self._place.arn("sqs", name)
        url = f"https://sqs.{self._place.region}.amazonaws.com/{self._place.account}/{name}"
        given = {key: str(value) for key, value in request.get("Attributes", {}).items()}
        queue = Queue(url, arn, {**_DEFAULTS, **given})
        letters = queue.redrive[0]
        if letters and letters not in self.queues:
            words = f"Value {given['RedrivePolicy']} for parameter RedrivePolicy is invalid."
            raise _refusal("InvalidParameterValue", f"{words} Reason: Dead letter target does not exist.")
        self.queues.setdefault(arn, queue)
        return {"QueueUrl": url}

    def get_queue_attributes(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """GetQueueAttributes."""
        queue = self._queue(request["QueueUrl"])
        told = {
            **queue.attributes,
            "QueueArn": queue.arn,
            "ApproximateNumberOfMessages": str(len(queue.visible)),
            "ApproximateNumberOfMessagesNotVisible": str(len(queue.in_flight)),
        }
        asked = request.get("AttributeNames", [])
        return {"Attributes": told if "All" in asked else {name: told[name] for name in asked if name in told}}

    def send_message(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """SendMessage."""
        queue, body = self._queue(request["QueueUrl"]), request["MessageBody"]
        if len(body.encode()) > MAX_MESSAGE_BYTES:
            words = f"Message must be shorter than {MAX_MESSAGE_BYTES} bytes."
            raise _refusal("InvalidParameterValue", f"One or more parameters are invalid. Reason: {words}")
        message = Message(self._id(), body, request.get("MessageAttributes", {}), self._clock.now)
        self._show(queue, message)
        return {"MessageId": message.id, "MD5OfMessageBody": _md5(body)}

    def receive_message(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """ReceiveMessage. What was received maxReceiveCount times goes to the dead-letter queue instead."""
        queue = self._queue(request["QueueUrl"])
        letters, most = queue.redrive
        hidden = float(request.get("VisibilityTimeout", queue.attributes["VisibilityTimeout"]))
        received: list[dict[str, Any]] = []
        while queue.visible and len(received) < request.get("MaxNumberOfMessages", 1):
            message = queue.visible.popleft()
            if letters and message.received >= most:
                message.source = queue.arn
                self._show(self.queues[letters], message)
            elif self._expired(queue, message):
                continue
            else:
                received.append(self._received(queue, message, hidden))
        return {"Messages": received} if received else {}

    def delete_message(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """DeleteMessage. With an older receipt "the request will succeed, but the message might not be deleted"."""
        queue = self._queue(request["QueueUrl"])
        message = queue.in_flight.pop(request["ReceiptHandle"], None)
        if message and self._options.messages == "twice" and not message.copied:
            message.copied = True
            self._clock.after(_COMES_AGAIN, lambda: self._show(queue, message))
        return {}

    def start_message_move_task(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """StartMessageMoveTask: from a dead-letter queue to the queue that is named, or to the one that each message
        came from; what was sent to the dead-letter queue itself came from none, and stays."""
        source = self.queues.get(request["SourceArn"])
        if source is None:
            words = "The resource that you specified for the SourceArn parameter doesn't exist."
            raise _refusal("ResourceNotFoundException", words)
        if source.arn not in {queue.redrive[0] for queue in self.queues.values()}:
            words = "Source queue must be configured as a Dead Letter Queue."
            raise _refusal("InvalidParameterValue", words)
        for message in [source.visible.popleft() for _ in range(len(source.visible))]:
            target = self.queues.get(request.get("DestinationArn", message.source), source)
            message.received, message.sent = 0, self._clock.now
            self._show(target, message)
        return {"TaskHandle": self._id()}

    def listen(self, arn: str, heard: Callable[[], None]) -> None:
        """Call `heard` whenever a message of a queue becomes visible: a long poll that ends."""
        self.queues[arn].heard.append(heard)

    def put_back(self, arn: str, receipt: str) -> None:
        """A message that was received can be received again at once."""
        self._reappear(self.queues[arn], receipt)

    def _received(self, queue: Queue, message: Message, hidden: float) -> dict[str, Any]:
        message.received += 1
        message.first_received = message.first_received or self._clock.now
        message.receipt = receipt = self._id()
        queue.in_flight[receipt] = message
        self._clock.after(hidden, lambda: self._reappear(queue, receipt))
        counted = {
            "ApproximateReceiveCount": str(message.received),
            "SentTimestamp": str(round(message.sent * 1000)),
            "ApproximateFirstReceiveTimestamp": str(round(message.first_received * 1000)),
        }
        told = {
            "MessageId": message.id,
            "ReceiptHandle": receipt,
            "MD5OfBody": _md5(message.body),
            "Body": message.body,
            "Attributes": counted,
        }
        return {**told, "MessageAttributes": dict(message.attributes)} if message.attributes else told

    def _reappear(self, queue: Queue, receipt: str) -> None:
        message = queue.in_flight.pop(receipt, None)
        if message is not None:
            self._show(queue, message)

    def _show(self, queue: Queue, message: Message) -> None:
        queue.visible.append(message)
        if queue.arn not in self._measured:
            self._measured.add(queue.arn)
            self._clock.at(math.ceil(self._clock.now / 60) * 60, lambda: self._tell(queue))
        for heard in queue.heard:
            heard()

    def _expired(self, queue: Queue, message: Message) -> bool:
        return self._clock.now - message.sent > float(queue.attributes["MessageRetentionPeriod"])

    def _tell(self, queue: Queue) -> None:
        self._measure(queue.arn.rpartition(":")[2], len(queue.visible))
        if queue.size:
            self._clock.after(60, lambda: self._tell(queue))
        else:
            self._measured.discard(queue.arn)

    def _queue(self, url: str) -> Queue:
        arn = self._place.arn("sqs", url.rpartition("/")[2])
        if arn not in self.queues:
            raise _refusal("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
        return self.queues[arn]

    def _id(self) -> str:
        digits = f"{self._ids.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _refusal(code: str, message: str) -> AwsError:
    return AwsError("sqs", code, message)
