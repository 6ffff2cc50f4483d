"""The model as a function of rows: CSV or JSON requests to its endpoint, slowly, with retries.

Each request carries an ``InferenceId`` that begins with ``PROBE``: data capture records it (docs:
sagemaker/latest/dg/model-monitor-data-capture-endpoint), so a monitor can tell these rows from those of the customers.
Errors of InvokeEndpoint: botocore's service model of sagemaker-runtime.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monitor.config import Config, UnusableSettingsError
from monitor.problems import Problems
from monitor.reading.capture import PROBE
from monitor.reading.output_form import BINARY, REGRESSION, OutputForm, output_form
from monitor.reading.outputs import Prediction, read_outputs
from monitor.reading.payloads import answers, csv_line

AGAIN = (
    "ThrottlingException",
    "TooManyRequestsException",
    "ServiceUnavailable",
    "InternalFailure",
    "InternalDependencyException",
    "ModelNotReadyException",
)
"""Errors after which a request is worth sending again."""
TRIES = 4
IN_A_ROW = 5
"""After so many requests that failed one after the other, nothing more is asked."""
BATCH = 50
"""Rows in a request."""

Invoke = Callable[[str], str]
"""The body of a request -> the body of the response."""


@dataclass(frozen=True)
class CallSettings:
    """``budget``: rows that may be sent. ``per_second``: rows. ``pairs``: of walks, for each explained row."""

    budget: int
    per_second: float
    pairs: int
    batch: int
    content_type: str
    variant: str
    form: OutputForm


def call_settings(settings: Mapping[str, Any]) -> CallSettings:
    """The settings ``model_calls``, ``per_second``, ``pairs``, ``batch``, ``content_type``, ``target_variant``.

    Raises UnusableSettingsError, which says what to write.
    """
    numbers: dict[str, float] = {"model_calls": 20_000, "per_second": 20, "pairs": 5, "batch": BATCH}
    for name, usual in numbers.items():
        value = settings.get(name, usual)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
            raise UnusableSettingsError(f"{name}: {value!r} is not a number above 0; write one like {usual}.")
        numbers[name] = value
    content_type = str(settings.get("content_type") or "text/csv")
    if content_type not in _BODIES:
        raise UnusableSettingsError(f"content_type: {content_type!r} is not known; write {' or '.join(_BODIES)}.")
    budget, per_second, pairs, batch = numbers.values()
    return CallSettings(
        int(budget),
        float(per_second),
        max(1, int(pairs)),
        max(1, min(int(batch), math.ceil(per_second))),
        content_type,
        str(settings.get("target_variant") or ""),
        output_form({"problem": BINARY, **settings}),
    )


class EndpointModel:
    """Rows -> scores, NaN where there is none. ``sent``, ``failed``: rows. ``refusal``: what the last failure said."""

    def __init__(
        self,
        invoke: Invoke,
        columns: Sequence[str],
        settings: CallSettings,
        problems: Problems,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.invoke, self.columns, self.settings, self.problems, self.sleep = invoke, columns, settings, problems, sleep
        self.sent = self.failed = self.in_a_row = 0
        self.refusal = ""

    def __call__(self, rows: Sequence[Sequence[Any]]) -> np.ndarray:
        """The probability of the positive class; without one, 1 or 0 by the label. In a regression the number."""
        size = self.settings.batch
        parts = [self._ask(rows[start : start + size]) for start in range(0, len(rows), size)]
        return np.concatenate(parts) if parts else np.zeros(0)

    @property
    def given_up(self) -> bool:
        """Whether nothing more is asked: the endpoint refused too often, or the budget is spent."""
        return self.in_a_row >= IN_A_ROW or self.sent >= self.settings.budget

    def _ask(self, rows: Sequence[Sequence[Any]]) -> np.ndarray:
        silent = np.full(len(rows), math.nan)
        if self.given_up:
            return silent
        text = self._answer(_BODIES[self.settings.content_type](rows, self.columns), len(rows))
        parts = None if text is None else [text] if len(rows) == 1 else answers(text, len(rows))
        if text is not None and parts is None:
            self._refused(
                f"It answered {len(rows)} rows with something else than {len(rows)} predictions; write batch: 1."
            )
        if parts is None:
            self.failed += len(rows)
            self.in_a_row += 1
            return silent
        ids = [f"{PROBE}/{place}" for place in range(len(rows))] if len(rows) > 1 else [PROBE]
        found = read_outputs(parts, ids, self.settings.form, self.problems)
        scores = np.array([self._score(prediction) for prediction in found])
        missing = int(np.isnan(scores).sum())
        self.failed += missing
        self.in_a_row = self.in_a_row + 1 if missing == len(rows) else 0
        if missing:
            self.refusal = (
                self.refusal or "Its answers have no prediction that can be read; write probability_attribute."
            )
        return scores

    def _answer(self, body: str, rows: int) -> str | None:
        for attempt in range(TRIES):
            self.sent += rows
            try:
                text = self.invoke(body)
            except Exception as error:  # whatever a client raises is counted; the job must end with a sentence
                code = _code(error)
                self._refused(f"{code}: {error}")
                if code not in AGAIN or attempt + 1 == TRIES:
                    return None
                self.sleep(2.0**attempt)
            else:
                self.sleep(rows / self.settings.per_second)
                return text
        return None

    def _refused(self, why: str) -> None:
        self.refusal = why[:300]
        self.problems.add("a request to the endpoint failed", why)

    def _score(self, prediction: Prediction | None) -> float:
        if prediction is None:
            return math.nan
        form = self.settings.form
        if form.problem == REGRESSION or not math.isnan(prediction.score):
            return prediction.score
        return float(prediction.label == form.positive)


def endpoint(config: Config, settings: CallSettings) -> Invoke:
    """InvokeEndpoint of the endpoint that is monitored. Raises UnusableSettingsError where there is no boto3."""
    try:
        import boto3
    except ImportError:
        raise UnusableSettingsError(
            "boto3 is not in this image; use AWS's scikit-learn image for this monitor."
        ) from None
    client = boto3.client("sagemaker-runtime")
    target = {"TargetVariant": settings.variant} if settings.variant else {}
    accept = {"ContentType": settings.content_type, "InferenceId": f"{PROBE}-{config.monitor or 'attribution'}"[:64]}

    def invoke(body: str) -> str:
        answer = client.invoke_endpoint(EndpointName=config.endpoint, Body=body.encode(), **accept, **target)
        return str(answer["Body"].read().decode("utf-8", "replace"))

    return invoke


def _code(error: Exception) -> str:
    """The code of a client's error (botocore: ``ClientError.response``), else the name of its class."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return str(code or type(error).__name__)


def _csv(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> str:
    return "\n".join(csv_line([_text(value) for value in row]) for row in rows)


def _json(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> str:
    return json.dumps({"instances": [dict(zip(columns, map(_value, row), strict=True)) for row in rows]})


_BODIES = {"text/csv": _csv, "application/json": _json}


def _value(value: Any) -> Any:
    return None if value is None or value != value else value


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value)
