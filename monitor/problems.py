"""What was wrong with the input: counted by sentence, with the first examples of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

EXAMPLES = 5
LENGTH = 200
"""Of an example, in characters; what is longer is cut."""


class Problems:
    """Counts and first examples. Sentences are few and fixed; what varies goes into the example."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._examples: dict[str, list[str]] = {}

    def add(self, sentence: str, example: object = "", count: int = 1) -> None:
        """Counts a problem, and keeps the example if it is one of the first."""
        self._counts[sentence] = self._counts.get(sentence, 0) + count
        kept = self._examples.setdefault(sentence, [])
        if example != "" and len(kept) < EXAMPLES:
            text = example.decode("utf-8", "replace") if isinstance(example, bytes) else str(example)
            kept.append(text.strip()[:LENGTH])

    def counts(self) -> dict[str, int]:
        """How often each sentence was true."""
        return {sentence: self._counts[sentence] for sentence in sorted(self._counts)}

    def report(self) -> dict[str, dict[str, Any]]:
        """As result.json and the summary of a shard carry it: sentence -> {count, examples}."""
        return {name: {"count": count, "examples": self._examples[name]} for name, count in self.counts().items()}

    @classmethod
    def merged(cls, reports: Iterable[Mapping[str, Mapping[str, Any]]]) -> Problems:
        """The problems of all shards; the examples of the first shards are kept."""
        problems = cls()
        for report in reports:
            for sentence, found in report.items():
                problems.add(sentence, count=found["count"])
                kept = problems._examples[sentence]
                kept.extend(found["examples"][: EXAMPLES - len(kept)])
        return problems
