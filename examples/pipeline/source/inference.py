"""Serves the model: rows of CSV without header or label in, the probability of the positive label out, one a line.

The four functions are those that SageMaker's scikit-learn container calls. train.py packs this file as
code/inference.py of model.tar.gz.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import joblib
import pandas as pd


class BadInput(ValueError):
    """The request cannot be read. The container answers 400, not 500."""

    status_code = 400


def model_fn(model_dir: str) -> tuple[Any, dict[str, Any]]:
    folder = Path(model_dir)
    return joblib.load(folder / "model.joblib"), json.loads((folder / "model.json").read_text(encoding="utf-8"))


def input_fn(body: bytes | str, content_type: str) -> pd.DataFrame:
    if content_type.partition(";")[0].strip() != "text/csv":
        raise BadInput(f"content type {content_type} is not served; text/csv is")
    text = body.decode() if isinstance(body, bytes) else body
    try:
        return pd.read_csv(io.StringIO(text), header=None, dtype=str, skipinitialspace=True)
    except (ValueError, pd.errors.ParserError) as error:
        raise BadInput(f"not rows of CSV: {error}") from None


def predict_fn(rows: pd.DataFrame, model: tuple[Any, dict[str, Any]]) -> list[float]:
    trained, described = model
    columns = described["columns"]
    if rows.shape[1] != len(columns):
        raise BadInput(f"a row has the {len(columns)} values {', '.join(columns)}, not {rows.shape[1]}")
    named = rows.set_axis(columns, axis=1)
    for name in described["numbers"]:
        named[name] = pd.to_numeric(named[name], errors="coerce")
    positive = list(trained.classes_).index(described["positive"])
    return [float(chance) for chance in trained.predict_proba(named)[:, positive]]


def output_fn(predictions: list[float], accept: str) -> str:
    return "\n".join(f"{chance:.6f}" for chance in predictions)
