"""Records what the ``shap`` package says of a few models into ``shap_reference.json``, which the tests compare with.

``shap`` is no dependency of the project. Run it by hand: ``uv run --with shap --with numpy python
tests/unit/monitor/record_shap.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

WEIGHTS = [0.9, -1.4, 0.3, 0.0, 2.1, -0.6]


def models() -> dict[str, object]:
    """Functions of a matrix of six features, with interactions of two and three of them."""
    return {
        "linear": lambda x: x @ np.array(WEIGHTS),
        "logistic": lambda x: 1.0 / (1.0 + np.exp(-(x @ np.array(WEIGHTS)))),
        "product": lambda x: x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3] * x[:, 4] - x[:, 5],
        "steps": lambda x: (x[:, 0] > 0) * 2.0 + (x[:, 1] > x[:, 2]) * 1.0 - (x[:, 4] * x[:, 5] > 0) * 0.5,
    }


def data() -> tuple[np.ndarray, np.ndarray]:
    """Eight rows to explain, and a background of four."""
    chance = np.random.Generator(np.random.PCG64(20260101))
    return chance.normal(size=(8, 6)).round(3), chance.normal(size=(4, 6)).round(3)


def main() -> None:
    import shap  # type: ignore[import-not-found]

    rows, background = data()
    recorded = {
        name: {
            "values": shap.explainers.Exact(model, shap.maskers.Independent(background))(rows).values.tolist(),
            "kernel": shap.KernelExplainer(model, background).shap_values(rows, nsamples="auto", silent=True).tolist(),
        }
        for name, model in models().items()
    }
    path = Path(__file__).with_name("shap_reference.json")
    path.write_text(json.dumps({"shap": shap.__version__, "models": recorded}, indent=1) + "\n")


if __name__ == "__main__":
    main()
