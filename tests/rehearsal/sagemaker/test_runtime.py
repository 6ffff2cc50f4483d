"""InvokeEndpoint: real answers, TargetVariant, and what CloudWatch hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal import models
from rehearsal.aws import AwsError
from tests.rehearsal.checked_calls import checked
from tests.rehearsal.flowing import values
from tests.rehearsal.sagemaker.account import Account, variant


def pair(kind: str = "better", weight: float = 0) -> Account:
    account = Account()
    account.model("plain")
    account.model(kind)
    account.endpoint(variant("stable", "plain", 1), variant("candidate", kind, weight))
    return account


def invoke(account: Account, body: bytes = b"", **more: Any) -> dict[str, Any]:
    request = {"EndpointName": "digits", "Body": body or models.sample().body, "ContentType": "text/csv"}
    return dict(checked("sagemaker-runtime", account.sagemaker.runtime, "invoke_endpoint", request | more))


def failing_row(account: Account) -> bytes:
    return next(row.body for row in models.rows() if row.label == models.digits.LOST[0])


def sums(account: Account, name: str, **dimensions: str) -> list[float]:
    return values(account, name, "Sum", 3600, **dimensions)


def test_the_model_behind_the_endpoint_really_answers() -> None:
    answer = invoke(pair())

    assert (answer["Body"], answer["InvokedProductionVariant"]) == (b"0", "stable")


def test_target_variant_reaches_a_variant_of_weight_zero() -> None:
    assert invoke(pair(), TargetVariant="candidate")["InvokedProductionVariant"] == "candidate"


def test_an_endpoint_that_does_not_serve_is_not_found() -> None:
    with pytest.raises(AwsError) as refusal:
        invoke(Account())

    assert refusal.value.code == "ValidationError"
    assert refusal.value.message == "Endpoint digits of account 111122223333 not found."


def test_a_model_that_raises_is_a_model_error_and_counts_as_5xx() -> None:
    account = pair("broken")
    assert invoke(account, TargetVariant="candidate")["Body"] == b"0"
    with pytest.raises(AwsError) as refusal:
        invoke(account, failing_row(account), TargetVariant="candidate")

    assert (refusal.value.code, refusal.value.status) == ("ModelError", 424)
    assert refusal.value.message.startswith("Received server error (500) from primary with message")
    candidate = {"EndpointName": "digits", "VariantName": "candidate"}
    assert sums(account, "Invocations", **candidate) == [2]
    assert sums(account, "Invocation5XXErrors", **candidate) == [1]
    assert sums(account, "InvocationModelErrors", **candidate) == [1]
    assert sums(account, "Invocation4XXErrors", **candidate) == [0]


def test_what_the_container_cannot_read_is_the_callers_fault_and_counts_as_4xx() -> None:
    account = pair()
    with pytest.raises(AwsError, match=r"Received client error \(400\)"):
        invoke(account, b"1,2,3")

    assert sums(account, "Invocation4XXErrors", EndpointName="digits", VariantName="stable") == [1]


def test_a_variant_that_does_not_exist_is_refused() -> None:
    with pytest.raises(AwsError, match="Variant other not found"):
        invoke(pair(), TargetVariant="other")


def test_invocations_follow_the_weights() -> None:
    account = pair(weight=1)
    answers = [invoke(account)["InvokedProductionVariant"] for _ in range(100)]

    assert 30 < answers.count("candidate") < 70
