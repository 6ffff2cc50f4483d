"""Ground truth: the true labels of captured requests, which become known long after the answers.

As JSON Lines `{"event_id": …, "label": …}`, a file for each hour of requests. The folder is the day on which the labels
are known, not that of the requests (SageMaker Developer Guide, "Ingest Ground Truth labels and merge them with
predictions": "The date in this path is the date when the Ground Truth label is collected").
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from functools import partial

from rehearsal.aws import AwsError
from rehearsal.clock import Clock
from rehearsal.traffic.load import Labelled

HOUR = 3_600.0


class Labels:
    """Publishes labels. `write(bucket, key, body)` puts an object; `bucket` is where they go unless a load says."""

    def __init__(self, clock: Clock, write: Callable[[str, str, bytes], object], bucket: str) -> None:
        self._clock, self._write, self._bucket = clock, write, bucket
        self._waiting: dict[tuple[str, float], list[str]] = {}
        self._streams: dict[str, random.Random] = {}
        self.refused: list[AwsError] = []

    def learn(self, endpoint: str, how: Labelled, at: float, known: Sequence[tuple[str, str]]) -> None:
        """Event ids and labels of requests that came `at` a time (virtual epoch seconds)."""
        stream = self._streams.setdefault(endpoint, self._clock.random(f"labels/{endpoint}"))
        told = [
            json.dumps({"event_id": event_id, "label": label})
            for event_id, label in known
            if stream.random() < how.share
        ]
        hour = at // HOUR * HOUR
        if told and (endpoint, hour) not in self._waiting:
            self._waiting[endpoint, hour] = []
            self._clock.at(hour + HOUR + how.delay, partial(self._publish, endpoint, hour, how))
        if told:
            self._waiting[endpoint, hour] += told

    def _publish(self, endpoint: str, hour: float, how: Labelled) -> None:
        lines = self._waiting.pop((endpoint, hour))
        day, of = self._clock.datetime(), self._clock.datetime(hour)
        key = f"labels/{how.group}/{day:%Y/%m/%d}/{endpoint}-{of:%Y%m%d%H}.jsonl"
        try:
            self._write(how.bucket or self._bucket, key, "".join(f"{line}\n" for line in lines).encode())
        except AwsError as refused:
            self.refused.append(refused)
