"""What a version's package says of the release that made it live: metadata, and a place in its model card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypedDict

from interlock.model.request import Request
from interlock.retraining.gate_texts import metadata_value

LONGEST_CARD = 100_000
"""Characters of a ModelCardContent (botocore ModelPackageModelCard)."""

LONGEST_DETAIL = 1024
"""Characters of a custom detail (docs: aws-properties-sagemaker-modelcard-additionalinformation)."""

PLACE = "interlock_live"
"""The custom detail of ours. Its name has letters, digits and underscores only (docs: as above)."""

Card = Literal["Updated", "None", "NotRead", "Archived", "NotUnderstood", "TooLong", "Refused"]
"""What becomes of the model card. All but the first leave it as it is."""


LAST_BEGIN = 45
"""Seconds after the start of `settle` in which a call may still begin. A call is given up after 185 seconds, and
`settle` must end before `deliver` gives it up, after 300."""

Next = Literal["Look", "Update", "End"]


class Live(TypedDict):
    """A version that a release has made live, and what was done so far to tell its package. ``since``, ``began`` (of
    the machine) and ``now``: ISO 8601; ``looked``: whether the package was asked for; ``card``: its ModelCard as
    DescribeModelPackage answers it, empty if it has none, null if it could not be read; ``tried``: how many requests
    were sent; ``refused``: why the last was not carried out, empty if it was."""

    release: str
    group: str
    version: int
    endpoint: str
    since: str
    arn: str
    began: str
    now: str
    looked: bool
    card: Mapping[str, Any] | None
    tried: int
    refused: str


class Told(TypedDict):
    """For the journal. ``card``: a word of Card; ``error``: why nothing was written, empty if it was."""

    properties: dict[str, str]
    card: str
    error: str


class Recorded(TypedDict):
    """What to do next, and the request for UpdateModelPackage if that is to update."""

    next: Next
    request: Request
    document: Told


def record_release(task: Live) -> Recorded:
    """Plan what the package says: first to look at it, then to update it, then once more without its model card if
    that was refused, because the card must not keep the metadata from being written. Approval is not touched, so that
    nothing is released because of this."""
    properties, ways = _properties(task), _ways(task)
    tried, refused = task["tried"], task["refused"]
    if tried and not refused:
        return _ends(properties, ways[tried - 1][1], "")
    if tried == len(ways):
        return _ends(properties, ways[-1][1], refused)
    request, card = ways[tried]
    if _is_late(task):
        return _ends(properties, card, f"There was no time left. {refused}".strip())
    step: Next = "Update" if task["looked"] else "Look"
    return {"next": step, "request": request, "document": {"properties": properties, "card": card, "error": ""}}


def _ends(properties: dict[str, str], card: Card, error: str) -> Recorded:
    return {"next": "End", "request": {}, "document": {"properties": properties, "card": card, "error": error}}


def _properties(task: Live) -> dict[str, str]:
    told = {
        "interlock-live-since": task["since"],
        "interlock-release": task["release"],
        "interlock-endpoint": task["endpoint"],
    }
    return {name: fit for name, value in told.items() if (fit := metadata_value(value))}


def _ways(task: Live) -> list[tuple[Request, Card]]:
    """The requests, each for when the one before was refused, and what each means for the model card."""
    plain: Request = {"ModelPackageArn": task["arn"], "CustomerMetadataProperties": _properties(task)}
    card, content = _with_place(task["card"], _sentence(task))
    if task["card"] is None or card != "Updated":
        return [(plain, card)]
    return [({**plain, "ModelCard": {**task["card"], "ModelCardContent": content}}, card), (plain, "Refused")]


def _is_late(task: Live) -> bool:
    spent = datetime.fromisoformat(task["now"]) - datetime.fromisoformat(task["began"])
    return spent.total_seconds() > LAST_BEGIN


def _sentence(task: Live) -> str:
    said = (
        f"Version {task['version']} of {task['group']} went live on endpoint {task['endpoint']} at {task['since']}"
        f" by Interlock's release {task['release']}."
    )
    return said[:LONGEST_DETAIL]


def _with_place(card: Mapping[str, Any] | None, sentence: str) -> tuple[Card, str]:
    """The content of ``card`` with the sentence in its place, and otherwise as it was. Content that is not a model card
    is left alone (docs: model-registry-details, Model package model card schema: additional_information.custom_details
    is a map of texts)."""
    if card is None:
        return "NotRead", ""
    if not card.get("ModelCardContent"):
        return "None", ""
    if card.get("ModelCardStatus") == "Archived":  # no update is allowed any more (botocore ModelCardStatus)
        return "Archived", ""
    try:
        content = json.loads(card["ModelCardContent"])
        content.setdefault("additional_information", {}).setdefault("custom_details", {}).update({PLACE: sentence})
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, AttributeError, TypeError, RecursionError):
        return "NotUnderstood", ""
    return ("Updated", text) if len(text) <= LONGEST_CARD else ("TooLong", "")
