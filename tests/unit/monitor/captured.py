"""Capture and jobs for the tests: written as SageMaker writes them, from seeded numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from monitor.__main__ import main

COLUMNS = ("age", "spend", "plan")


def table(n: int, seed: int = 0, age: float = 0.0, plans: Sequence[float] = (0.6, 0.3, 0.1)) -> pd.DataFrame:
    """``age``: by how many standard deviations it is shifted; ``plans``: shares of basic, plus and gold."""
    chance = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": np.round(chance.normal(40 + 10 * age, 10, n), 3),
            "spend": np.round(chance.gamma(2.0, 30.0, n), 2),
            "plan": chance.choice(["basic", "plus", "gold"], n, p=plans),
        }
    )


def as_csv(frame: pd.DataFrame) -> list[str]:
    return frame.to_csv(index=False, header=False).splitlines()


def as_json(frame: pd.DataFrame) -> list[str]:
    return [json.dumps({"features": row}) for row in json.loads(frame.to_json(orient="records"))]


def write(
    root: Path,
    requests: Sequence[str],
    encoding: str = "CSV",
    name: str = "a",
    hour: int = 9,
    answers: Sequence[str] | None = None,
    ids: Sequence[str] | None = None,
) -> None:
    """``answers``: 0.1 each, if not given; ``ids``: the inference ids, if there are some."""
    path = root / f"processing/input/capture/churn/AllTraffic/2026/01/05/{hour:02}/{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for number, data in enumerate(requests):
            captured = {
                "endpointInput": {
                    "observedContentType": "text/csv",
                    "mode": "INPUT",
                    "data": data,
                    "encoding": encoding,
                },
                "endpointOutput": {
                    "observedContentType": "text/csv",
                    "mode": "OUTPUT",
                    "data": answers[number] if answers else "0.1",
                    "encoding": "CSV",
                },
            }
            event = {"eventId": f"{name}-{number}", "inferenceTime": f"2026-01-05T{hour:02}:30:00Z"}
            event |= {"inferenceId": ids[number]} if ids else {}
            file.write(json.dumps({"captureData": captured, "eventMetadata": event, "eventVersion": "0"}) + "\n")


def config(**changes: Any) -> dict[str, Any]:
    window = {"start": "2026-01-05T09:00:00Z", "end": "2026-01-05T10:00:00Z"}
    given = {
        "kind": "data_quality",
        "task": "run",
        "monitor": "inputs",
        "endpoint": "churn",
        "version": 7,
        "window": window,
    }
    return given | {"columns": list(COLUMNS), "min_records": 200, "settings": {}} | changes


def put(root: Path, place: str, document: object) -> None:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document))


def baseline(root: Path, files: Mapping[str, Any]) -> None:
    for name, document in files.items():
        put(root, f"processing/input/baseline/{name}", document)


def run(root: Path, **changes: Any) -> tuple[int, dict[str, Any], str]:
    """Exit code, what was written by name, and the exit message."""
    put(root, "processing/input/config/config.json", config(**changes))
    code = main(root)
    return code, written(root), (root / "output/message").read_text()


def written(root: Path) -> dict[str, Any]:
    return {path.name: json.loads(path.read_text()) for path in (root / "processing/output").glob("*.json")}


def trained(root: Path, frame: pd.DataFrame | None = None, **changes: Any) -> dict[str, Any]:
    """The files of a baseline job on training data."""
    folder = root / "processing/input/training"
    folder.mkdir(parents=True)
    (table(10_000, seed=1) if frame is None else frame).to_csv(folder / "train.csv", index=False)
    _, files, _ = run(root, task="baseline", **changes)
    return {name: files[name] for name in ("statistics.json", "constraints.json")}
