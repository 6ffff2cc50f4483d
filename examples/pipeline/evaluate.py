"""Evaluates the model on the test rows, as it will be served, and says how sure the numbers are.

Writes evaluation/evaluation.json in the format of Model Monitor's model quality statistics (docs:
model-monitor-model-quality-metrics), with a standard deviation beside each value and the number of rows, so that a
challenger and a champion can be compared by more than two bare numbers. If it is told where the champion's model lies,
it runs that one on the same rows and adds its metrics ("champion") and how often both were right, one alone, or neither
("paired"): the champion's own evaluation is of older data, and says nothing about today's.

Also writes the test rows as an endpoint would have captured them (predictions/capture.jsonl) and their labels
(labels/labels.jsonl): the baselines of model quality, bias and attribution are made of these.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

REPLICATES = 500
THRESHOLD = 0.5  # of the probability, from which on a customer is said to leave
NOBODY = "none"  # the parameters' default
LONGEST_ERROR = 500
MOST_CAPTURED = 5000  # rows; more do not make a baseline better
AT = "2000-01-01T00:00:00Z"  # of all captured rows: a baseline has no time


def counts(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """True positives, false positives, false negatives, true negatives."""
    cells = (truth & predicted, ~truth & predicted, truth & ~predicted, ~truth & ~predicted)
    return np.array([cell.sum() for cell in cells])


def rates(cells: np.ndarray) -> dict[str, np.ndarray]:
    """The metrics of one or many confusion matrices (cells on the last axis); NaN where nothing is divided."""
    tp, fp, fn, tn = (cells[..., index].astype(float) for index in range(4))

    def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
        return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)

    found = {
        "recall": share(tp, tp + fn),
        "precision": share(tp, tp + fp),
        "accuracy": share(tp + tn, tp + fp + fn + tn),
        "true_positive_rate": share(tp, tp + fn),
        "true_negative_rate": share(tn, tn + fp),
        "false_positive_rate": share(fp, tn + fp),
        "false_negative_rate": share(fn, tp + fn),
    }
    for name, beta in (("f0_5", 0.5), ("f1", 1.0), ("f2", 2.0)):
        weight = beta * beta
        found[name] = share((1 + weight) * tp, (1 + weight) * tp + weight * fn + fp)
    return found


def area(truth: np.ndarray, chances: np.ndarray) -> tuple[float, float]:
    """The area under the ROC curve and its standard deviation (Hanley, McNeil 1982: Radiology 143)."""
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return math.nan, math.nan
    ranks = pd.Series(chances).rank().to_numpy()
    auc = (ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives)
    first, second = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (positives - 1) * (first - auc**2) + (negatives - 1) * (second - auc**2)
    return float(auc), math.sqrt(max(variance, 0.0) / (positives * negatives))


def metrics(truth: np.ndarray, predicted: np.ndarray, chances: np.ndarray) -> dict[str, Any]:
    """The group binary_classification_metrics. Standard deviations by a bootstrap of the confusion matrix."""
    cells = counts(truth, predicted)
    drawn = np.random.default_rng(0).multinomial(cells.sum(), cells / cells.sum(), size=REPLICATES)
    values, spread = rates(cells), rates(drawn)
    tp, fp, fn, tn = (int(cell) for cell in cells)
    matrix = {"0": {"0": tn, "1": fp}, "1": {"0": fn, "1": tp}}  # truth, then prediction; 1 is the positive label
    group: dict[str, Any] = {"confusion_matrix": matrix}
    for name, value in values.items():
        usable = spread[name][~np.isnan(spread[name])]
        group[name] = pair(float(value), float(np.std(usable)) if usable.size else math.nan)
    group["auc"] = pair(*area(truth, chances))
    return group


def pair(value: float, deviation: float) -> dict[str, Any]:
    """As Model Monitor writes a metric: a number that is not one is the text "NaN"."""
    said = "NaN" if math.isnan(deviation) else deviation
    return {
        "value": "NaN" if math.isnan(value) else value,
        "standard_deviation": said,
        "standard_error": said,  # Interlock takes a bare deviation for Model Monitor's, of five samples of 80 %
    }


def unpacked(archive: Path, folder: Path) -> tuple[ModuleType, Any, dict[str, Any]]:
    """The serving script, the loaded model, and what model.json says of it."""
    with tarfile.open(archive) as packed:
        packed.extraction_filter = getattr(tarfile, "data_filter", None)  # older Pythons have none
        packed.extractall(folder)
    spec = importlib.util.spec_from_file_location("inference", folder / "code/inference.py")
    if spec is None or spec.loader is None:
        raise ValueError("model.tar.gz holds no code/inference.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script, script.model_fn(str(folder)), json.loads((folder / "model.json").read_text(encoding="utf-8"))


def asked(archive: Path, folder: Path, rows: pd.DataFrame, positive: str) -> tuple[str, list[str], np.ndarray]:
    """The body of a request with all rows, and what the model in the archive answers: the lines, and their numbers."""
    script, model, described = unpacked(archive, folder)
    if described["positive"] != positive:
        raise ValueError(f"the positive label of the model is {described['positive']}, not {positive}")
    body = rows[described["columns"]].to_csv(index=False, header=False).rstrip("\n")
    answer = script.output_fn(script.predict_fn(script.input_fn(body.encode(), "text/csv"), model), "text/csv")
    answers = answer.split("\n")
    chances = np.array([float(chance) for chance in answers])
    if len(chances) != len(rows) or not np.isfinite(chances).all():
        raise ValueError(f"{len(rows)} rows were asked, and {int(np.isfinite(chances).sum())} numbers answered")
    return body, answers, chances


def fetch(url: str, archive: Path) -> None:
    """Bring the object at an s3:// place. The job's role must be allowed to read it."""
    import boto3  # noqa: TID251 (the job may have no champion to fetch, and tests have no credentials)

    bucket, _, key = url.removeprefix("s3://").partition("/")
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def against(
    root: Path, version: str, url: str, rows: pd.DataFrame, truth: np.ndarray, chances: np.ndarray, positive: str
) -> dict[str, Any]:
    """What evaluation.json says of the champion on the same rows: `champion` and `paired`; nothing without a champion.
    One that cannot be fetched or run does not fail the job: its error is written and printed, for the gate to see."""
    if url == NOBODY:
        return {}
    try:
        number = int(version)
        fetch(url, root / "champion/model.tar.gz")
        _, _, theirs = asked(root / "champion/model.tar.gz", root / "champion/model", rows, positive)
        group = metrics(truth, theirs >= THRESHOLD, theirs)
    except (Exception, SystemExit) as error:  # whatever the champion's own script does
        said = f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
        print(f"the champion, version {version}, was not measured on the same rows: {said}")
        return {"champion": {"error": said}}
    print(f"the champion, version {version}, on the same rows: accuracy {group['accuracy']['value']}")
    return {
        "champion": {"version": number, "binary_classification_metrics": group},
        "paired": {
            "champion_version": number,
            **pairs((chances >= THRESHOLD) == truth, (theirs >= THRESHOLD) == truth),
        },
    }


def pairs(challenger: np.ndarray, champion: np.ndarray) -> dict[str, int]:
    """How many rows both got right, one alone, or neither, of whether each got each right."""
    return {
        "both_right": int((challenger & champion).sum()),
        "only_challenger_right": int((challenger & ~champion).sum()),
        "only_champion_right": int((~challenger & champion).sum()),
        "both_wrong": int((~challenger & ~champion).sum()),
    }


def as_text(labels: pd.Series) -> pd.Series:
    """Labels as the endpoint answers them: 1.0 and 1 are "1"."""
    numbers = pd.to_numeric(labels, errors="coerce")
    whole = numbers.notna() & (numbers % 1 == 0)
    return labels.astype(str).where(~whole, numbers.fillna(0).astype("int64").astype(str))


def captured(lines: list[str], answers: list[str], truth: list[str]) -> tuple[list[dict], list[dict]]:
    """Records of data capture and of ground truth (docs: model-monitor-data-capture, -model-quality-merge)."""

    def part(mode: str, data: str) -> dict[str, str]:
        return {"observedContentType": "text/csv", "mode": mode, "data": data, "encoding": "CSV"}

    records, labels = [], []
    for number, (line, answer, label) in enumerate(zip(lines, answers, truth, strict=False)):
        event = f"test-{number:06d}"
        data = {"endpointInput": part("INPUT", line), "endpointOutput": part("OUTPUT", answer)}
        stamp = {"eventId": event, "inferenceTime": AT}
        records.append({"captureData": data, "eventMetadata": stamp, "eventVersion": "0"})
        known = {"data": label, "encoding": "CSV"}
        labels.append({"groundTruthData": known, "eventMetadata": {"eventId": event}, "eventVersion": "0"})
    return records, labels


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--label", default="churned")
    parser.add_argument("--positive", default="1")
    parser.add_argument("--champion-version", default=NOBODY)
    parser.add_argument("--champion-model", default=NOBODY, help="s3:// place of its model.tar.gz")
    args = parser.parse_args()
    root = Path(os.environ.get("ML_ROOT", "/opt/ml")) / "processing"
    rows = pd.concat([pd.read_csv(file) for file in sorted((root / "input/test").rglob("*.csv"))], ignore_index=True)
    truth = as_text(rows[args.label])
    left = (truth == args.positive).to_numpy()
    body, answers, chances = asked(root / "input/model/model.tar.gz", root / "model", rows, args.positive)
    group = metrics(left, chances >= THRESHOLD, chances)
    report = {"version": 0.0, "dataset": {"item_count": len(rows)}, "binary_classification_metrics": group}
    report |= against(root, args.champion_version, args.champion_model, rows, left, chances, args.positive)
    write(root / "output/evaluation/evaluation.json", [report])
    records, labels = captured(body.split("\n")[:MOST_CAPTURED], answers, list(truth))
    write(root / "output/predictions/capture.jsonl", records)
    write(root / "output/labels/labels.jsonl", labels)
    print(f"{len(rows)} rows, accuracy {group['accuracy']['value']}, auc {group['auc']['value']}")


def write(path: Path, lines: list[dict]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
