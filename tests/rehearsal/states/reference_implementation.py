"""Evaluates recorded expressions again, with the reference implementation of JSONata (npm jsonata 2.0.6, in node)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rehearsal.states import Evaluation
from rehearsal.states.expressions import UNDEFINED

PROGRAM = Path(__file__).parent / "reference" / "evaluate.js"


def disagreements(evaluations: Iterable[Evaluation]) -> list[str]:
    """Where the reference implementation gives something else, one sentence each; the same question is asked once."""
    asked = {json.dumps({"source": each.source, "variables": dict(each.variables)}): each for each in evaluations}
    ran = subprocess.run(
        ["node", PROGRAM.name],
        cwd=PROGRAM.parent,
        input="".join(f"{question}\n" for question in asked),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    pairs = zip(asked.values(), answers, strict=True)
    return [
        f"{each.source}: {_ours(each)} here, {answer} there"
        for each, answer in pairs
        if not _agree(_ours(each), answer)
    ]


def _ours(evaluation: Evaluation) -> dict[str, Any]:
    if evaluation.failed:
        return {"error": "failed"}
    return {} if evaluation.result is UNDEFINED else {"result": evaluation.result}


def _agree(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether both failed, or both gave the same; the words of an error are each implementation's own."""
    return ours == theirs or ("error" in ours and "error" in theirs)
