"""What the demo models bring into their container: pixels as CSV in, one digit per line out.

The four functions are those that SageMaker's scikit-learn container looks for (sagemaker-python-sdk: "Using
Scikit-learn", SageMaker Scikit-learn model server). This file is packed into model.tar.gz beside the trained model.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray

PIXELS = 64


class BadInput(ValueError):
    """The request cannot be read: the caller's fault, so the container answers 400, not 500."""

    status_code = 400


def model_fn(model_dir: str) -> tuple[Any, dict[str, str]]:
    directory = Path(model_dir)
    return joblib.load(directory / "model.joblib"), json.loads((directory / "labels.json").read_text())


def input_fn(body: str, content_type: str) -> NDArray[np.float64]:
    if content_type != "text/csv":
        raise BadInput(f"content type {content_type} is not served; text/csv is")
    try:
        rows = np.loadtxt(io.StringIO(body), delimiter=",", ndmin=2)
    except ValueError as error:
        raise BadInput(f"not rows of numbers: {error}") from None
    if rows.shape[1] != PIXELS:
        raise BadInput(f"a row has {PIXELS} pixels, not {rows.shape[1]}")
    return rows


def predict_fn(rows: NDArray[np.float64], model: tuple[Any, dict[str, str]]) -> list[str]:
    classifier, labels = model
    return [labels[str(index)] for index in classifier.predict(rows)]


def output_fn(predictions: list[str], accept: str) -> str:
    return "\n".join(predictions)
