from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from rehearsal import models
from rehearsal.models import customers
from rehearsal.sagemaker.containers import Container, Containers


@cache
def served(kind: str) -> Container:
    return Containers(lambda bucket, key: models.artifact(kind)).start("AllTraffic", "s3://bucket/model")


def auc(kind: str, drift: str) -> float:
    rows = customers.rows(drift)
    answers = [float(reply.body) for reply in served(kind).answer_rows([row.body for row in rows])]
    return float(roc_auc_score([row.label for row in rows], answers))


def column(drift: str, name: str) -> list[str]:
    place = customers.COLUMNS.index(name)
    return [row.body.decode().split(",")[place] for row in customers.rows(drift)]


def share_of_ones(drift: str, region: str) -> float:
    rows = [row.body for row in customers.rows(drift) if region in row.body.decode()]
    answers = [float(reply.body) >= customers.THRESHOLD for reply in served("churn-old").answer_rows(rows)]
    return float(np.mean(answers))


def test_the_model_is_good_until_the_prices_change_and_one_trained_since_is_better() -> None:
    assert auc("churn-old", "none") > 0.82
    assert auc("churn-old", "prices") < 0.6
    assert auc("churn-new", "prices") > 0.8


@pytest.mark.parametrize("drift", ["none", "prices"])
def test_the_worse_model_is_worse_before_and_after(drift: str) -> None:
    assert auc("churn-worse", drift) < auc("churn-old", drift) - 0.03


def test_prices_shift_one_column_by_a_standard_deviation_and_no_other() -> None:
    charge = [np.array(column(drift, "monthly_charge"), dtype=float) for drift in ("none", "prices")]
    assert charge[1].mean() - charge[0].mean() == pytest.approx(customers.CHARGE_SPREAD, rel=0.01)
    others = [name for name in customers.COLUMNS if name != "monthly_charge"]
    assert all(column("none", name) == column("prices", name) for name in others)


def test_labels_can_change_while_the_customers_stay_as_they_are() -> None:
    before, after = customers.rows("none"), customers.rows("labels_only")
    assert [row.body for row in before] == [row.body for row in after]
    assert auc("churn-old", "labels_only") < 0.6


def test_a_column_can_be_missing_and_the_model_answers_all_the_same() -> None:
    assert {len(row.body.split(b",")) for row in customers.rows("missing_column")} == {len(customers.COLUMNS) - 1}
    assert {reply.status for reply in served("churn-old").answer_rows([customers.rows("missing_column")[0].body])} == {
        200
    }
    assert auc("churn-old", "missing_column") < auc("churn-old", "none")


def test_bias_changes_the_answers_for_one_group_only() -> None:
    assert share_of_ones("bias", "south") - share_of_ones("none", "south") > 0.3
    assert share_of_ones("bias", "north") == share_of_ones("none", "north")
    assert [row.label for row in customers.rows("bias")] == [row.label for row in customers.rows("none")]


def test_habits_leave_the_columns_means_and_change_what_matters() -> None:
    tenure = [np.array(column(drift, "tenure_months"), dtype=float) for drift in ("none", "habits")]
    assert tenure[1].mean() == pytest.approx(tenure[0].mean(), rel=0.03) and tenure[1].std() < tenure[0].std() / 5


@pytest.mark.parametrize("name", customers.NUMBERS)
def test_customers_of_another_seed_are_not_others(name: str) -> None:
    place = customers.COLUMNS.index(name)
    drawn = np.sort([float(row.body.decode().split(",")[place]) for row in customers.draw(5_000, seed=8)])
    pool = np.sort([float(each) for each in column("none", name)])
    shares = [np.searchsorted(each, pool, side="right") / len(each) for each in (drawn, pool)]
    assert np.abs(shares[0] - shares[1]).max() < 1.95 * np.sqrt(1 / len(drawn) + 1 / len(pool))  # KS at 0.1 %


def test_the_same_seed_gives_the_same_customers() -> None:
    assert customers.draw(50, 3) == customers.draw(50, 3) != customers.draw(50, 4)


def test_a_training_file_names_its_columns_and_has_the_label_first() -> None:
    header, *lines = customers.make_training_csv(100, seed=3, drift="missing_column").decode().splitlines()
    assert header.split(",") == [customers.LABEL, *customers.COLUMNS]
    assert len(lines) == 100 and all(len(line.split(",")) == len(customers.COLUMNS) + 1 for line in lines)
    assert {line.partition(",")[0] for line in lines} == {"0", "1"}


@pytest.mark.parametrize("body", [b"", b"1,2,3", b"a,b,c,d,e,f,g,monthly,north,card", b"1,2,3,4,5,6,7,8,9,10,11"])
def test_what_is_no_customer_is_the_callers_fault(body: bytes) -> None:
    assert served("churn-old").answer(body).status == 400


def test_an_artifact_is_the_same_in_every_process() -> None:
    before = models.artifact("churn-old")
    customers.artifact.cache_clear()
    assert models.artifact("churn-old") == before
