"""Lists of models, configs, endpoints and components (botocore ListEndpoints, ListModels, ListInferenceComponents)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rehearsal.sagemaker.listing import listed
from tests.rehearsal.sagemaker.account import PERSON, Account

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Thing:
    created: float
    modified: float


FOUND = {
    f"thing-{number:02}": Thing(BEGIN.timestamp() + number, BEGIN.timestamp() + 100 - number) for number in range(12)
}


def names(**request: Any) -> list[str]:
    answer = listed(request, FOUND, "Things", lambda name, thing: {"Name": name}, lambda thing: thing.modified)
    return [each["Name"] for each in answer["Things"]]


def test_the_newest_ten_come_first_and_a_token_leads_to_the_rest() -> None:
    first = listed({}, FOUND, "Things", lambda name, thing: {"Name": name})
    assert [each["Name"] for each in first["Things"]] == sorted(FOUND, reverse=True)[:10]
    assert names(NextToken=first["NextToken"]) == ["thing-01", "thing-00"]
    assert names(SortOrder="Ascending", MaxResults=2) == ["thing-00", "thing-01"]


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        ({"NameContains": "ing-03"}, ["thing-03"]),
        ({"CreationTimeAfter": BEGIN + timedelta(seconds=10)}, ["thing-11", "thing-10"]),
        ({"CreationTimeBefore": BEGIN + timedelta(seconds=1)}, ["thing-00"]),
        ({"LastModifiedTimeAfter": BEGIN + timedelta(seconds=99)}, ["thing-00"]),
    ],
)
def test_a_filter_leaves_out_the_others(request_: dict[str, Any], found: list[str]) -> None:
    """Only the time of creation counts from the moment itself."""
    assert names(**request_) == found


def test_models_configs_and_endpoints_are_listed_with_their_times() -> None:
    account = Account()
    account.endpoint()
    offered = account.sagemaker
    [model] = offered.list_models({}, PERSON)["Models"]
    [config] = offered.list_endpoint_configs({}, PERSON)["EndpointConfigs"]
    [endpoint] = offered.list_endpoints({}, PERSON)["Endpoints"]
    assert model["CreationTime"] == config["CreationTime"] == endpoint["CreationTime"] < endpoint["LastModifiedTime"]
    assert endpoint["EndpointStatus"] == "InService"
    assert offered.list_inference_components({}, PERSON)["InferenceComponents"] == []
