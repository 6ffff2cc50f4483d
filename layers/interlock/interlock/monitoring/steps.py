"""The jobs of a run, by their task. Each reads what those before it wrote, and the last one judges the window."""

from __future__ import annotations

FIRST = frozenset({"run", "summarise"})
"""Tasks that begin a run: they read the capture."""

FOLLOWING = {"summarise": "merge"}
"""The task of the job that follows a job."""

PARTS = frozenset(FOLLOWING)
"""Tasks that judge nothing: another job follows."""
