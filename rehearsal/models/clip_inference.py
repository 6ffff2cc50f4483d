"""What the container before a digit classifier brings: pixels as CSV in, the same within the range of the training data
out.

The four functions are those that SageMaker's scikit-learn container looks for, as in inference.py beside this file.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

DARKEST = 16


class BadInput(ValueError):
    """The request cannot be read: the caller's fault, so the container answers 400, not 500."""

    status_code = 400


def model_fn(model_dir: str) -> None:
    """Nothing was trained."""


def input_fn(body: str, content_type: str) -> NDArray[np.float64]:
    if content_type != "text/csv":
        raise BadInput(f"content type {content_type} is not served; text/csv is")
    try:
        return np.loadtxt(io.StringIO(body), delimiter=",", ndmin=2)
    except ValueError as error:
        raise BadInput(f"not rows of numbers: {error}") from None


def predict_fn(rows: NDArray[np.float64], model: None) -> NDArray[np.float64]:
    return np.clip(rows, 0, DARKEST)


def output_fn(rows: NDArray[np.float64], accept: str) -> str:
    return "\n".join(",".join(f"{value:.0f}" for value in row) for row in rows)
