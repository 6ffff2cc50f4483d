"""JSONata expressions as Python functions, where they and what they meet are of the simple kind: nearly always.

That is some ten times cheaper than jsonata-python, which walks the syntax tree anew at each evaluation. A function
here does only what has one meaning. Where a value is of another kind than expected, it raises `Elsewhere`, and
jsonata-python evaluates the whole expression. What paths, constructors and operators mean: docs.jsonata.org,
"Processing model", "Path operators", "Comparison operators". Tests compare them with jsonata-python, on random
expressions and values, and with the reference implementation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

UNDEFINED: Any = type("Undefined", (), {"__repr__": lambda self: "undefined"})()
"""What an expression yields when there is nothing; None is JSON's null."""

Variables = Mapping[str, Any]
Shortcut = Callable[[Variables, Any], Any]
"""Variables and the context item (UNDEFINED outside of a path) -> a JSON value or UNDEFINED."""


class Elsewhere(Exception):
    """These values are for jsonata-python."""


class _Unknown(Exception):
    """This syntax is for jsonata-python."""


_ELSEWHERE = Elsewhere()

# Parts of a node that change what it means: filters, `[]`, groups, `@`, `#`, `%` (the attributes of jsonata-python).
_MORE = ("stages", "predicate", "group", "keep_array", "keep_singleton_array", "focus", "index", "ancestor", "tuple")


def shortcut(node: Any) -> Shortcut | None:
    """The function of a syntax tree; None where there is none."""
    try:
        return _compiled(node)
    except _Unknown:
        return None


def _compiled(node: Any) -> Shortcut:
    if any(getattr(node, more, None) for more in _MORE):
        raise _Unknown
    return _NODES.get(node.type, _unknown)(node)


def _unknown(node: Any) -> Shortcut:
    raise _Unknown


def _literal(node: Any) -> Shortcut:
    value = node.value
    return lambda variables, item: value


def _block(node: Any) -> Shortcut:
    """Parentheses around one expression."""
    if len(node.expressions) != 1:
        raise _Unknown
    return _compiled(node.expressions[0])


def _variable(node: Any) -> Shortcut:
    name = node.value

    def look_up(variables: Variables, item: Any) -> Any:
        if name not in variables:
            raise _ELSEWHERE
        return variables[name]

    return look_up


def _context(node: Any) -> Shortcut:
    return lambda variables, item: item


def _path(node: Any) -> Shortcut:
    """A variable or the context item, the names of members, and perhaps an object that is made of each."""
    first, *others = node.steps
    begins = _compiled(first) if first.type == "variable" else _context(first)
    names = others if first.type == "variable" else list(node.steps)
    made = _compiled(names.pop()) if names and (names[-1].type, names[-1].value) == ("unary", "{") else None
    if any(step.type != "name" for step in names) or any(getattr(step, more, None) for step in names for more in _MORE):
        raise _Unknown
    keys = tuple(step.value for step in names)

    def follow(variables: Variables, item: Any) -> Any:
        value = begins(variables, item)
        for place, key in enumerate(keys):
            if not isinstance(value, dict):
                value = _members(value, keys[place:], as_it_is=made is None)
                break
            value = value.get(key, UNDEFINED)
        return value if made is None else _each(value, lambda one: made(variables, one))

    return follow


def _members(value: Any, keys: tuple[str, ...], as_it_is: bool) -> Any:
    """Those of each object in a list. `as_it_is`: the path ends here, and a list that is all it finds stays a list."""
    found = value if isinstance(value, list) else []
    for place, key in enumerate(keys):
        if any(isinstance(each, list) for each in found):
            raise _ELSEWHERE
        found = [each[key] for each in found if isinstance(each, dict) and key in each]
        if as_it_is and place + 1 == len(keys) and len(found) == 1 and isinstance(found[0], list):
            return found[0]
        found = [one for each in found for one in (each if isinstance(each, list) else [each])]
    return _sequence(found)


def _sequence(found: list[Any]) -> Any:
    """A sequence of one value is that value, and one of none is nothing."""
    return found if len(found) > 1 else found[0] if found else UNDEFINED


def _each(value: Any, make: Callable[[Any], Any]) -> Any:
    if not isinstance(value, list):
        return UNDEFINED if value is UNDEFINED else make(value)
    if any(isinstance(each, list) for each in value):
        raise _ELSEWHERE
    return _sequence([make(each) for each in value])


def _constructor(node: Any) -> Shortcut:
    if node.value == "[":
        return _array([(_compiled(each), each.value == "[" and each.type == "unary") for each in node.expressions])
    if node.value == "{":
        return _object(node.lhs_object)
    raise _Unknown


def _array(parts: list[tuple[Shortcut, bool]]) -> Shortcut:
    """An array in brackets of its own stays one; the members of any other become members."""

    def make(variables: Variables, item: Any) -> Any:
        made: list[Any] = []
        for part, is_array in parts:
            value = part(variables, item)
            if isinstance(value, list) and not is_array:
                made += value
            elif value is not UNDEFINED:
                made.append(value)
        return made

    return make


def _object(pairs: list[Any]) -> Shortcut:
    if any(key.type != "string" for key, _ in pairs) or len({key.value for key, _ in pairs}) < len(pairs):
        raise _Unknown
    members = [(key.value, _compiled(value)) for key, value in pairs]

    def make(variables: Variables, item: Any) -> Any:
        values = ((key, member(variables, item)) for key, member in members)
        return {key: value for key, value in values if value is not UNDEFINED}

    return make


def _condition(node: Any) -> Shortcut:
    holds, then = _compiled(node.condition), _compiled(node.then)
    otherwise = _compiled(node._else) if node._else is not None else lambda variables, item: UNDEFINED

    def choose(variables: Variables, item: Any) -> Any:
        return then(variables, item) if _bool(holds(variables, item)) else otherwise(variables, item)

    return choose


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _ELSEWHERE


def _binary(node: Any) -> Shortcut:
    left, right = _compiled(node.lhs), _compiled(node.rhs)
    if node.value == "and":
        return lambda variables, item: _bool(left(variables, item)) and _bool(right(variables, item))
    if node.value == "or":
        return lambda variables, item: _bool(left(variables, item)) or _bool(right(variables, item))
    operator = _OPERATORS.get(node.value)
    if operator is None:
        raise _Unknown
    return lambda variables, item: operator(left(variables, item), right(variables, item))


def _kind(value: Any) -> type:
    """Of a value that is equal to no value of another kind."""
    kind = float if type(value) is int else type(value)
    if kind in (str, bool, float, type(None)):
        return kind
    raise _ELSEWHERE


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
        raise _ELSEWHERE
    return "".join(texts)


def _of_numbers(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def act(left: Any, right: Any) -> bool:
        if UNDEFINED in (left, right) or not _kind(left) is _kind(right) is float:
            raise _ELSEWHERE
        return compare(left, right)

    return act


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": _is_equal,
    "!=": _is_other,
    "in": _is_in,
    "&": _joined,
    "<": _of_numbers(lambda left, right: left < right),
    "<=": _of_numbers(lambda left, right: left <= right),
    ">": _of_numbers(lambda left, right: left > right),
    ">=": _of_numbers(lambda left, right: left >= right),
}


def _call(node: Any) -> Shortcut:
    name = getattr(node.procedure, "value", None)
    function = _FUNCTIONS.get(name) if node.procedure.type == "variable" else None
    if function is None or len(node.arguments) != function.__code__.co_argcount or node.value != "(":
        raise _Unknown
    arguments = [_compiled(argument) for argument in node.arguments]

    def call(variables: Variables, item: Any) -> Any:
        if name in variables:  # a variable of the machine's, not the function
            raise _ELSEWHERE
        return function(*(argument(variables, item) for argument in arguments))

    return call


def _count(values: Any) -> int:
    return 0 if values is UNDEFINED else len(values) if isinstance(values, list) else 1


def _append(first: Any, second: Any) -> Any:
    if UNDEFINED in (first, second):
        return first if second is UNDEFINED else second
    if not isinstance(first, list):
        raise _ELSEWHERE
    return first + (second if isinstance(second, list) else [second])


def _merge(objects: Any) -> dict[str, Any]:
    if not isinstance(objects, list) or not all(isinstance(each, dict) for each in objects):
        raise _ELSEWHERE
    return {key: value for each in objects for key, value in each.items()}


def _string(value: Any) -> Any:
    if value is UNDEFINED or isinstance(value, str):
        return value
    if type(value) is not int or abs(value) >= 10**15:  # of which JavaScript writes fifteen digits
        raise _ELSEWHERE
    return str(value)


def _after(text: Any, mark: Any) -> str:
    if not isinstance(text, str) or not isinstance(mark, str):
        raise _ELSEWHERE
    return text.partition(mark)[2] if mark and mark in text else text


def _before(text: Any, mark: Any) -> str:
    if not isinstance(text, str) or not isinstance(mark, str) or not mark:
        raise _ELSEWHERE
    return text.partition(mark)[0]


_FUNCTIONS: dict[Any, Callable[..., Any]] = {
    "exists": lambda value: value is not UNDEFINED,
    "string": _string,
    "substringAfter": _after,
    "substringBefore": _before,
    "not": lambda value: not _bool(value),
    "count": _count,
    "append": _append,
    "merge": _merge,
}

_NODES: dict[str, Callable[[Any], Shortcut]] = {
    "string": _literal,
    "number": _literal,
    "value": _literal,  # true, false, null
    "block": _block,
    "variable": _variable,
    "path": _path,
    "unary": _constructor,
    "condition": _condition,
    "binary": _binary,
    "function": _call,
}
