"""Digit classifiers on the data set that ships inside scikit-learn: half of it to train on, half of it as traffic.

Kinds: `plain` (weak, honest), `better` (clearly more accurate), `broken` (the better one, whose label map lost two
classes: it answers a smoke test and fails on every 8 and 9), `crash` (packed without its weights, so model_fn raises).
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import joblib
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB

from rehearsal.models.packing import pack
from rehearsal.models.rows import Row

CONTENT_TYPE = "text/csv"
LOST = ("8", "9")


@dataclass(frozen=True)
class _Kind:
    classifier: str
    lost: tuple[str, ...] = ()
    weights: bool = True


KINDS = {
    "plain": _Kind("plain"),
    "better": _Kind("better"),
    "broken": _Kind("better", lost=LOST),
    "crash": _Kind("better", weights=False),
}


@lru_cache(maxsize=1)
def _split() -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    pixels, labels = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(pixels, labels, test_size=0.5, random_state=0, stratify=labels)
    return train_x, test_x, train_y, test_y


@lru_cache(maxsize=2)
def _trained(classifier: str) -> Any:
    pixels, _, labels, _ = _split()
    if classifier == "plain":
        return GaussianNB(var_smoothing=1e-3).fit(pixels, labels)
    return LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1).fit(pixels, labels)


@lru_cache(maxsize=len(KINDS))
def artifact(kind: str) -> bytes:
    """The model.tar.gz of a kind of model, trained on first use. KeyError for an unknown kind."""
    chosen = KINDS[kind]
    labels = {str(digit): str(digit) for digit in range(10) if str(digit) not in chosen.lost}
    files = {
        "inference.py": (Path(__file__).parent / "inference.py").read_bytes(),
        "labels.json": json.dumps(labels, sort_keys=True).encode(),
    }
    if chosen.weights:
        dumped = io.BytesIO()
        joblib.dump(_trained(chosen.classifier), dumped)
        files["model.joblib"] = dumped.getvalue()
    return pack(files)


@lru_cache(maxsize=1)
def rows() -> tuple[Row, ...]:
    """The requests that traffic draws from: rows that no model was trained on."""
    _, pixels, _, labels = _split()
    return tuple(
        Row(",".join(f"{value:.0f}" for value in row).encode(), str(label))
        for row, label in zip(pixels, labels, strict=True)
    )


@lru_cache(maxsize=1)
def sample() -> Row:
    """A request for a smoke test: the first row that shows a 0, which every kind that loads can answer."""
    return next(row for row in rows() if row.label == "0")
