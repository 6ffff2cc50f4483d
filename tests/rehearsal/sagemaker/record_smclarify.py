"""Records what Clarify's own library says of a few datasets into ``smclarify_reference.json``, which the tests compare
with.

``smclarify`` is no dependency of the project: it needs an older pandas. Run it by hand: ``PYTHONPATH=. uv run --with
smclarify --with 'pandas<2.2' --with 'numpy<2' python tests/rehearsal/sagemaker/record_smclarify.py``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

SIZES = (12, 60, 400, 3000)
REFERENCE = Path(__file__).with_name("smclarify_reference.json")


def rows(size: int) -> dict[str, list[str]]:
    """A dataset in the form that the program prepares, by column; ``size`` is the seed as well."""
    chance = np.random.Generator(np.random.PCG64(size))
    inside = chance.random(size) < 0.4
    predicted = chance.random(size) < np.where(inside, 0.3, 0.6)
    label = np.where(chance.random(size) < 0.8, predicted, ~predicted)
    north = chance.random(size) < 0.5
    return {
        "facet": ["yes" if each else "no" for each in inside],
        "stratum": ["region: north" if each else "region: south" for each in north],
        "label": ["positive" if each else "negative" for each in label],
        "predicted_label": ["positive" if each else "negative" for each in predicted],
    }


def main() -> None:
    import pandas as pd
    from smclarify.bias import report  # type: ignore[import-not-found]

    recorded: dict[str, dict[str, Any]] = {}
    for size in SIZES:
        frame = pd.DataFrame(rows(size))
        found = recorded.setdefault(str(size), {})
        for stage in report.StageType:
            (facet,) = report.bias_report(
                frame.copy(),
                report.FacetColumn("facet", ["yes"]),
                report.LabelColumn("label", frame["label"], ["positive"]),
                stage,
                report.LabelColumn("predicted_label", frame["predicted_label"], ["positive"]),
                ["all"],
                frame["stratum"],
            )
            found |= {each["name"]: each["value"] for each in facet["metrics"] if each["name"] != "FT"}
    REFERENCE.write_text(json.dumps({"smclarify": "0.5", "values": recorded}, indent=1) + "\n")


if __name__ == "__main__":
    main()
