from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from interlock.model.results_path import RunFolder, bucket_and_key, read_file_key, read_folder

OF_MODEL_MONITOR = (
    "sagemaker/DEMO-ModelMonitor/reports/DEMO-xgb-churn-pred-model-monitor-2022-04-18-00-13-16/"
    "DEMO-xgb-churn-pred-model-monitor-schedule-2022-04-18-00-29-48/2022/04/18/01/constraint_violations.json"
)
names = some.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,20}", fullmatch=True)


def test_the_folder_of_model_monitor_is_read_from_its_end() -> None:
    folder = read_file_key(OF_MODEL_MONITOR)
    assert folder
    assert folder.endpoint == "DEMO-xgb-churn-pred-model-monitor-2022-04-18-00-13-16"
    assert folder.monitor == "DEMO-xgb-churn-pred-model-monitor-schedule-2022-04-18-00-29-48"
    assert (folder.hour, folder.attempt) == ("2022-04-18T01:00:00Z", 1)


@given(
    names,
    names,
    some.datetimes().filter(lambda at: at.year > 1000),
    some.integers(1, 999),
    some.sampled_from(["", "s3://b/", "a/b/"]),
)
def test_a_run_is_read_back_from_its_folder(endpoint: str, monitor: str, at: object, attempt: int, before: str) -> None:
    folder = RunFolder(endpoint, monitor, f"{at:%Y-%m-%dT%H}:00:00Z", attempt)
    assert read_folder(f"{before}{folder.run}") == folder
    assert read_folder(f"{before}{folder.run}/") == folder
    assert read_file_key(f"{before}{folder.run}/constraint_violations.json") == folder


@pytest.mark.parametrize(
    "path",
    [
        "",
        "2026/01/05/09",
        "inputs/2026/01/05/09",
        "churn/inputs/2026/13/05/09",
        "churn/inputs/2026/01/05/24",
        "churn/inputs/2026/01/05",
        "churn/inputs/2026/01/05/09/extra",
        "churn/inputs/2026/01/05/09/attempt-0",
        "runs/interlock-churn-inputs/summaries",
    ],
)
def test_another_path_names_no_run(path: str) -> None:
    assert read_folder(path) is None


@given(some.text(max_size=60))
def test_whatever_the_path_it_is_read_or_is_none(path: str) -> None:
    read_folder(path)
    read_file_key(path)
    bucket_and_key(path)


def test_a_uri_has_a_bucket_and_a_key() -> None:
    assert bucket_and_key("s3://b/c/d.json") == ("b", "c/d.json")
    assert bucket_and_key("s3://b") == ("b", "")
    assert bucket_and_key("https://b/c") == ("", "")
