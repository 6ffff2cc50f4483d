"""The jobs of a run, by their task. Each reads what those before it wrote, and the last one judges the window.

``run``: all in one job. ``summarise``, ``merge``: several instances count a part each, then one judges the whole.
``prepare``, ``analyse``, ``judge``: the program writes a dataset, Clarify's container computes the metrics, and the
program judges them.
"""

from __future__ import annotations

FIRST = frozenset({"run", "summarise", "prepare"})
"""Tasks that begin a run: they read the capture."""

FOLLOWING = {"summarise": "merge", "prepare": "analyse", "analyse": "judge"}
"""The task of the job that follows a job."""

PARTS = frozenset(FOLLOWING)
"""Tasks that judge nothing: another job follows."""


def following(task: str, said: str, container: str) -> str:
    """The task that follows ``task``, whose job left the exit message ``said``; empty if none does. There is nothing to
    analyse unless the preparation says Completed, and nobody to do it if the policy names the ``container`` no more."""
    prepared = said.startswith("Completed") and container
    return "judge" if task == "prepare" and not prepared else FOLLOWING.get(task, "")
