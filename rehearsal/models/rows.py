"""One request of a demo data set, and what its answer should be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One request's body and its true label. `threshold`: the answer is a probability of label 1, which speaks for 1
    from there on; None where the answer is the label itself."""

    body: bytes
    label: str
    threshold: float | None = None

    def agrees(self, answer: str) -> bool:
        """Whether a model's answer is right."""
        if self.threshold is None:
            return answer == self.label
        return (float(answer) >= self.threshold) == (self.label == "1")
