"""The models that rehearsals release: really trained, really packed, really served. Digit classifiers, unless a
scenario asks for customers of a telephone company."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rehearsal.models import customers, digits
from rehearsal.models.digits import rows, sample
from rehearsal.models.rows import Row

KINDS = (*digits.KINDS, *customers.KINDS)

# What the requests of a data set look like while there is a drift, which only customers know.
DATA: Mapping[str, Callable[[str], Sequence[Row]]] = {
    "digits": lambda drift: digits.rows(),
    "customers": customers.rows,
}


def artifact(kind: str) -> bytes:
    """The model.tar.gz of a kind of model, trained on first use. KeyError for an unknown kind."""
    return customers.artifact(kind) if kind in customers.KINDS else digits.artifact(kind)


__all__ = ["DATA", "KINDS", "Row", "artifact", "customers", "digits", "rows", "sample"]
