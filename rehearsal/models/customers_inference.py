"""What the churn models bring into their container: customers as CSV in, the probability of churn out, one a line.

The four functions are those that SageMaker's scikit-learn container looks for, as in inference.py beside this file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class BadInput(ValueError):
    """The request cannot be read: the caller's fault, so the container answers 400, not 500."""

    status_code = 400


def model_fn(model_dir: str) -> dict[str, Any]:
    return dict(json.loads((Path(model_dir) / "model.json").read_text()))


def input_fn(body: str, content_type: str) -> list[list[str]]:
    if content_type.partition(";")[0].strip() != "text/csv":
        raise BadInput(f"content type {content_type} is not served; text/csv is")
    return [line.split(",") for line in body.splitlines()]


def predict_fn(rows: list[list[str]], model: dict[str, Any]) -> NDArray[np.float64]:
    """A row that ends early is answered all the same, with what the training data had on average in place of what it
    lacks: this is the model that nobody notices is broken."""
    numbers, categories = model["numbers"], model["categories"]
    score = np.full(len(rows), model["intercept"])
    if not rows or not len(numbers) <= min(map(len, rows)) <= max(map(len, rows)) <= len(numbers) + len(categories):
        raise BadInput(f"a row has {len(numbers)} numbers and up to {len(categories)} categories")
    try:
        values = np.array([row[: len(numbers)] for row in rows], dtype=np.float64)
    except ValueError as error:
        raise BadInput(f"not a customer: {error}") from None
    score += (values - model["means"]) / model["scales"] @ np.array(model["weights"])
    for place, weights in enumerate(categories, start=len(numbers)):
        score += [weights.get(row[place], 0.0) if place < len(row) else 0.0 for row in rows]
    return np.asarray(1 / (1 + np.exp(-score)), dtype=np.float64)


def output_fn(predictions: NDArray[np.float64], accept: str) -> str:
    return "\n".join(f"{each:.4f}" for each in predictions)
