"""Data capture: what an endpoint was asked and answered, written to S3 as JSON Lines.

Records and keys as in the SageMaker Developer Guide, "Capture data from real-time endpoint": the folder is the hour of
the invocation. When SageMaker closes a file is not documented ("The delivery of capture data to Amazon S3 can require a
couple of minutes"): here every quarter of an hour, and the file is there `capture_delay_seconds` later.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from rehearsal.aws import AwsError
from rehearsal.clock import Clock
from rehearsal.sagemaker.containers import Reply
from rehearsal.sagemaker.fleets import Route
from rehearsal.sagemaker.options import Options

# Puts an object (bucket, key, body) as a role, encrypted with a key or "" (as the bucket says). Raises AwsError.
WriteObject = Callable[[str, str, bytes, str, str], None]

QUARTER = 900.0


class Asked(NamedTuple):
    """One request: its body, and the InferenceId that the client gave it, "" when none."""

    body: bytes
    content_type: str = "text/csv"
    inference_id: str = ""


@dataclass(frozen=True)
class _File:
    """A file that is still open: where it goes, and what it begins with."""

    destination: str
    endpoint: str
    variant: str
    quarter: float
    kms_key: str


class Capture:
    """Captures for all endpoints of an account. `refused` are the answers of S3 where a file could not be written:
    SageMaker goes on serving and tells nobody but the endpoint's log."""

    def __init__(self, clock: Clock, options: Options, write: WriteObject) -> None:
        self._clock, self._options, self._write = clock, options, write
        self._open: dict[_File, list[str]] = {}
        self._first: dict[_File, float] = {}
        self._streams: dict[str, Any] = {}
        self.refused: list[AwsError] = []

    def keep(
        self, route: Route, begin: float, end: float, asked: Sequence[Asked], replies: Sequence[Reply]
    ) -> list[tuple[int, str]]:
        """Capture a sample of requests that came one after the other between `begin` and `end` (virtual epoch seconds,
        in one quarter of an hour). Returns which, by index, with the event id of each: the client's where it gave one.
        """
        wanted = route.capture
        if not wanted or not wanted.get("EnableCapture", True):
            return []
        random = self._streams.setdefault(route.endpoint, self._clock.random(f"capture/{route.endpoint}"))
        share = wanted["InitialSamplingPercentage"] / 100
        chosen = [index for index in range(len(asked)) if random.random() < share]
        if self._options.captured_failures == "absent":
            chosen = [index for index in chosen if replies[index].status == 200]
        if not chosen:
            return []
        quarter = begin // QUARTER * QUARTER
        file = _File(wanted["DestinationS3Uri"], route.endpoint, route.variant, quarter, wanted.get("KmsKeyId", ""))
        step = (end - begin) / len(asked)
        lines = self._opened(file, begin + chosen[0] * step, route.role)
        kept = []
        for index in chosen:
            event_id = str(uuid.UUID(int=random.getrandbits(128), version=4))
            at = self._clock.iso(begin + index * step)[:19] + "Z"
            lines.append(_record(wanted, asked[index], replies[index], event_id, at))
            kept.append((index, asked[index].inference_id or event_id))
        return kept

    def _opened(self, file: _File, at: float, role: str) -> list[str]:
        if file not in self._open:
            self._open[file] = []
            self._first[file] = at
            due = file.quarter + QUARTER + self._options.capture_delay_seconds
            self._clock.at(max(due, self._clock.now), partial(self._close, file, role))
        return self._open[file]

    def _close(self, file: _File, role: str) -> None:
        lines, moment = self._open.pop(file), self._clock.datetime(self._first.pop(file))
        bucket, _, prefix = file.destination.removeprefix("s3://").partition("/")
        name = uuid.UUID(int=self._streams[file.endpoint].getrandbits(128), version=4)
        folders = [prefix.strip("/"), file.endpoint, file.variant, f"{moment:%Y/%m/%d/%H}"]
        stem = f"{moment:%M-%S}-{moment.microsecond // 1000:03d}-{name}"
        key = "/".join([*(each for each in folders if each), f"{stem}.jsonl"])
        try:
            self._write(bucket, key, "".join(f"{line}\n" for line in lines).encode(), role, file.kms_key)
        except AwsError as refused:
            self.refused.append(refused)


_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def _record(wanted: Mapping[str, Any], asked: Asked, reply: Reply, event_id: str, at: str) -> str:
    """One line (aws-samples and the developer guide show real ones, with the members in this order)."""
    modes = {each["CaptureMode"] for each in wanted["CaptureOptions"]}
    headers = wanted.get("CaptureContentTypeHeader", {})
    data = {}
    if modes & {"Input", "InputAndOutput"}:
        data["endpointInput"] = _side("INPUT", asked.body, asked.content_type, headers)
    if modes & {"Output", "InputAndOutput"}:
        data["endpointOutput"] = _side("OUTPUT", reply.body, reply.content_type, headers)
    about = {"eventId": event_id} | ({"inferenceId": asked.inference_id} if asked.inference_id else {})
    record = {"captureData": data, "eventMetadata": {**about, "inferenceTime": at}, "eventVersion": "0"}
    return _compact(record)


def _side(mode: str, body: bytes, content_type: str, headers: Mapping[str, Any]) -> dict[str, str]:
    """A body as it is where its content type is listed as CSV or JSON, else in base64 (botocore
    CaptureContentTypeHeader: "If no header is specified, SageMaker AI will by default base64 encode")."""
    kind = content_type.partition(";")[0].strip().lower()
    encoding = next((name for name, listed in _ENCODINGS.items() if kind in headers.get(listed, ())), "BASE64")
    text = base64.b64encode(body).decode() if encoding == "BASE64" else body.decode(errors="replace")
    return {"observedContentType": content_type, "mode": mode, "data": text, "encoding": encoding}


_ENCODINGS = {"CSV": "CsvContentTypes", "JSON": "JsonContentTypes"}
