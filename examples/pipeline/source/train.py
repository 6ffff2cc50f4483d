"""Trains a classifier of churn on CSV files with a header, in SageMaker's script mode.

The trees are grown in rounds. After each round the model is kept in the checkpoint folder, which SageMaker copies to
S3; when a spot instance is taken away, the next one goes on from the last round (docs: model-checkpoints).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder

ROUND = 20  # trees
HERE = Path(__file__).resolve().parent


def read(folder: str, label: str) -> tuple[pd.DataFrame, pd.Series]:
    """Features and labels (as text) of the CSV files of a channel."""
    data = pd.concat([pd.read_csv(file) for file in sorted(Path(folder).rglob("*.csv"))], ignore_index=True)
    return data.drop(columns=label), as_text(data[label])


def as_text(labels: pd.Series) -> pd.Series:
    """Labels as the endpoint answers them: 1.0 and 1 are "1"."""
    numbers = pd.to_numeric(labels, errors="coerce")
    whole = numbers.notna() & (numbers % 1 == 0)
    return labels.astype(str).where(~whole, numbers.fillna(0).astype("int64").astype(str))


def new_model(features: pd.DataFrame) -> Pipeline:
    """Numbers with gaps filled, text as one column a value (an unknown value is none of them), then boosted trees."""
    numbers = list(features.select_dtypes("number").columns)
    texts = [name for name in features.columns if name not in numbers]
    columns = ColumnTransformer(
        [
            ("numbers", SimpleImputer(strategy="median"), numbers),
            (
                "texts",
                make_pipeline(
                    SimpleImputer(strategy="constant", fill_value="missing"), OneHotEncoder(handle_unknown="ignore")
                ),
                texts,
            ),
        ]
    )
    trees = GradientBoostingClassifier(
        n_estimators=1, learning_rate=0.15, max_depth=3, subsample=0.8, warm_start=True, random_state=0
    )
    return Pipeline([("columns", columns), ("trees", trees)])


def fit(model: Pipeline, features: pd.DataFrame, labels: pd.Series, trees: int, checkpoint: Path) -> Pipeline:
    """Grow the model to so many trees, from the checkpoint when there is one. Keeps a checkpoint after each round."""
    grown = 0
    if checkpoint.exists():
        kept = joblib.load(checkpoint)
        model, grown = kept["model"], int(kept["trees"])
        print(f"goes on from a checkpoint with {grown} trees")
    else:
        model.named_steps["columns"].fit(features)
    matrix = model.named_steps["columns"].transform(features)
    while grown < trees:
        grown = min(grown + ROUND, trees)
        model.named_steps["trees"].set_params(n_estimators=grown)
        model.named_steps["trees"].fit(matrix, labels)
        keep(checkpoint, {"model": model, "trees": grown})
        print(f"trees={grown}")
    return model


def keep(path: Path, content: dict[str, Any]) -> None:
    """Write whole or not at all: an interruption must not leave half a checkpoint."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    joblib.dump(content, partial)
    partial.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--label", default="churned")
    parser.add_argument("--positive", default="1")
    parser.add_argument("--trees", type=int, default=60)
    args, _ = parser.parse_known_args()
    features, labels = read(os.environ["SM_CHANNEL_TRAIN"], args.label)
    root = Path(os.environ.get("ML_ROOT", "/opt/ml"))
    model = fit(new_model(features), features, labels, args.trees, root / "checkpoints/model.joblib")
    if os.environ.get("SM_CHANNEL_VALIDATION"):
        held, truth = read(os.environ["SM_CHANNEL_VALIDATION"], args.label)
        print(f"validation:accuracy={model.score(held, truth):.4f}")
    folder = Path(os.environ["SM_MODEL_DIR"])
    joblib.dump(model, folder / "model.joblib")
    described = {"columns": list(features.columns), "label": args.label, "positive": args.positive}
    described["numbers"] = list(features.select_dtypes("number").columns)
    (folder / "model.json").write_text(json.dumps(described), encoding="utf-8")
    (folder / "code").mkdir(exist_ok=True)
    shutil.copy(HERE / "inference.py", folder / "code/inference.py")


if __name__ == "__main__":
    main()
