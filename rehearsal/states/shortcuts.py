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

from rehearsal.states.shortcut_functions import FUNCTIONS, OPERATORS, UNDEFINED, Elsewhere, truth

Variables = Mapping[str, Any]
Shortcut = Callable[[Variables, Any], Any]
"""Variables and the context item (UNDEFINED outside of a path) -> a JSON value or UNDEFINED."""


class _Unknown(Exception):
    """This syntax is for jsonata-python."""


# Parts of a node that change what it means: filters, `[]`, groups, `@`, `#`, `%` (the attributes of jsonata-python).
_MORE = ("stages", "predicate", "group", "keep_array", "keep_singleton_array", "focus", "index", "ancestor", "tuple")


def shortcut(node: Any) -> Shortcut | None:
    """The function of a syntax tree; None where there is none."""
    try:
        return _compiled(node)
    except _Unknown:
        return None


def _more(node: Any) -> list[str]:
    return [name for name in _MORE if getattr(node, name, None)]


def _compiled(node: Any) -> Shortcut:
    more = _more(node)
    if more not in ([], ["predicate"]):
        raise _Unknown
    made = _NODES.get(node.type, _unknown)(node)
    return _at(made, _index(node.predicate)) if more else made


def _index(filters: Any) -> Shortcut:
    """The number in brackets behind a value; what is not sure to be one selects otherwise."""
    if len(filters) != 1 or filters[0].expr.type not in ("number", "variable"):
        raise _Unknown
    return _compiled(filters[0].expr)


def _at(values: Shortcut, index: Shortcut) -> Shortcut:
    """The value at a place that is counted from 0, or from the end if it is negative."""

    def select(variables: Variables, item: Any) -> Any:
        found, place = values(variables, item), index(variables, item)
        if type(place) is not int:
            raise Elsewhere
        if found is UNDEFINED:
            return UNDEFINED
        some = found if isinstance(found, list) else [found]
        chosen = some[place] if -len(some) <= place < len(some) else UNDEFINED
        if isinstance(chosen, list):
            raise Elsewhere
        return chosen

    return select


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
            raise Elsewhere
        return variables[name]

    return look_up


def _context(node: Any) -> Shortcut:
    return lambda variables, item: item


def _path(node: Any) -> Shortcut:
    """A variable, what a function answers, or the context item; the names of members; perhaps an object that is made
    of each. A number may stand behind a name."""
    first, *others = node.steps
    is_value = first.type in ("variable", "function")
    begins = _compiled(first) if is_value else _context(first)
    names = others if is_value else list(node.steps)
    made = _compiled(names.pop()) if names and (names[-1].type, names[-1].value) == ("unary", "{") else None
    if any(step.type != "name" or _more(step) not in ([], ["stages"]) for step in names):
        raise _Unknown
    keys: tuple[str, ...] = ()
    for step in names:
        keys = (*keys, step.value)
        if _more(step):
            begins, keys = _at(_below(begins, keys), _index(step.stages)), ()

    def follow(variables: Variables, item: Any) -> Any:
        value = begins(variables, item)
        for place, key in enumerate(keys):
            if not isinstance(value, dict):
                value = _members(value, keys[place:], as_it_is=made is None)
                break
            value = value.get(key, UNDEFINED)
        return value if made is None else _each(value, lambda one: made(variables, one))

    return follow


def _below(begins: Shortcut, keys: tuple[str, ...]) -> Shortcut:
    """The member at the end of a path through single objects."""

    def follow(variables: Variables, item: Any) -> Any:
        value = begins(variables, item)
        for key in keys:
            if isinstance(value, list):
                raise Elsewhere
            value = value.get(key, UNDEFINED) if isinstance(value, dict) else UNDEFINED
        return value

    return follow


def _members(value: Any, keys: tuple[str, ...], as_it_is: bool) -> Any:
    """Those of each object in a list. `as_it_is`: the path ends here, and a list that is all it finds stays a list."""
    found = value if isinstance(value, list) else []
    for place, key in enumerate(keys):
        if any(isinstance(each, list) for each in found):
            raise Elsewhere
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
        raise Elsewhere
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
        return then(variables, item) if truth(holds(variables, item)) else otherwise(variables, item)

    return choose


def _binary(node: Any) -> Shortcut:
    left, right = _compiled(node.lhs), _compiled(node.rhs)
    if node.value == "and":
        return lambda variables, item: truth(left(variables, item)) and truth(right(variables, item))
    if node.value == "or":
        return lambda variables, item: truth(left(variables, item)) or truth(right(variables, item))
    operator = OPERATORS.get(node.value)
    if operator is None:
        raise _Unknown
    return lambda variables, item: operator(left(variables, item), right(variables, item))


def _call(node: Any) -> Shortcut:
    name = getattr(node.procedure, "value", None)
    function = FUNCTIONS.get(name) if node.procedure.type == "variable" else None
    if function is None or len(node.arguments) != function.__code__.co_argcount or node.value != "(":
        raise _Unknown
    arguments = [_compiled(argument) for argument in node.arguments]

    def call(variables: Variables, item: Any) -> Any:
        if name in variables:  # a variable of the machine's, not the function
            raise Elsewhere
        return function(*(argument(variables, item) for argument in arguments))

    return call


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
