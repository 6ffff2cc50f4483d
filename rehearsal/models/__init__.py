"""The models that rehearsals release: digit classifiers, really trained, really packed, really served."""

from rehearsal.models.digits import KINDS, Row, artifact, rows, sample

__all__ = ["KINDS", "Row", "artifact", "rows", "sample"]
