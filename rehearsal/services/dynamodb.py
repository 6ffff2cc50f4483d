"""DynamoDB, with its metering on demand: how many request units each call takes, and which execution made it.

docs: amazondynamodb/latest/developerguide/read-write-operations, CapacityUnitCalculations ("DynamoDB item sizes and
formats"). A transaction would take twice as much; none is offered here.
"""

from __future__ import annotations

import marshal
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto.dynamodb.responses import DynamoHandler

from rehearsal.account.authorization import Place
from rehearsal.aws import AwsError, Caller
from rehearsal.services import quicker_moto
from rehearsal.services.stores import Store

WRITE_BYTES, READ_BYTES = 1024, 4096  # of one unit
EVENTUALLY = 0.5  # of a strongly consistent read

Act = Callable[[dict[str, Any], Caller], dict[str, Any]]


quicker_moto.install()


@dataclass(frozen=True)
class Consumed:
    """The request units of a call by an execution ("" for a person)."""

    execution: str
    read_units: float = 0.0
    write_units: float = 0.0


class DynamoDb(Store):
    """DynamoDB: tables and items, whose condition and update expressions are moto's. `consumed` has every call that
    reads or writes items, in order; moto's own ConsumedCapacity knows no sizes. A read that is repeated before anything
    is written has the same answer, and moto is not asked again: most of what the steward asks in three days is that."""

    def __init__(self, place: Place) -> None:
        items = ("GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan")
        super().__init__("dynamodb", DynamoHandler, place, ("CreateTable", "DescribeTable", *items))
        self.consumed: list[Consumed] = []
        self._keys: dict[str, tuple[str, ...]] = {}
        self._answers: dict[bytes, bytes] = {}

    def __getattr__(self, name: str) -> Act:
        act = super().__getattr__(name)
        if name in ("get_item", "query", "scan"):
            return partial(self._read, partial(self._answer, name, act))
        if name == "batch_get_item":
            return partial(self._read_each, partial(self._answer, name, act))
        return partial(self._write, act) if name in ("put_item", "update_item", "delete_item") else act

    def _answer(self, name: str, act: Act, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Kept as bytes, so that nobody changes the answer of another."""
        asked = marshal.dumps((name, request))
        if asked not in self._answers:
            self._answers[asked] = marshal.dumps(act(request, caller))
        answer: dict[str, Any] = marshal.loads(self._answers[asked])
        return answer

    def _read(self, act: Act, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Items that are read together are rounded up together; a missing item takes as much as a small one."""
        answer = act(request, caller)
        items = answer.get("Items", [answer.get("Item", {})])
        units = max(1, math.ceil(sum(map(item_bytes, items)) / READ_BYTES))
        consistent = 1.0 if request.get("ConsistentRead") else EVENTUALLY
        self.consumed.append(Consumed(caller.execution, read_units=units * consistent))
        return answer

    def _read_each(self, act: Act, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Each item of a batch is rounded up by itself."""
        answer = act(request, caller)
        for table, asked in request["RequestItems"].items():
            sizes = [item_bytes(item) for item in answer["Responses"].get(table, [])]
            sizes += [0] * (len(asked["Keys"]) - len(sizes))
            units = sum(max(1, math.ceil(size / READ_BYTES)) for size in sizes)
            self.consumed.append(
                Consumed(caller.execution, read_units=units * (1.0 if asked.get("ConsistentRead") else EVENTUALLY))
            )
        return answer

    def _write(self, act: Act, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The larger of the item before and after counts. A write whose condition does not hold takes as much as
        the item that is there."""
        before = self._size(request)
        self._answers.clear()
        try:
            answer = act(request, caller)
        except AwsError as refused:
            if refused.code == "ConditionalCheckFailedException":
                self._wrote(caller, before)
            raise
        self._wrote(caller, max(before, self._size(request)))
        return answer

    def _wrote(self, caller: Caller, size: int) -> None:
        self.consumed.append(Consumed(caller.execution, write_units=max(1, math.ceil(size / WRITE_BYTES))))

    def _size(self, request: Mapping[str, Any]) -> int:
        """Of the item that a request writes, as it is now; 0 when there is none, or no such table."""
        table = {"TableName": request["TableName"]}
        try:
            given = request.get("Key") or request["Item"]
            key = {name: given[name] for name in self._key(table)}
            return item_bytes(self.ask("get_item", {**table, "Key": key, "ConsistentRead": True}).get("Item", {}))
        except (AwsError, KeyError):  # which the write itself will be refused for
            return 0

    def _key(self, table: dict[str, str]) -> tuple[str, ...]:
        """The attributes of a table's key, which never change."""
        name = table["TableName"]
        if name not in self._keys:
            schema = self.ask("describe_table", table)["Table"]["KeySchema"]
            self._keys[name] = tuple(each["AttributeName"] for each in schema)
        return self._keys[name]


def item_bytes(item: Mapping[str, Any]) -> int:
    """The size of an item: its attributes' names and values."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":  # a byte for two digits, and one more
        return math.ceil(len(content.strip("-").replace(".", "")) / 2) + 1
    if kind == "B":
        return len(content)
    if kind == "L":
        return 3 + sum(1 + _value_bytes(each) for each in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + _value_bytes(each) for name, each in content.items())
    if kind in ("SS", "NS", "BS"):
        return sum(_value_bytes({kind[0]: each}) for each in content)
    return 1  # NULL, BOOL
