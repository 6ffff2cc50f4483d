"""What was wrong with the input: counted by sentence, with the first examples of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

EXAMPLES = 5
LENGTH = 200
"""Of an example, in characters; what is longer is cut."""


class Problems:
    """Counts and first examples. Sentences are few and fixed; what varies goes into the example.

    Most problems lie in one shard's part of the input, so the shards' counts add up. All shards read all labels: what
    is wrong with these, every shard sees. Such a problem is added as ``everywhere``, and counts once. One that a single
    shard can explain (a label of its own events) is taken back there.
    """

    def __init__(self) -> None:
        self._own: Counter[str] = Counter()
        self._everywhere: Counter[str] = Counter()
        self._taken_back: Counter[str] = Counter()
        self._examples: dict[str, list[str]] = {}
        self._notes: Counter[str] = Counter()

    def add(self, sentence: str, example: object = "", count: int = 1, everywhere: bool = False) -> None:
        """Counts a problem, and keeps the example if it is one of the first."""
        counts = self._everywhere if everywhere else self._own
        counts[sentence] += count
        kept = self._examples.setdefault(sentence, [])
        if example != "" and len(kept) < EXAMPLES:
            text = example.decode("utf-8", "replace") if isinstance(example, bytes) else str(example)
            kept.append(text.strip()[:LENGTH])

    def take_back(self, sentence: str, count: int) -> None:
        """So many of a problem that is added ``everywhere`` are none, as one shard knows."""
        self._taken_back[sentence] += count

    def note(self, sentence: str, count: int = 1) -> None:
        """Counts what is worth knowing and not wrong."""
        self._notes[sentence] += count

    def notes(self) -> dict[str, int]:
        """How often each note was made."""
        return dict(sorted(self._notes.items()))

    def counts(self) -> dict[str, int]:
        """How often each sentence was true."""
        names = sorted(self._own.keys() | self._everywhere.keys())
        counts = {name: self._own[name] + self._everywhere[name] - self._taken_back[name] for name in names}
        return {name: count for name, count in counts.items() if count > 0}

    def report(self) -> dict[str, dict[str, Any]]:
        """As result.json carries it: sentence -> {count, examples}."""
        return {name: {"count": count, "examples": self._examples[name]} for name, count in self.counts().items()}

    def to_json(self) -> dict[str, Any]:
        """As the summary of a shard carries it."""
        counts = (self._own, self._everywhere, self._taken_back, self._notes)
        return {"examples": self._examples, **dict(zip(_COUNTS, map(dict, counts), strict=True))}

    @classmethod
    def merged(cls, shards: Iterable[Mapping[str, Any]]) -> Problems:
        """The problems of all shards, from their to_json; the examples of the first shards are kept."""
        whole = cls()
        for shard in shards:
            own, everywhere, taken_back, notes = (Counter(shard[name]) for name in _COUNTS)
            whole._own += own
            whole._everywhere |= everywhere
            whole._taken_back += taken_back
            whole._notes += notes
            for sentence, examples in shard["examples"].items():
                kept = whole._examples.setdefault(sentence, [])
                # What one shard cannot explain, another may: these examples are of no use.
                kept += [text for text in examples if text not in kept and sentence not in taken_back]
        whole._examples = {name: kept[:EXAMPLES] for name, kept in whole._examples.items()}
        return whole


_COUNTS = ("own", "everywhere", "taken_back", "notes")
