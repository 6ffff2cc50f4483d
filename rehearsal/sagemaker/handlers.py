"""What a model container does with inference.py: its functions, and the container's own where it has none.

As aws/sagemaker-scikit-learn-container, serving.py, with sagemaker-containers 2.8.6.post2 (_transformer.py,
_encoders.py, _worker.py): `model_fn` must be there, `transform_fn` excludes the other three. A body of CSV or JSON is
handed over as text. A function may take one argument more, as in aws/sagemaker-inference-toolkit (transformer.py,
`_run_handler_function`): its context, which is None here.

The container's own `input_fn` makes a single row of CSV one-dimensional, so that a scikit-learn model refuses it with a
ValueError (aws/sagemaker-containers #273, aws/sagemaker-scikit-learn-container #145). That is so here, too.
"""

from __future__ import annotations

import csv
import inspect
import io
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

CSV, JSON = "text/csv", "application/json"
_TEXT = (CSV, JSON)
_REPLACED = ("input_fn", "predict_fn", "output_fn")

Transform = Callable[[bytes, str, str], Any]
"""Body, content type, what is accepted: what the functions answer."""


class UnsupportedFormat(ValueError):
    """A content type that the container's own function does not know. `status_code`: the HTTP status of the answer."""

    def __init__(self, content_type: str, status_code: int) -> None:
        super().__init__(f"Content type {content_type} is not supported by this framework.")
        self.status_code = status_code


def served(script: ModuleType, folder: str) -> Transform:
    """Loads the model in `folder` with a script's functions. Whatever they raise is the container's death."""
    own = {name: getattr(script, name, None) for name in _REPLACED}
    whole = getattr(script, "transform_fn", None)
    if whole is not None and any(own.values()):
        raise ValueError("Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn")
    load = getattr(script, "model_fn", None)
    if load is None:
        raise NotImplementedError("Please provide a model_fn implementation.")
    model = _without_context(load, 1)(folder)
    read, predict, write = (
        _without_context(own[name] or default, 2) for name, default in zip(_REPLACED, _DEFAULTS, strict=True)
    )
    at_once = None if whole is None else _without_context(whole, 4)

    def transform(body: bytes, content_type: str, accept: str) -> Any:
        content = body.decode(errors="replace") if content_type in _TEXT else body
        if at_once is not None:
            return at_once(model, content, content_type, accept)
        return write(predict(read(content, content_type), model), accept)

    return transform


def _without_context(function: Callable[..., Any], arguments: int) -> Callable[..., Any]:
    """The function as one of so many arguments, without its context."""
    try:
        wants_context = len(inspect.signature(function).parameters) == arguments + 1
    except ValueError:  # of C, without a signature
        wants_context = False
    return (lambda *given: function(*given, None)) if wants_context else function


def _input(content: Any, content_type: str) -> NDArray[Any]:
    if content_type not in _TEXT:
        raise UnsupportedFormat(content_type, 415)
    if content_type == JSON:
        return np.array(json.loads(content)).astype(np.float32)
    rows = list(csv.reader(io.StringIO(content), strict=True))
    return np.array(rows).squeeze().astype(np.float32)


def _predict(data: Any, model: Any) -> Any:
    return model.predict(data)


def _output(prediction: Any, accept: str) -> tuple[str, str]:
    if accept == JSON:
        return json.dumps(prediction, default=lambda each: each.tolist()), accept
    if accept != CSV:
        raise UnsupportedFormat(accept, 406)
    array = np.array(prediction)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", strict=True).writerows(array.reshape(-1, 1) if array.ndim == 1 else array)
    return text.getvalue(), accept


_DEFAULTS = (_input, _predict, _output)
