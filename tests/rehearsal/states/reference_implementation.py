"""Evaluates recorded expressions again, with the reference implementation of JSONata (npm jsonata 2.0.6, in node)."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from rehearsal.states import Evaluation
from rehearsal.states.shortcut_functions import UNDEFINED

PROGRAM = Path(__file__).parent / "reference" / "evaluate.js"


_ASKED: set[bytes] = set()
"""Digests of what was asked in this process: the steward asks the same hundreds of times a day."""


def disagreements(evaluations: Iterable[Evaluation]) -> list[str]:
    """Where the reference implementation gives something else, one sentence each; the same question is asked once in a
    process."""
    asked: dict[str, Evaluation] = {}
    for each in evaluations:
        question = json.dumps({"source": each.source, "variables": _read_by(each.source, each.variables)})
        digest = hashlib.blake2b(question.encode(), digest_size=16).digest()
        if digest not in _ASKED:
            _ASKED.add(digest)
            asked[question] = each
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


def _read_by(source: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """The variables that an expression may read. Of `$states` only the members that it names: times and names of
    executions, which differ each time, are in its context."""
    names, members = _named_in(source)
    seen = {name: value for name, value in variables.items() if name in names}
    if members is not None and "states" in seen:
        seen["states"] = {name: value for name, value in seen["states"].items() if name in members}
    return seen


@cache
def _named_in(source: str) -> tuple[frozenset[str], frozenset[str] | None]:
    """What looks like a variable in an expression, and what looks like a member of `$states`; None for all of them."""
    members = re.findall(r"\$states\b(?:\s*\.\s*(\w+))?", source)
    return frozenset(re.findall(r"\$(\w+)", source)), None if "" in members else frozenset(members)


def _ours(evaluation: Evaluation) -> dict[str, Any]:
    if evaluation.failed:
        return {"error": "failed"}
    return {} if evaluation.result is UNDEFINED else {"result": evaluation.result}


def _agree(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether both failed, or both gave the same; the words of an error are each implementation's own."""
    return ours == theirs or ("error" in ours and "error" in theirs)
