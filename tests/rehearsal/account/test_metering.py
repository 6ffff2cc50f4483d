"""DynamoDB meters reads and writes by the size of items (docs: read-write-operations)."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.account.gateway import Fault
from rehearsal.aws import AwsError, Caller
from rehearsal.services.dynamodb import Consumed, DynamoDb, item_bytes
from tests.rehearsal.account.conftest import PERSON, Account

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
BY = Caller("person", "execution")


@pytest.fixture
def metered(account: Account) -> DynamoDb:
    names = ("pk", "HASH"), ("sk", "RANGE")
    account.gateway.call(
        PERSON,
        "dynamodb",
        "CreateTable",
        {
            "TableName": "ledger",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in names],
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name, _ in names],
        },
    )
    return account.tables


def ask(account: Account, operation: str, **request: Any) -> Any:
    return account.gateway.call(BY, "dynamodb", operation, {"TableName": "ledger", **request})


def put(account: Account, length: int, sk: str = "b", **more: Any) -> None:
    ask(account, "PutItem", Item={**KEY, "sk": {"S": sk}, "text": {"S": "x" * length}}, **more)


def units(metered: DynamoDb) -> list[tuple[float, float]]:
    """(read, write) of each call."""
    assert {each.execution for each in metered.consumed} == {"execution"}
    return [(each.read_units, each.write_units) for each in metered.consumed]


def test_a_write_takes_a_unit_for_every_kib(account: Account, metered: DynamoDb) -> None:
    for length in (10, 1_014, 1_015, 5_000):  # names and keys are ten bytes
        put(account, length)
    assert units(metered)[:2] == [(0, 1), (0, 1)]
    put(account, 10, sk="c")
    assert units(metered) == [(0, 1), (0, 1), (0, 2), (0, 5), (0, 1)]


def test_the_larger_of_before_and_after_counts(account: Account, metered: DynamoDb) -> None:
    put(account, 3_000)
    ask(account, "UpdateItem", Key=KEY, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": "1"}})
    ask(account, "UpdateItem", Key=KEY, UpdateExpression="REMOVE #t", ExpressionAttributeNames={"#t": "text"})
    ask(account, "DeleteItem", Key=KEY)
    assert units(metered) == [(0, 3), (0, 3), (0, 3), (0, 1)]


def test_a_condition_that_does_not_hold_is_metered_and_a_call_that_never_got_there_is_not(
    account: Account, metered: DynamoDb
) -> None:
    put(account, 1_500)
    with pytest.raises(AwsError):
        put(account, 10, ConditionExpression="attribute_not_exists(pk)")
    account.gateway.inject([Fault("dynamodb", "PutItem", "ThrottlingException", "no")])
    with pytest.raises(AwsError):
        put(account, 10)
    assert units(metered) == [(0, 2), (0, 2)]


def test_a_read_takes_a_unit_for_every_4_kib_and_half_of_it_when_it_may_be_late(
    account: Account, metered: DynamoDb
) -> None:
    put(account, 5_000)
    metered.consumed.clear()
    ask(account, "GetItem", Key=KEY, ConsistentRead=True)
    ask(account, "GetItem", Key=KEY)
    ask(account, "GetItem", Key={**KEY, "sk": {"S": "nothing"}}, ConsistentRead=True)
    assert units(metered) == [(2, 0), (1, 0), (1, 0)]


def test_items_of_a_query_are_rounded_up_together(account: Account, metered: DynamoDb) -> None:
    for sk in "bcd":
        put(account, 1_000, sk)
    metered.consumed.clear()
    found: dict[str, Any] = {"KeyConditionExpression": "pk = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}
    ask(account, "Query", **found, ConsistentRead=True)
    put(account, 2_000, "e")
    ask(account, "Query", **found, ConsistentRead=True)
    assert metered.consumed == [
        Consumed("execution", read_units=1),
        Consumed("execution", write_units=2),
        Consumed("execution", read_units=2),
    ]


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "ü"}, 2),
        ({"N": "1234"}, 3),
        ({"N": "-1.5"}, 2),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"B": b"abc"}, 3),
        ({"SS": ["a", "bc"]}, 3),
        ({"L": [{"S": "ab"}, {"NULL": True}]}, 3 + 3 + 2),
        ({"M": {"k": {"S": "ab"}}}, 3 + 1 + 1 + 2),
    ],
)
def test_the_size_of_an_item_is_that_of_its_names_and_values(value: Any, size: int) -> None:
    """docs: CapacityUnitCalculations, "DynamoDB item sizes and formats"."""
    assert item_bytes({"name": value}) == len("name") + size
