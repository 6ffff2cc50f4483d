"""Splits the data of the window into train (60 %), validation (20 %) and test (20 %).

Reads every CSV file (with a header) of /opt/ml/processing/input/data. Rows without a label are dropped and counted.
Also writes features/data.csv: the training rows without the label, in the order in which an endpoint is asked, from
which the monitors learn how the inputs looked. The split depends on the content of a row alone, so the same row is
always on the same side: a test row of today does not train the model of tomorrow.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from pathlib import Path

import pandas as pd

SHARES = (("train", 0.6), ("validation", 0.8), ("test", 1.0))  # name, and where its share ends
ANY = "any"


def read(folder: Path) -> pd.DataFrame:
    """All CSV files under a folder, one below the other. ValueError when there is none."""
    files = sorted(folder.rglob("*.csv"))
    if not files:
        raise ValueError(f"no CSV file under {folder}")
    return pd.concat([pd.read_csv(file) for file in files], ignore_index=True)


def in_window(data: pd.DataFrame, column: str, since: str, until: str) -> pd.DataFrame:
    """The rows with since <= time < until. Without the column, or without bounds ("any"), all rows."""
    if column not in data.columns:
        return data
    times = pd.to_datetime(data[column], utc=True, errors="coerce")
    kept = pd.Series(True, index=data.index)
    if since != ANY:
        kept &= times >= pd.Timestamp(since)
    if until != ANY:
        kept &= times < pd.Timestamp(until)
    return data[kept].drop(columns=column)


def sides(data: pd.DataFrame) -> pd.Series:
    """The side of each row: "train", "validation" or "test", by a hash of its content."""
    lines = map("\x1f".join, zip(*(data[name].astype(str) for name in data.columns), strict=True))
    places = [int(hashlib.sha256(line.encode()).hexdigest()[:8], 16) / 2**32 for line in lines]
    return pd.Series([next(name for name, end in SHARES if place < end) for place in places], index=data.index)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--label", default="churned")
    parser.add_argument("--time-column", default="observed")
    parser.add_argument("--since", default=ANY)
    parser.add_argument("--until", default=ANY)
    args = parser.parse_args()
    root = Path(os.environ.get("ML_ROOT", "/opt/ml")) / "processing"
    data = in_window(read(root / "input/data"), args.time_column, args.since, args.until)
    labelled = data.dropna(subset=[args.label])
    if labelled.empty:
        raise SystemExit(f"no row has a label between {args.since} and {args.until}")
    ordered = labelled[[args.label, *(name for name in labelled.columns if name != args.label)]]
    side = sides(ordered)
    for name, _ in SHARES:
        write(ordered[side == name], root / "output" / name / "data.csv")
    write(ordered[side == "train"].drop(columns=args.label), root / "output/features/data.csv")
    counts = side.value_counts().to_dict()
    print(f"{len(data)} rows, {len(data) - len(labelled)} without a label; {counts}")


def write(data: pd.DataFrame, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    data.to_csv(path, index=False)


if __name__ == "__main__":
    main()
