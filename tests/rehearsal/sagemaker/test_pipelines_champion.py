"""The example pipeline is told of a champion: both models are measured on the same rows, and Interlock reads it."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from interlock.retraining.evaluation import read_evaluation
from rehearsal.aws import AwsError
from tests.rehearsal.sagemaker.account import ROLE
from tests.rehearsal.sagemaker.example_pipeline import ExampleAccount, customers

DATA = ("models", "churn-train/data/customers.csv")
BROKEN = "s3://models/broken.tar.gz"


def artifact(package: Any) -> str:
    return str(package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])


def report(account: ExampleAccount, package: Any) -> dict[str, Any]:
    url = package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    return dict(json.loads(account.objects["models", url.removeprefix("s3://models/")]))


def packed(**files: bytes) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as written:
        for name, content in files.items():
            entry = tarfile.TarInfo({"script": "code/inference.py", "described": "model.json"}[name])
            entry.size = len(content)
            written.addfile(entry, io.BytesIO(content))
    return archive.getvalue()


def test_a_champion_is_measured_on_the_rows_of_its_challenger(tmp_path: Path) -> None:
    account = ExampleAccount(tmp_path)
    account.run()
    (champion,) = account.packages()
    assert account.readers == [] and not {"champion", "paired"} & set(report(account, champion))
    account.objects[DATA] = customers(1500, turned=True)
    account.run(ChampionVersion="1", ChampionModelData=artifact(champion))
    old, new = report(account, champion), report(account, account.packages()[1])
    counted, beside = new["paired"], new["champion"]["binary_classification_metrics"]
    records = new["dataset"]["item_count"]

    assert account.readers == [ROLE]
    assert (counted.pop("champion_version"), new["champion"]["version"]) == (1, 1)
    assert sum(counted.values()) == records
    mine = new["binary_classification_metrics"]["accuracy"]["value"]
    assert (counted["both_right"] + counted["only_challenger_right"]) / records == pytest.approx(mine)
    theirs = beside["accuracy"]["value"]
    assert (counted["both_right"] + counted["only_champion_right"]) / records == pytest.approx(theirs)
    assert theirs < old["binary_classification_metrics"]["accuracy"]["value"] - 0.1, "the drift made it worse"
    assert mine > theirs + 0.1
    read = read_evaluation(new)
    assert read is not None
    assert set(read.on_same_records(1)) == set(read.metrics) and read.paired is not None
    assert all(each.error for each in read.on_same_records(1).values())


@pytest.mark.parametrize(
    ("version", "url", "body", "error"),
    [
        ("7", "s3://models/gone.tar.gz", b"", "NoSuchKey"),
        ("7", BROKEN, b"not an archive", "ReadError"),
        ("7", BROKEN, packed(described=b"{}"), "inference.py"),
        ("7", BROKEN, packed(script=b"raise SystemExit(3)", described=b"{}"), "SystemExit: 3"),
        ("7", BROKEN, packed(script=b"def model_fn(folder): 1 / 0", described=b"{}"), "ZeroDivisionError"),
        ("none", BROKEN, b"", "ValueError"),
    ],
)
def test_a_champion_that_cannot_be_measured_is_told_and_stops_nothing(
    tmp_path: Path, version: str, url: str, body: bytes, error: str
) -> None:
    account = ExampleAccount(tmp_path)
    if body:
        account.objects["models", "broken.tar.gz"] = body
    ended = account.run(ChampionVersion=version, ChampionModelData=url)
    (package,) = account.packages()
    written = report(account, package)

    assert ended["PipelineExecutionStatus"] == "Succeeded"
    assert error in written["champion"]["error"] and "paired" not in written
    assert account.sagemaker.processing is not None
    (log,) = [job.log for job in account.sagemaker.processing.jobs.values() if "the champion" in job.log]
    assert error in log
    read = read_evaluation(written)
    assert read is not None and read.metrics and read.on_same_records(7) == {}


def test_a_role_that_may_not_read_the_champion_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account = ExampleAccount(tmp_path)
    may_read = account.storage.read

    def read(role: str, bucket: str, key: str) -> bytes:
        if bucket == "other":
            raise AwsError("s3", "AccessDenied", "Access Denied", 403)
        return may_read(role, bucket, key)

    monkeypatch.setattr(account.storage, "read", read)
    account.run(ChampionVersion="7", ChampionModelData="s3://other/model.tar.gz")
    (package,) = account.packages()
    assert "AccessDenied" in report(account, package)["champion"]["error"]
