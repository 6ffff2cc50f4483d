"""What operators and functions of JSONata mean for values of which that is simple (docs.jsonata.org, "Operators",
"Function library"). For others they raise `Elsewhere`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from rehearsal.states.json_texts import read_json

UNDEFINED: Any = type("Undefined", (), {"__repr__": lambda self: "undefined"})()
"""What an expression yields when there is nothing; None is JSON's null."""


class Elsewhere(Exception):
    """These values are for jsonata-python."""


def truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise Elsewhere


def _kind(value: Any) -> type:
    """Of a value that is equal to no value of another kind."""
    kind = float if type(value) is int else type(value)
    if kind in (str, bool, float, type(None)):
        return kind
    raise Elsewhere


def _equal(left: Any, right: Any) -> bool:
    return _kind(left) is _kind(right) and left == right


def _is_equal(left: Any, right: Any) -> bool:
    return UNDEFINED not in (left, right) and _equal(left, right)


def _is_other(left: Any, right: Any) -> bool:
    return UNDEFINED not in (left, right) and not _equal(left, right)


def _is_in(left: Any, right: Any) -> bool:
    if UNDEFINED in (left, right):
        return False
    return any(_equal(left, each) for each in (right if isinstance(right, list) else [right]))


def _joined(left: Any, right: Any) -> str:
    texts = ["" if value is UNDEFINED else value for value in (left, right)]
    if not all(isinstance(text, str) for text in texts):
        raise Elsewhere
    return "".join(texts)


def _of_numbers(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def act(left: Any, right: Any) -> bool:
        if UNDEFINED in (left, right) or not _kind(left) is _kind(right) is float:
            raise Elsewhere
        return compare(left, right)

    return act


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": _is_equal,
    "!=": _is_other,
    "in": _is_in,
    "&": _joined,
    "<": _of_numbers(lambda left, right: left < right),
    "<=": _of_numbers(lambda left, right: left <= right),
    ">": _of_numbers(lambda left, right: left > right),
    ">=": _of_numbers(lambda left, right: left >= right),
}


def _count(values: Any) -> int:
    return 0 if values is UNDEFINED else len(values) if isinstance(values, list) else 1


def _append(first: Any, second: Any) -> Any:
    if UNDEFINED in (first, second):
        return first if second is UNDEFINED else second
    if not isinstance(first, list):
        raise Elsewhere
    return first + (second if isinstance(second, list) else [second])


def _merge(objects: Any) -> dict[str, Any]:
    if not isinstance(objects, list) or not all(isinstance(each, dict) for each in objects):
        raise Elsewhere
    return {key: value for each in objects for key, value in each.items()}


def _string(value: Any) -> Any:
    return value if value is UNDEFINED or isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    """JSON without spaces."""
    if isinstance(value, dict):
        return "{" + ",".join([f"{_text(key)}:{_text(each)}" for key, each in value.items()]) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, (str, bool)) or value is None:
        return json.dumps(value, ensure_ascii=False)
    if type(value) is not int or abs(value) >= 10**15:  # of which JavaScript writes fifteen digits
        raise Elsewhere
    return str(value)


def _type(value: Any) -> Any:
    if value is UNDEFINED:
        return UNDEFINED
    return _TYPES[type(value)]


_TYPES = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    type(None): "null",
}


def _parse(text: Any) -> Any:
    if not isinstance(text, str):
        raise Elsewhere
    try:
        return read_json(text)
    except ValueError:
        raise Elsewhere from None


def _number(text: Any) -> int:
    if not isinstance(text, str) or not re.fullmatch(r"0|[1-9]\d{0,14}", text):
        raise Elsewhere
    return int(text)


def _after(text: Any, mark: Any) -> str:
    if not isinstance(text, str) or not isinstance(mark, str):
        raise Elsewhere
    return text.partition(mark)[2] if mark and mark in text else text


def _before(text: Any, mark: Any) -> str:
    if not isinstance(text, str) or not isinstance(mark, str) or not mark:
        raise Elsewhere
    return text.partition(mark)[0]


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    "exists": lambda value: value is not UNDEFINED,
    "number": _number,
    "parse": _parse,
    "string": _string,
    "type": _type,
    "substringAfter": _after,
    "substringBefore": _before,
    "not": lambda value: not truth(value),
    "count": _count,
    "append": _append,
    "merge": _merge,
}
