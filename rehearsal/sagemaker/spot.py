"""Takes a spot instance away in the middle of a script, at a moment that does not depend on how fast the script is."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class SpotInterrupted(BaseException):
    """The instance is taken away. No script can catch it by catching Exception."""


@contextlib.contextmanager
def interrupting_second_write(folder: Path) -> Iterator[None]:
    """Raise SpotInterrupted when a second file is opened for writing under `folder`: the first one is whole then.

    By Python's audit event "open" (docs: audit_events), so that the moment does not depend on how fast the script is.
    """
    _watched[:] = [str(folder), 0]
    if not _hooked:
        sys.addaudithook(_hear)  # cannot be removed; it does nothing while no folder is watched
        _hooked.append(True)
    try:
        yield
    finally:
        _watched.clear()


_watched: list[Any] = []  # the folder, and how many files were opened for writing in it
_hooked: list[bool] = []


def _hear(event: str, details: tuple[Any, ...]) -> None:
    if event != "open" or not _watched:
        return
    path, mode = details[0], details[1]
    if isinstance(path, str | os.PathLike) and str(path).startswith(_watched[0]) and mode and "w" in mode:
        _watched[1] += 1
        if _watched[1] > 1:
            raise SpotInterrupted
