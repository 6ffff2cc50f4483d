"""An object was written to S3: the violations that a monitor found, or new data to train with."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from interlock.intake.commands import Ignore, Refuse, Weigh, ignore, refuse, told, weigh
from interlock.intake.events.reading import Detail, EventType, Name, in_utc
from interlock.model.quantities import in_iso
from interlock.model.reasons import Reason
from interlock.model.results_path import VIOLATIONS_FILE, read_file_key

TRAINING_DATA = "training-data/"
"""Where new data to train with lies: ``training-data/<group>/…``."""


class Bucket(Detail):
    """The bucket of an object."""

    name: Name


class StoredObject(Detail):
    """An object. Its key is not URL-encoded, unlike in S3's own notifications: a recorded event of EventBridge has the
    key ``raw/health-check/2023-08-08T14:03:40.532432.zip`` (gist vincentclaes/7a5eb53acc05b316c86769fed25d4e1a).
    ``size`` in bytes."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    size: Annotated[int, Field(ge=0)] | None = None


class StoredObjectDetail(Detail):
    """Object Created (docs: AmazonS3/latest/userguide/ev-events)."""

    bucket: Bucket
    object: StoredObject
    told_at: str


def object_created(detail: StoredObjectDetail) -> Weigh | Ignore | Refuse:
    """Violations are weighed run by run; new data hour by hour, so that a thousand files are one signal."""
    uri = f"s3://{detail.bucket.name}/{detail.object.key}"
    if detail.object.key.endswith(f"/{VIOLATIONS_FILE}"):
        return _violations(uri, detail)
    group, _, name = detail.object.key.removeprefix(TRAINING_DATA).partition("/")
    if detail.object.key.startswith(TRAINING_DATA) and group and name:
        return _new_data(uri, group, detail)
    return ignore(f"{uri} is neither a monitor's {VIOLATIONS_FILE} nor under {TRAINING_DATA}<group>/.")


def _violations(uri: str, detail: StoredObjectDetail) -> Weigh | Ignore:
    folder = read_file_key(detail.object.key)
    if folder is None:
        return ignore(f"{uri} does not lie under <endpoint>/<monitor>/YYYY/MM/DD/HH/, so it is no run of a monitor.")
    sentence = f"Monitor {folder.monitor} of endpoint {folder.endpoint} has judged {folder.hour}."
    signal = told("", folder.run, folder.hour, "low", sentence, endpoint=folder.endpoint, evidence=uri)
    return weigh(signal, detail.object.size)


def _new_data(uri: str, group: str, detail: StoredObjectDetail) -> Weigh | Refuse:
    try:
        hour = in_utc(detail.told_at).replace(minute=0, second=0, microsecond=0)
    except (ValueError, OverflowError):
        return refuse(Reason.EVENT_MALFORMED, f"time: {detail.told_at!r} is not an ISO 8601 time.")
    sentence = f"New training data of {group} arrived in the hour from {hour:%Y-%m-%d %H:%M} UTC."
    run = f"new-data/{group}/{hour:%Y/%m/%d/%H}"
    evidence = f"s3://{detail.bucket.name}/{TRAINING_DATA}{group}/"
    return weigh(told("new_data", run, in_iso(hour), "low", sentence, group=group, evidence=evidence))


STORED_OBJECT = EventType("aws.s3", "Object Created", StoredObjectDetail, object_created, envelope=True)
