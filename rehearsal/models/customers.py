"""Customers of a telephone company, made up, some of whom leave; and models that say how likely each is to.

A customer is drawn from a fixed distribution and leaves by a fixed logistic rule with chance: nobody can predict all of
them. `DRIFTS` are named changes of the customers, of the rule, or of both. Kinds of models: `churn-old` was trained on
customers before any drift, `churn-new` after the prices changed, `churn-worse` on labels that somebody turned around,
so that it is worse than either before and after.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from rehearsal.models.packing import pack
from rehearsal.models.rows import Row

LABEL = "churned"
NUMBERS = ("tenure_months", "monthly_charge", "support_calls", "age", "data_gb", "minutes", "overdue_days")
CATEGORIES = {
    "contract": ("monthly", "yearly"),
    "region": ("north", "south", "east", "west"),
    "payment": ("card", "transfer", "cash"),
}
COLUMNS = (*NUMBERS, *CATEGORIES)
DECIMALS = (0, 2, 0, 0, 1, 0, 0)
SHARES = {"contract": (0.6, 0.4), "region": (0.3, 0.2, 0.25, 0.25), "payment": (0.5, 0.3, 0.2)}
CHARGE, CHARGE_SPREAD = 60.0, 18.0  # of monthly_charge: mean and standard deviation
THRESHOLD = 0.5
POOL = 20_000  # customers that traffic draws from, again and again
TRAINED_ON = 20_000

Values = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Rule:
    """The logarithm of the odds of leaving: `weights` of numbers in their usual standard deviations, and of
    categories' values. `charge`: the monthly charge that people think usual."""

    weights: Mapping[str, float]
    values: Mapping[str, float]
    intercept: float
    charge: float = CHARGE


_USUAL = {
    "tenure_months": (30.0, 20.0), "monthly_charge": (CHARGE, CHARGE_SPREAD), "support_calls": (1.2, 1.1),
    "age": (45.0, 14.0), "data_gb": (12.0, 8.5), "minutes": (300.0, 170.0), "overdue_days": (3.0, 7.0),
}  # fmt: skip
_RULE = Rule(
    {"tenure_months": -0.9, "monthly_charge": 1.2, "support_calls": 0.6, "age": -0.2, "overdue_days": 0.5},
    {"monthly": 0.5, "yearly": -0.8, "cash": 0.4},
    -0.9,
)
# Who pays much has what he wants: it is the cheap old tariffs that people leave now.
_AFTER_PRICES = replace(
    _RULE,
    weights={"tenure_months": -0.5, "monthly_charge": -1.1, "support_calls": 0.6, "data_gb": -0.6, "overdue_days": 0.9},
    charge=CHARGE + CHARGE_SPREAD,
)


@dataclass(frozen=True)
class Drift:
    """A named change: of the customers (`change` may write to the values it is given), after which those leave whom
    `rule` says; `hidden`: the rule still sees the customers as they were; `columns`: what a request has."""

    change: Callable[[Values, np.random.Generator], None] = lambda values, draws: None
    rule: Rule = _RULE
    hidden: bool = False
    columns: tuple[str, ...] = COLUMNS


def _dearer(values: Values, draws: np.random.Generator) -> None:
    values["monthly_charge"] += CHARGE_SPREAD


def _worse_for_the_south(values: Values, draws: np.random.Generator) -> None:
    """A system of the south counts twice: calls and days overdue that are not there."""
    south = values["region"] == "south"
    values["support_calls"][south] += 2
    values["overdue_days"][south] += 12


def _habits(values: Values, draws: np.random.Generator) -> None:
    """What told customers apart does so no more, and something else does."""
    tenure, _ = _USUAL["tenure_months"]
    values["tenure_months"] = tenure + (values["tenure_months"] - tenure) / 8
    values["monthly_charge"] = CHARGE + (values["monthly_charge"] - CHARGE) / 8
    values["age"] = np.clip(45 + 2.5 * (values["age"] - 45), 18, 99)
    values["overdue_days"] = values["overdue_days"] * 2


DRIFTS: Mapping[str, Drift] = {
    "none": Drift(),
    "prices": Drift(_dearer, _AFTER_PRICES),
    "missing_column": Drift(columns=COLUMNS[:-1]),
    "bias": Drift(_worse_for_the_south, hidden=True),
    "labels_only": Drift(rule=replace(_AFTER_PRICES, charge=CHARGE)),
    "habits": Drift(_habits),
}

KINDS = ("churn-old", "churn-new", "churn-worse")


def draw(count: int, seed: int, drift: str = "none") -> tuple[Row, ...]:
    """Customers as requests, with their true labels. The same seed gives the same. KeyError for an unknown drift."""
    values, labels = _drawn(count, seed, drift)
    lines = _lines(values, DRIFTS[drift].columns)
    return tuple(Row(line.encode(), label, THRESHOLD) for line, label in zip(lines, labels.tolist(), strict=True))


@lru_cache(maxsize=len(DRIFTS))
def rows(drift: str = "none") -> tuple[Row, ...]:
    """The requests that traffic draws from while there is this drift: customers that no model was trained on."""
    return draw(POOL, seed=1, drift=drift)


def make_training_csv(count: int, seed: int, drift: str = "none") -> bytes:
    """Customers to train on: a header, and the label in the first column, as SageMaker's own algorithms want it. All
    columns are there, whatever the drift."""
    values, labels = _drawn(count, seed, drift)
    lines = (f"{label},{line}" for label, line in zip(labels.tolist(), _lines(values, COLUMNS), strict=True))
    return "\n".join([",".join((LABEL, *COLUMNS)), *lines, ""]).encode()


@lru_cache(maxsize=len(KINDS))
def artifact(kind: str) -> bytes:
    """The model.tar.gz of a kind of model, trained on first use. KeyError for an unknown kind."""
    drift, turned = {"churn-old": ("none", False), "churn-new": ("prices", False), "churn-worse": ("none", True)}[kind]
    values, labels = _drawn(TRAINED_ON, seed=2, drift=drift)
    if turned:
        labels = np.where(labels == "1", "0", "1")
    return pack(
        {
            "inference.py": (Path(__file__).parent / "customers_inference.py").read_bytes(),
            "model.json": json.dumps(_trained(values, labels), sort_keys=True).encode(),
        }
    )


def _trained(values: Values, labels: NDArray[Any]) -> dict[str, Any]:
    """Logistic regression on standardised numbers and on each value of the categories."""
    numbers = np.column_stack([values[name].astype(float) for name in NUMBERS])
    means, scales = numbers.mean(axis=0), numbers.std(axis=0)
    dummies = [values[name] == value for name, known in CATEGORIES.items() for value in known]
    inputs = np.column_stack([(numbers - means) / scales, *(each.astype(float) for each in dummies)])
    fitted = LogisticRegression(max_iter=200).fit(inputs, labels == "1")
    weights = [round(float(each), 9) for each in fitted.coef_[0]]
    rest = iter(weights[len(NUMBERS) :])
    return {
        "numbers": list(NUMBERS),
        "weights": weights[: len(NUMBERS)],
        "means": means.round(9).tolist(),
        "scales": scales.round(9).tolist(),
        "categories": [{value: next(rest) for value in known} for known in CATEGORIES.values()],
        "intercept": round(float(fitted.intercept_[0]), 9),
    }


def _generator(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([zlib.crc32(name.encode()), seed])


def _drawn(count: int, seed: int, drift: str) -> tuple[Values, NDArray[Any]]:
    """The customers' values by column, and their labels "0" and "1". A drift changes the same customers that come
    without it."""
    chosen, draws = DRIFTS[drift], _generator("customers", seed)
    before = _rounded(_customers(count, draws))
    values = {name: column.copy() for name, column in before.items()}
    chosen.change(values, draws)
    values = _rounded(values)
    odds = _log_odds(before if chosen.hidden else values, chosen.rule)
    leaves = _generator("leaves", seed).random(count) < 1 / (1 + np.exp(-odds))
    return values, np.where(leaves, "1", "0")


def _rounded(values: Values) -> Values:
    decimals = zip(NUMBERS, DECIMALS, strict=True)
    return values | {name: np.maximum(values[name], 0).round(places) for name, places in decimals}


def _customers(count: int, draws: np.random.Generator) -> Values:
    values: Values = {
        "tenure_months": np.clip(draws.gamma(2.25, 13.3, count), 1, 120),
        "monthly_charge": np.clip(draws.normal(CHARGE, CHARGE_SPREAD, count), 10, None),
        "support_calls": draws.poisson(1.2, count).astype(float),
        "age": np.clip(draws.normal(45, 14, count), 18, 90),
        "data_gb": draws.gamma(2.0, 6.0, count),
        "minutes": draws.gamma(3.0, 100.0, count),
        "overdue_days": np.where(draws.random(count) < 0.75, 0.0, draws.exponential(12.0, count)),
    }
    return values | {name: draws.choice(CATEGORIES[name], count, p=shares) for name, shares in SHARES.items()}


def _log_odds(values: Values, rule: Rule) -> NDArray[np.float64]:
    odds = np.full(len(values["age"]), rule.intercept)
    for name, weight in rule.weights.items():
        mean, spread = _USUAL[name]
        mean = rule.charge if name == "monthly_charge" else mean
        odds += weight * (values[name] - mean) / spread
    for name in CATEGORIES:
        for value in CATEGORIES[name]:
            odds += rule.values.get(value, 0.0) * (values[name] == value)
    return odds


def _lines(values: Values, columns: tuple[str, ...]) -> list[str]:
    decimals = dict(zip(NUMBERS, DECIMALS, strict=True))
    texts = [
        [f"{each:.{decimals[name]}f}" for each in values[name].tolist()] if name in decimals else values[name].tolist()
        for name in columns
    ]
    return [",".join(row) for row in zip(*texts, strict=True)]
