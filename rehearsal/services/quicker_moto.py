"""Parts of moto's DynamoDB that took most of its time, with the same answers sooner. `install` puts them in place."""

from __future__ import annotations

from copy import copy
from functools import cache
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.parsing.ast_nodes import DepthFirstTraverser, Node
from moto.dynamodb.parsing.expressions import UpdateExpressionParser


def install() -> None:
    """With this, an update of an item takes two thirds of its time."""
    Table.all_items = _all_items
    Table.query = _query
    # Nobody changes what was parsed: moto validates and executes a copy.
    UpdateExpressionParser.make = cache(UpdateExpressionParser.make)
    Node.__deepcopy__ = _copied
    DepthFirstTraverser.nodes_to_be_processed = _nodes_to_be_processed


def _all_items(table: Table) -> list[Item]:
    """The items of a table with keys of text, in order. moto sorts the whole table at every Query, by comparisons of
    its own, which took half of the time of a storm of signals."""
    if not table.range_key_attr:
        return sorted(table.items.values(), key=lambda item: str(item.hash_key.value))
    partitions = sorted(table.items.items(), key=lambda each: str(each[0].value))
    return [
        item for _, held in partitions for item in sorted(held.values(), key=lambda item: str(item.range_key.value))
    ]


_MOTOS_QUERY = Table.query


def _query(table: Table, hash_key: DynamoType, *rest: Any, **more: Any) -> Any:
    """moto looks for the items of a partition in the whole table. No table of the template has an index."""
    partition = copy(table)
    partition.items = {hash_key: table.items.get(hash_key, {})}
    return _MOTOS_QUERY(partition, hash_key, *rest, **more)


def _copied(node: Node, memo: dict[int, Any]) -> Node:
    """A node of a parsed expression and all below it. What else nodes have is text, which nobody changes."""
    found = copy(node)
    if node.children is not None:
        found.children = [_copied(each, memo) if isinstance(each, Node) else each for each in node.children]
        for child in found.children:
            if isinstance(child, Node):
                child.parent = found
    return found


_PROCESSED: dict[type[DepthFirstTraverser], tuple[type, ...]] = {}


def _nodes_to_be_processed(traverser: DepthFirstTraverser) -> tuple[type, ...]:
    """The types of nodes that a traverser changes. moto asks for them at each node, and makes the list anew."""
    kind = type(traverser)
    if kind not in _PROCESSED:
        _PROCESSED[kind] = tuple(traverser._processing_map())
    return _PROCESSED[kind]
