from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from rehearsal.aws import AwsError
from rehearsal.models import customers
from rehearsal.sagemaker import Options
from rehearsal.traffic import Drifting, Labelled, Labels, Load, Traffic
from tests.rehearsal.sagemaker.account import PERSON, ROLE, START, Account, variant

CSV = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
BEGIN = START.timestamp()
HOUR = 3600.0


def capturing(sampling: int = 100, options: Options | None = None, **wanted: Any) -> tuple[Account, dict[str, bytes]]:
    """An account whose endpoint is in service since 9:05 and captures; and the objects that were written."""
    account = Account(options or Options())
    written: dict[str, bytes] = {}
    account.write = lambda bucket, key, body, role, kms_key: written.update({f"{bucket}/{key}": body})
    account.model("churn-old")
    config = {
        "InitialSamplingPercentage": sampling,
        "DestinationS3Uri": "s3://monitoring/capture",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": CSV,
        **wanted,
    }
    account.config("first", variant(model="churn-old"), DataCaptureConfig=config)
    account.call("create_endpoint", EndpointName="churn", EndpointConfigName="first")
    return account, written


def flowing(account: Account, hours: float = 1, published: Labels | None = None, **load: Any) -> Traffic:
    """A request a second for so many hours."""
    wanted = Load("churn", 1.0, data="customers", **load)
    capture = account.sagemaker.capture
    traffic = Traffic(
        account.clock, account.sagemaker.endpoints, account.cloudwatch.publish, [wanted],
        capture=capture, labels=published,
    )  # fmt: skip
    account.wait(60 * hours)
    return traffic


def invoke(account: Account, body: bytes = customers.rows()[0].body, **more: Any) -> Any:
    request = {"EndpointName": "churn", "Body": body, "ContentType": "text/csv", **more}
    return account.sagemaker.runtime.invoke_endpoint(request, PERSON)


def records(written: dict[str, bytes]) -> list[Any]:
    return [json.loads(line) for body in written.values() for line in body.decode().splitlines()]


def test_a_captured_request_is_written_as_sagemaker_writes_it() -> None:
    account, written = capturing()
    account.wait(10)
    answer = invoke(account)
    account.wait(20)
    [(key, body)] = written.items()
    uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert re.fullmatch(f"monitoring/capture/churn/AllTraffic/2026/01/05/09/10-00-000-{uuid}.jsonl", key)
    sent, got = customers.rows()[0].body.decode(), answer["Body"].decode()
    pattern = (
        r'\{"captureData":\{"endpointInput":\{"observedContentType":"text/csv","mode":"INPUT","data":"%s",'
        r'"encoding":"CSV"\},"endpointOutput":\{"observedContentType":"text/csv","mode":"OUTPUT","data":"%s",'
        r'"encoding":"CSV"\}\},"eventMetadata":\{"eventId":"%s","inferenceTime":"2026-01-05T09:10:00Z"\},'
        r'"eventVersion":"0"\}\n'
    )
    assert re.fullmatch(pattern % (re.escape(sent), re.escape(got), uuid), body.decode())


def test_bodies_are_in_base64_unless_their_content_type_is_listed() -> None:
    account, written = capturing(CaptureContentTypeHeader={"JsonContentTypes": ["application/json"]})
    account.wait(10)
    invoke(account)
    account.wait(20)
    [record] = records(written)
    side = record["captureData"]["endpointInput"]
    assert (side["encoding"], base64.b64decode(side["data"])) == ("BASE64", customers.rows()[0].body)


@pytest.mark.parametrize(
    ("modes", "sides"),
    [
        (["Input"], {"endpointInput"}),
        (["Output"], {"endpointOutput"}),
        (["InputAndOutput"], {"endpointInput", "endpointOutput"}),
    ],
)
def test_only_the_asked_for_side_is_captured(modes: list[str], sides: set[str]) -> None:
    account, written = capturing(CaptureOptions=[{"CaptureMode": mode} for mode in modes])
    account.wait(10)
    invoke(account)
    account.wait(20)
    assert [set(record["captureData"]) for record in records(written)] == [sides]


def test_the_clients_inference_id_stands_beside_the_event_id() -> None:
    account, written = capturing()
    account.wait(10)
    invoke(account, InferenceId="order-17")
    account.wait(20)
    [record] = records(written)
    assert record["eventMetadata"]["inferenceId"] == "order-17" and record["eventMetadata"]["eventId"]


@pytest.mark.parametrize(("choice", "kept"), [("absent", 0), ("captured", 1)])
def test_a_request_that_failed_is_captured_or_not(choice: Any, kept: int) -> None:
    account, written = capturing(options=Options(captured_failures=choice))
    account.wait(10)
    with pytest.raises(AwsError):
        invoke(account, b"nonsense")
    account.wait(20)
    assert len(records(written)) == kept


def test_an_endpoint_says_whether_it_captures() -> None:
    account, _ = capturing(sampling=20)
    account.wait(10)
    described = account.describe("churn")["DataCaptureConfig"]
    assert (described["EnableCapture"], described["CaptureStatus"]) == (True, "Started")
    assert (described["CurrentSamplingPercentage"], described["DestinationS3Uri"]) == (20, "s3://monitoring/capture")


def test_nothing_is_captured_that_nobody_asked_for() -> None:
    for account, written in (capturing(EnableCapture=False), capturing(sampling=0)):
        flowing(account)
        assert written == {}


def test_traffic_is_captured_with_its_real_answers_in_files_of_a_quarter_hour() -> None:
    account, written = capturing(sampling=20)
    flowing(account, hours=2)
    kept = records(written)
    assert len(kept) == pytest.approx(0.2 * 6600, rel=0.1)  # from 9:04 until the last whole quarter before 11:00
    assert [key[len("monitoring/capture/churn/AllTraffic/") :][:16] for key in written] == [
        "2026/01/05/09/" + minutes for minutes in ("04", "15", "30", "45")
    ] + ["2026/01/05/10/" + minutes for minutes in ("00", "15", "30")]
    model = account.sagemaker.endpoints.routes("churn")[0].container
    for record in kept[:50]:
        sides = record["captureData"]
        assert model.answer(sides["endpointInput"]["data"].encode()).body.decode() == sides["endpointOutput"]["data"]
    times = [record["eventMetadata"]["inferenceTime"] for record in kept]
    assert times == sorted(times) and len({record["eventMetadata"]["eventId"] for record in kept}) == len(kept)


def test_the_same_seed_captures_the_same() -> None:
    runs = []
    for _ in range(2):
        account, written = capturing(sampling=20)
        flowing(account)
        runs.append(written)
    assert runs[0] == runs[1] != {}


def test_capturing_does_not_change_the_traffic() -> None:
    minutes = []
    for sampling in (0, 50):
        account, _ = capturing(sampling=sampling)
        minutes.append(flowing(account).minutes)
    assert minutes[0] == minutes[1]


def test_an_endpoint_that_may_not_write_goes_on_serving() -> None:
    account, _ = capturing()

    def denied(bucket: str, key: str, body: bytes, role: str, kms_key: str) -> None:
        raise AwsError("s3", "AccessDenied", role, 403)

    account.write = denied
    traffic = flowing(account)
    refused = account.sagemaker.capture.refused
    assert refused and {each.message for each in refused} == {ROLE}
    assert sum(minute.requests for minute in traffic.minutes) > 3000


def test_requests_drift_for_as_long_as_the_scenario_says() -> None:
    account, written = capturing()
    flowing(account, hours=2.5, drifts=(Drifting(HOUR, 1.5 * HOUR, "prices"),))
    charge: dict[str, list[float]] = {}
    for record in records(written):
        half = record["eventMetadata"]["inferenceTime"][11:15]
        charge.setdefault(half, []).append(float(record["captureData"]["endpointInput"]["data"].split(",")[1]))
    means = {half: sum(values) / len(values) for half, values in charge.items()}
    assert all(abs(means[half] - 60) < 3 for half in ("09:5", "10:3", "10:4"))
    assert all(abs(means[half] - 78) < 3 for half in ("10:0", "10:1", "10:2"))


def test_right_answers_get_rarer_while_there_is_drift() -> None:
    account, _ = capturing(sampling=0)
    traffic = flowing(account, hours=2, drifts=(Drifting(HOUR, 2 * HOUR, "prices"),))
    shares = [
        sum(m.correct or 0 for m in part) / sum(m.requests for m in part)
        for part in (
            [m for m in traffic.minutes if m.at < BEGIN + HOUR],
            [m for m in traffic.minutes if m.at >= BEGIN + HOUR],
        )
    ]
    assert shares[0] > 0.75 and shares[1] < 0.55


def test_labels_join_by_event_id_and_lie_in_the_folder_of_the_day_they_are_known() -> None:
    account, written = capturing(sampling=50)
    published: dict[str, tuple[float, bytes]] = {}

    def write(bucket: str, key: str, body: bytes) -> None:
        published[f"{bucket}/{key}"] = (account.clock.now, body)

    how = Labelled("churn-group", delay=24 * HOUR, share=0.9)
    flowing(account, 25.5, Labels(account.clock, write, "monitoring"), labels=how)
    assert list(published) == ["monitoring/labels/churn-group/2026/01/06/churn-2026010509.jsonl"]
    [(at, body)] = published.values()
    assert at == BEGIN + 25 * HOUR
    told = {each["event_id"]: each["label"] for each in map(json.loads, body.decode().splitlines())}
    first = [r for r in records(written) if r["eventMetadata"]["inferenceTime"] < "2026-01-05T10"]
    captured = {r["eventMetadata"]["eventId"]: r["captureData"]["endpointInput"]["data"] for r in first}
    assert set(told) < set(captured) and len(told) == pytest.approx(0.9 * len(captured), rel=0.05)
    truth = {row.body.decode(): row.label for row in customers.rows()}
    assert all(truth[captured[event]] == label for event, label in told.items())
