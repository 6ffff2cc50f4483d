"""Objects of S3 as the machine ``observe`` answers them: the beginning of each, and how long it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def left_out(found: Mapping[str, Any]) -> int:
    """How many bytes of an object were not read, by its ``range``: 83,456 of ``bytes 0-39999/123456``."""
    read, size = _read_of(found)
    return max(0, size - read)


def why_unread(uri: str, answer: Mapping[str, Any]) -> str:
    """Why an object cannot be used, as a sentence; empty if it was read whole."""
    found = answer.get("found")
    if not found:
        return f"{uri} could not be read ({answer.get('error') or 'no reason was given'})."
    read, size = _read_of(found)
    if size <= read:
        return ""
    return f"{uri} is too long: it has {size:,} bytes, and Interlock reads {read:,} bytes of a file."


def _read_of(found: Mapping[str, Any]) -> tuple[int, int]:
    """The bytes that were read, and those that there are; both 0 if nobody says."""
    part, _, size = str(found.get("range", "")).rpartition("/")
    last = part.rpartition("-")[2]
    return (int(last) + 1, int(size)) if size.isdecimal() and last.isdecimal() else (0, 0)
