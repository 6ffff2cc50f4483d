"""Event patterns: which ones EventBridge accepts, and which events they match.

Source, where none is named: what AWS answered to TestEventPattern, recorded in localstack/localstack,
tests/aws/services/events/test_events_patterns.snapshot.json and event_pattern_templates/. A pattern is read once into
tests of the values of an event. `cidr`, escapes and more than two `*` in a wildcard, and other odd forms of `$or` are
not offered: a pattern with them is not answered at all (NotSimulated).
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from rehearsal.account.gateway import NotSimulated

Matcher = Callable[[Mapping[str, Any]], bool]
Test = Callable[[Any], bool]

_ABSENT: Any = object()
_MOST_STARS = 2  # AWS refuses what is "too complex" by a measure of its own; two are the most that it is seen to accept


class InvalidPattern(ValueError):
    """EventBridge refuses the pattern; the message is its Reason, without the place in the source."""


def compile_pattern(text: str) -> Matcher:
    """Whether an event matches the pattern in this JSON text. InvalidPattern or NotSimulated when it cannot be read."""
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise InvalidPattern(str(error)) from error
    if not isinstance(pattern, dict):
        raise InvalidPattern("Filter is not an object")
    holds = _object(_undotted(pattern))
    heads = {name: pattern[name] for name in ("source", "detail-type") if name in pattern}
    if not heads:
        return lambda event: holds(_undotted(event))
    concerns = _object(heads)  # most events are of another source, and need not be looked through

    def matches(event: Mapping[str, Any]) -> bool:
        return concerns({name: event[name] for name in heads if name in event}) and holds(_undotted(event))

    return matches


def _undotted(value: Any) -> Any:
    """A name with dots is the same as nested objects, in patterns and in events."""
    if isinstance(value, list):
        return [_undotted(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    nested: dict[str, Any] = {}
    for name, item in value.items():
        for part in reversed(name.split(".")[1:]):
            item = {part: item}
        first = name.partition(".")[0]
        both = isinstance(item, Mapping) and isinstance(nested.get(first), dict)
        nested[first] = _undotted({**nested[first], **item} if both else item)
    return nested


def _object(pattern: Mapping[str, Any]) -> Test:
    """Every field of an object holds. Of an array of objects, all fields hold in the same one (aws/event-ruler, README,
    "JSON Array Matching"); what is absent there, no recording says."""
    if not pattern:
        raise InvalidPattern("Empty objects are not allowed")  # aws/event-ruler, RuleCompiler
    fields = [(name, _or(item) if name == "$or" else _field(name, item)) for name, item in pattern.items()]
    absence = '{"exists": false}' in json.dumps(pattern)

    def holds(node: Any) -> bool:
        if isinstance(node, list) and (objects := [item for item in _flat(node) if isinstance(item, dict)]):
            if absence:
                raise NotSimulated("an event pattern with exists: false below an array of objects")
            return any(holds(item) for item in objects)
        here = node if isinstance(node, dict) else {}
        return all(test(here if name == "$or" else here.get(name, _ABSENT)) for name, test in fields)

    return holds


def _or(choices: Any) -> Test:
    if not isinstance(choices, list) or len(choices) < 2 or not all(isinstance(each, dict) for each in choices):
        raise NotSimulated("a $or that is not a list of two objects or more; EventBridge takes it for a field's name")
    tests = [_object(each) for each in choices]
    return lambda node: any(test(node) for test in tests)


def _field(name: str, wanted: Any) -> Test:
    if isinstance(wanted, dict):
        return _object(wanted)
    if not isinstance(wanted, list):
        raise InvalidPattern(f'"{name}" must be an object or an array')
    if not wanted:
        raise InvalidPattern("Empty arrays are not allowed")
    tests = [_expression(each) if isinstance(each, dict) else _literal(each) for each in wanted]

    def holds(node: Any) -> bool:
        values = [_ABSENT if isinstance(value, dict) else value for value in _flat(node)] or [_ABSENT]
        return any(test(value) for value in values for test in tests)

    return holds


def _flat(node: Any) -> Iterator[Any]:
    if isinstance(node, list):
        for item in node:
            yield from _flat(item)
    else:
        yield node


def _literal(wanted: Any) -> Test:
    if isinstance(wanted, list):
        raise InvalidPattern("Match value must be String, number, true, false, or null")  # event-ruler, RuleCompiler
    return partial(_same, wanted)


def _same(wanted: Any, value: Any) -> bool:
    """300.0 is 300, and true is not 1."""
    return bool(wanted == value) and isinstance(wanted, bool) == isinstance(value, bool)


def _expression(expression: Mapping[str, Any]) -> Test:
    """{"prefix": …} and its like. A field that is not there only matches {"exists": false}."""
    if len(expression) != 1:
        raise InvalidPattern("Only one key allowed in match expression")  # aws/event-ruler, RuleCompiler
    [(name, operand)] = expression.items()
    if name in ("cidr", "exactly"):
        raise NotSimulated(f"the operator {name} of event patterns")
    if name not in _OPERATORS:
        raise InvalidPattern(f"Unrecognized match type {name}")
    test = _OPERATORS[name](operand)
    return test if name == "exists" else lambda value: value is not _ABSENT and test(value)


def _exists(operand: Any) -> Test:
    if not isinstance(operand, bool):
        raise InvalidPattern("exists match pattern must be either true or false.")  # aws/event-ruler, RuleCompiler
    return lambda value: (value is not _ABSENT) == operand


def _affix(name: str, operand: Any) -> Test:
    """prefix or suffix, of any case with {"equals-ignore-case": …}."""
    if isinstance(operand, dict) and [*operand] == ["equals-ignore-case"]:
        text = _text("equals-ignore-case", operand["equals-ignore-case"]).lower()
        return lambda value: isinstance(value, str) and _has_affix(name, value.lower(), text)
    text = _text(name, operand)
    return lambda value: isinstance(value, str) and _has_affix(name, value, text)


def _has_affix(name: str, value: str, text: str) -> bool:
    return value.startswith(text) if name == "prefix" else value.endswith(text)


def _ignore_case(operand: Any) -> Test:
    text = _text("equals-ignore-case", operand).lower()
    return lambda value: isinstance(value, str) and value.lower() == text


def _wildcard(operand: Any) -> Test:
    text = _text("wildcard", operand)
    if "**" in text:
        raise InvalidPattern(f"Consecutive wildcard characters at pos {text.index('**') + 1}")
    if "\\" in text or text.count("*") > _MOST_STARS:
        raise NotSimulated(f"the wildcard {text!r} of an event pattern: an escape, or more than {_MOST_STARS} stars")
    expression = re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)
    return lambda value: isinstance(value, str) and bool(expression.fullmatch(value))


def _text(name: str, operand: Any) -> str:
    if not isinstance(operand, str):
        raise InvalidPattern(f"{name} match pattern must be a string")
    return operand


_COMPARISONS = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def _numeric(operand: Any) -> Test:
    """One comparison, or a range: the lower bound, then the upper one. Words: aws/event-ruler, RuleCompiler."""
    if not isinstance(operand, list):
        raise InvalidPattern("Value of numeric must be an array.")
    terms: list[tuple[Any, float]] = []
    for position in range(0, max(len(operand), 1), 2):
        name, number = [*operand[position : position + 2], None, None][:2]
        lower = bool(terms) and terms[0][0] in (operator.gt, operator.ge)
        if len(terms) == 2 or (terms and not lower):
            raise InvalidPattern("Too many elements in numeric expression")
        if name not in (("<", "<=") if terms else _COMPARISONS):
            raise InvalidPattern(f"{'Bad' if terms else 'Unrecognized'} numeric range operator: {name}")
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise InvalidPattern(f"Value of {'equals' if name == '=' else name} must be numeric")
        terms.append((_COMPARISONS[name], number))
    return lambda value: _is_number(value) and all(compare(value, number) for compare, number in terms)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _anything_but(operand: Any) -> Test:
    """Null is something else, too; what is absent is not."""
    if isinstance(operand, dict):
        return _no_expression(operand)
    values = operand if isinstance(operand, list) else [operand]
    if not all(isinstance(value, str) or _is_number(value) for value in values):
        listed = "Inside anything but list, start|null|boolean is not supported."
        alone = "Value of anything-but must be an array or single string/number value."
        raise InvalidPattern(listed if isinstance(operand, list) else alone)
    if len({isinstance(value, str) for value in values}) != 1:  # aws/event-ruler, RuleCompiler
        mixed = "either all values are number or string, mixed type is not supported"
        raise InvalidPattern(f"Inside anything but list, {mixed}")
    return lambda value: not any(_same(each, value) for each in values)


def _no_expression(operand: Mapping[str, Any]) -> Test:
    """{"anything-but": {"prefix": …}}, of one text or several."""
    if len(operand) != 1:
        raise InvalidPattern("Only one key allowed in match expression")
    [(name, texts)] = operand.items()
    if name not in _BUT_NOT:
        raise InvalidPattern(f"Unsupported anything-but pattern: {name}")  # aws/event-ruler, RuleCompiler
    if isinstance(texts, dict):
        raise InvalidPattern("Value of anything-but must be an array or single string/number value.")
    texts = texts if isinstance(texts, list) else [texts]
    if not all(isinstance(text, str) for text in texts):
        raise InvalidPattern(_BUT_NOT[name])
    if name in ("prefix", "suffix") and "" in texts:
        raise InvalidPattern("Null prefix/suffix not allowed")
    tests = [_OPERATORS[name](text) for text in texts]
    return lambda value: not any(test(value) for test in tests)


_BUT_NOT = {
    "prefix": "prefix/suffix match pattern must be a string",
    "suffix": "prefix/suffix match pattern must be a string",
    "wildcard": "wildcard match pattern must be a string",
    "equals-ignore-case": "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
}
"""What anything-but may be combined with, and AWS's words when that is not of texts."""

_OPERATORS: dict[str, Callable[[Any], Test]] = {
    "exists": _exists,
    "prefix": partial(_affix, "prefix"),
    "suffix": partial(_affix, "suffix"),
    "equals-ignore-case": _ignore_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "anything-but": _anything_but,
}
