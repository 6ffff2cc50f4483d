"""The models that rehearsals release: really trained, really packed, really served. Digit classifiers, unless a
scenario asks for customers of a telephone company or names a model of its own; and `clip`, which prepares what a digit
classifier is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from rehearsal.models import customers, digits, own
from rehearsal.models.digits import rows, sample
from rehearsal.models.packing import pack
from rehearsal.models.rows import Requests, Row

CLIP = "clip"
KINDS = (*digits.KINDS, *customers.KINDS, CLIP)

# What the requests of a data set look like while there is a drift, which only customers know.
DATA: Mapping[str, Callable[[str], Sequence[Row]]] = {
    "digits": lambda drift: digits.rows(),
    "customers": customers.rows,
}


def artifact(kind: str, folder: Path | None = None) -> bytes:
    """The model.tar.gz of a kind of model, trained on first use, or at a path from `folder`. KeyError for an unknown
    kind, OSError for a file that cannot be read."""
    if own.is_path(kind):
        return ((folder or Path()) / kind).read_bytes()
    if kind == CLIP:
        return pack({"inference.py": (Path(__file__).parent / "clip_inference.py").read_bytes()})
    return customers.artifact(kind) if kind in customers.KINDS else digits.artifact(kind)


__all__ = ["DATA", "KINDS", "Requests", "Row", "artifact", "customers", "digits", "own", "rows", "sample"]
