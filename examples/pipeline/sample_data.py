"""Makes up customers, to try the pipeline with: python3 sample_data.py --rows 4000 > churn.csv."""

from __future__ import annotations

import argparse
import sys

import numpy as np
import pandas as pd

CATEGORIES = {
    "contract": {"monthly": 0.6, "yearly": 0.4},
    "region": {"north": 0.3, "south": 0.2, "east": 0.25, "west": 0.25},
    "payment": {"card": 0.5, "transfer": 0.3, "cash": 0.2},
}


def customers(rows: int, seed: int = 0, first_day: str = "2026-01-01", days: int = 30) -> pd.DataFrame:
    """So many customers, the label first."""
    random = np.random.default_rng(seed)
    observed = pd.Timestamp(first_day, tz="UTC") + pd.to_timedelta(np.sort(random.random(rows)) * days, unit="D")
    data = pd.DataFrame(
        {
            "observed": observed.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tenure_months": random.gamma(2.25, 13.3, rows).clip(1, 120).round().astype(int),
            "monthly_charge": random.normal(60.0, 18.0, rows).clip(10.0).round(2),
            "support_calls": random.poisson(1.2, rows),
            "age": random.normal(45.0, 14.0, rows).clip(18, 90).round().astype(int),
            "data_gb": random.gamma(2.0, 6.0, rows).round(1),
            "minutes": random.gamma(3.0, 100.0, rows).round().astype(int),
            "overdue_days": np.where(random.random(rows) < 0.75, 0.0, random.exponential(12.0, rows))
            .round()
            .astype(int),
        }
    )
    for name, shares in CATEGORIES.items():
        data[name] = random.choice(list(shares), rows, p=list(shares.values()))
    odds = (
        -0.9
        - 0.045 * (data["tenure_months"] - 30)
        + 0.065 * (data["monthly_charge"] - 60)
        + 0.55 * data["support_calls"]
    )
    odds += 0.07 * data["overdue_days"] + 0.5 * (data["contract"] == "monthly") + 0.4 * (data["payment"] == "cash")
    churned = random.random(rows) < 1.0 / (1.0 + np.exp(-odds))
    data.insert(0, "churned", churned.astype(int))
    return data


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    customers(args.rows, args.seed).to_csv(sys.stdout, index=False)


if __name__ == "__main__":
    main()
