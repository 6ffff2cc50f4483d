"""Metric math: `IF(errors >= 3, errors / requests, 0)` over time series with holes.

Rules and examples: docs "using-metric-math" (syntax, operators, IF expressions). The syntax of an expression is that
of Python with AND, OR, &&, || and ^ for and, or and **, so Python's parser reads it; only the node types below are
accepted.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

Series = tuple[float | None, ...]
Value = float | Series | list[Series]

_SPELLING = [(re.compile(r"&&|\bAND\b"), " and "), (re.compile(r"\|\||\bOR\b"), " or "), (re.compile(r"\^"), "**")]

_BINARY: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Gt: lambda a, b: float(a > b),
    ast.GtE: lambda a, b: float(a >= b),
    ast.Lt: lambda a, b: float(a < b),
    ast.LtE: lambda a, b: float(a <= b),
    ast.Eq: lambda a, b: float(a == b),
    ast.NotEq: lambda a, b: float(a != b),
    ast.And: lambda a, b: float(bool(a) and bool(b)),
    ast.Or: lambda a, b: float(bool(a) or bool(b)),
}


class ExpressionError(ValueError):
    """An expression that cannot be read, or that uses what is not simulated."""


@dataclass(frozen=True)
class Scope:
    """What an expression may refer to: series by query id, the period in seconds, the number of periods."""

    series: Mapping[str, Series]
    period: int
    length: int


@lru_cache(maxsize=256)
def parse(expression: str) -> ast.expr:
    """The syntax tree of an expression. Raises ExpressionError."""
    text = expression
    for pattern, spelling in _SPELLING:
        text = pattern.sub(spelling, text)
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"Error in expression {expression!r}: {error.msg}") from None


def references(expression: str) -> frozenset[str]:
    """The query ids that an expression uses (they start with a lower-case letter; functions are in capitals)."""
    return frozenset(
        node.id for node in ast.walk(parse(expression)) if isinstance(node, ast.Name) and node.id[:1].islower()
    )


def evaluate(expression: str, scope: Scope) -> Series:
    """The time series that an expression yields, None where it has no point. Raises ExpressionError."""
    value = _value(parse(expression), scope)
    if isinstance(value, list):
        raise ExpressionError(f"{expression!r} yields several time series; one is simulated")
    if isinstance(value, tuple):
        return value
    raise ExpressionError(f"{expression!r} yields a number; the result must be a time series")


def _value(node: ast.AST, scope: Scope) -> Value:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in scope.series:
            return scope.series[name]
        case ast.List(elts=elements):
            return [_as_series(_value(element, scope), scope) for element in elements]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _combine(ast.Mult, -1.0, _value(operand, scope))
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(type(op), _value(left, scope), _value(right, scope))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _combine(type(op), _value(left, scope), _value(right, scope))
        case ast.BoolOp(op=op, values=[first, *others]):
            result = _value(first, scope)
            for other in others:
                result = _combine(type(op), result, _value(other, scope))
            return result
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](arguments, scope)
    raise ExpressionError(f"metric math: {ast.unparse(node)!r} is unknown or not simulated")


def _combine(op: type[ast.AST], left: Value, right: Value) -> Value:
    """Between two series a missing point counts as 0 if the other has one; what divides by zero is dropped."""
    if op not in _BINARY:
        raise ExpressionError(f"metric math: the operator {op.__name__} is not offered")
    if isinstance(left, list):
        return [_one(_combine(op, series, right)) for series in left]
    if isinstance(right, list):
        return [_one(_combine(op, left, series)) for series in right]
    if isinstance(left, tuple) and isinstance(right, tuple):
        pairs = ((a, b) if a is None and b is None else (a or 0.0, b or 0.0) for a, b in zip(left, right, strict=True))
        return tuple(_point(op, a, b) for a, b in pairs)
    if isinstance(left, tuple):
        return tuple(_point(op, a, right) for a in left)  # type: ignore[arg-type]
    if isinstance(right, tuple):
        return tuple(_point(op, left, b) for b in right)
    point = _point(op, left, right)
    if point is None:
        raise ExpressionError("metric math: a number is divided by zero")
    return point


def _one(value: Value) -> Series:
    assert isinstance(value, tuple)
    return value


def _point(op: type[ast.AST], left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    try:
        return float(_BINARY[op](left, right))
    except (ZeroDivisionError, OverflowError):
        return None


def _as_series(value: Value, scope: Scope) -> Series:
    if isinstance(value, tuple):
        return value
    if isinstance(value, float):
        return (value,) * scope.length
    raise ExpressionError("metric math: an array of time series cannot hold an array")


def _if(arguments: list[ast.expr], scope: Scope) -> Value:
    """IF(condition, then, otherwise): a hole in `then` is 0, a hole elsewhere drops the point."""
    if len(arguments) not in (2, 3):
        raise ExpressionError("IF takes a condition, a value, and another value")
    condition, then = _value(arguments[0], scope), _value(arguments[1], scope)
    otherwise = _value(arguments[2], scope) if len(arguments) == 3 else (None,) * scope.length
    if isinstance(condition, float):
        return then if condition else otherwise
    yes, no = _as_series(then, scope), _as_series(otherwise, scope)
    return tuple(
        None if test is None else (a or 0.0) if test else b
        for test, a, b in zip(_as_series(condition, scope), yes, no, strict=True)
    )


def _fill(arguments: list[ast.expr], scope: Scope) -> Value:
    """FILL(series, number | series | REPEAT). LINEAR is not simulated."""
    if len(arguments) != 2:
        raise ExpressionError("FILL takes a series and what to fill its holes with")
    series = _as_series(_value(arguments[0], scope), scope)
    if isinstance(arguments[1], ast.Name) and arguments[1].id == "REPEAT":
        filled: list[float | None] = []
        for point in series:
            filled.append(point if point is not None or not filled else filled[-1])
        return tuple(filled)
    filler = _as_series(_value(arguments[1], scope), scope)
    return tuple(b if a is None else a for a, b in zip(series, filler, strict=True))


def _reduce(reduction: Callable[[list[float]], float]) -> Callable[[list[ast.expr], Scope], Value]:
    """Of one series a number over its points; of an array a series, a missing point counting as 0."""

    def apply(arguments: list[ast.expr], scope: Scope) -> Value:
        value = _value(_only(arguments), scope)
        if isinstance(value, list):
            columns = zip(*value, strict=True)
            return tuple(
                None if all(a is None for a in column) else float(reduction([a or 0.0 for a in column]))
                for column in columns
            )
        points = [point for point in _as_series(value, scope) if point is not None]
        return float(reduction(points)) if points else 0.0

    return apply


def _each(function: Callable[[float], float]) -> Callable[[list[ast.expr], Scope], Value]:
    def apply(arguments: list[ast.expr], scope: Scope) -> Value:
        value = _value(_only(arguments), scope)
        if isinstance(value, float):
            return float(function(value))
        return tuple(None if a is None else float(function(a)) for a in _as_series(value, scope))

    return apply


def _only(arguments: list[ast.expr]) -> ast.expr:
    if len(arguments) != 1:
        raise ExpressionError("metric math: one argument is expected")
    return arguments[0]


_FUNCTIONS: dict[str, Callable[[list[ast.expr], Scope], Value]] = {
    "IF": _if,
    "FILL": _fill,
    "SUM": _reduce(sum),
    "AVG": _reduce(lambda points: sum(points) / len(points)),
    "MIN": _reduce(min),
    "MAX": _reduce(max),
    "ABS": _each(abs),
    "CEIL": _each(math.ceil),
    "FLOOR": _each(math.floor),
    "PERIOD": lambda arguments, scope: float(scope.period),
    "TIME_SERIES": lambda arguments, scope: _as_series(_value(_only(arguments), scope), scope),
}
