"""Serves the model: a flower as four numbers in CSV in, its kind out.

`output_fn` is the container's own. So would `input_fn` and `predict_fn` be if they were missing; but its `input_fn`
does not read a request of a single row as scikit-learn wants it, and release 3 of the scenario shows what follows.
"""

import io
from pathlib import Path

import joblib
import numpy as np


def model_fn(model_dir):
    return joblib.load(Path(model_dir) / "model.joblib")


def input_fn(body, content_type):
    if content_type != "text/csv":
        raise ValueError(f"{content_type} is not served; text/csv is")
    return np.loadtxt(io.StringIO(body), delimiter=",", ndmin=2)


def predict_fn(rows, model):
    return model.predict(rows)
