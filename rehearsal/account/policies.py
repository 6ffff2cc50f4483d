"""IAM policy documents: parsing them, and deciding whether a statement speaks about a request.

Semantics after the IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

Context = Mapping[str, "str | list[str]"]


@dataclass(frozen=True)
class Statement:
    """One statement of a policy; `policy` names where it stands, `sid` is its Sid or its number in the policy."""

    policy: str
    sid: str
    effect: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()  # ("AWS" | "Service" | "*", value)
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()  # (operator, key, values)


def parse(document: Mapping[str, Any], policy: str) -> tuple[Statement, ...]:
    """The statements of a policy document. ValueError for an element or operator this evaluation does not know."""
    return tuple(_statement(raw, policy, index) for index, raw in enumerate(_listed(document["Statement"])))


def _statement(raw: Mapping[str, Any], policy: str, index: int) -> Statement:
    unknown = set(raw) - {
        "Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "Condition"
    }  # fmt: skip
    if unknown:
        raise ValueError(f"policy {policy}, statement {index}: element {sorted(unknown)[0]} is not evaluated here")
    conditions = tuple(
        (operator, key, tuple(_word(v) for v in _listed(values)))
        for operator, keys in raw.get("Condition", {}).items()
        for key, values in keys.items()
    )
    for operator, _, _ in conditions:
        _operator(operator)
    return Statement(
        policy=policy,
        sid=raw.get("Sid", str(index)),
        effect=raw["Effect"],
        actions=tuple(_listed(raw.get("Action", ()))),
        not_actions=tuple(_listed(raw.get("NotAction", ()))),
        resources=tuple(_listed(raw.get("Resource", ()))),
        not_resources=tuple(_listed(raw.get("NotResource", ()))),
        principals=tuple(_principals(raw.get("Principal", {}))),
        conditions=conditions,
    )


def _principals(raw: str | Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if isinstance(raw, str):
        return [("*", raw)]
    return [(kind, value) for kind, values in raw.items() for value in _listed(values)]


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def matching_action(statement: Statement, action: str) -> str | None:
    """The action pattern by which `statement` speaks about `action`; actions are compared without case."""
    if statement.not_actions:
        return None if _first(statement.not_actions, action, ignore_case=True) else "*"
    return _first(statement.actions, action, ignore_case=True)


def matching_resource(statement: Statement, resource: str) -> str | None:
    """The resource pattern by which `statement` speaks about `resource`; trust policies name none."""
    if statement.not_resources:
        return None if _first(statement.not_resources, resource) else "*"
    if not statement.resources:
        return "*"
    return _first(statement.resources, resource)


def names_service(statement: Statement, service: str) -> bool:
    """Whether the statement's Principal is the service principal ("states.amazonaws.com")."""
    return any(kind in ("Service", "*") and value in (service, "*") for kind, value in statement.principals)


def names_role(statement: Statement, role_arn: str) -> bool:
    """Whether the statement's Principal is this very role, or anyone."""
    return any(kind in ("AWS", "*") and value in (role_arn, "*") for kind, value in statement.principals)


def names_account(statement: Statement, account: str) -> bool:
    """Whether the statement's Principal is the account, which hands the decision to the account's IAM policies."""
    root = {account, f"arn:aws:iam::{account}:root"}
    return any(kind == "AWS" and value in root for kind, value in statement.principals)


def conditions_hold(statement: Statement, context: Context) -> bool:
    """Whether every condition of the statement holds in the request's context."""
    return all(_operator(operator)(context.get(key), values) for operator, key, values in statement.conditions)


@lru_cache(maxsize=50_000)
def _first(patterns: tuple[str, ...], value: str, ignore_case: bool = False) -> str | None:
    return next((p for p in patterns if _glob(p, ignore_case).fullmatch(value)), None)


@cache
def _glob(pattern: str, ignore_case: bool = False) -> re.Pattern[str]:
    """IAM's wildcards: `*` any characters (also `:` and `/`), `?` exactly one."""
    translated = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile(translated, re.IGNORECASE | re.DOTALL if ignore_case else re.DOTALL)


_Test = Callable[[str, str], bool]  # (what the request has, what the policy says)
_COMPARISONS: Mapping[str, tuple[_Test, bool]] = {  # name → (comparison, does one match have to be absent)
    "StringEquals": (lambda given, said: given == said, False),
    "StringNotEquals": (lambda given, said: given == said, True),
    "StringEqualsIgnoreCase": (lambda given, said: given.lower() == said.lower(), False),
    "StringLike": (lambda given, said: bool(_glob(said).fullmatch(given)), False),
    "StringNotLike": (lambda given, said: bool(_glob(said).fullmatch(given)), True),
    "ArnEquals": (lambda given, said: bool(_glob(said).fullmatch(given)), False),
    "ArnLike": (lambda given, said: bool(_glob(said).fullmatch(given)), False),
    "ArnNotLike": (lambda given, said: bool(_glob(said).fullmatch(given)), True),
    "Bool": (lambda given, said: given.lower() == said.lower(), False),
    "NumericEquals": (lambda given, said: float(given) == float(said), False),
    "NumericLessThanEquals": (lambda given, said: float(given) <= float(said), False),
    "NumericGreaterThanEquals": (lambda given, said: float(given) >= float(said), False),
}


@cache
def _operator(name: str) -> Callable[[str | list[str] | None, tuple[str, ...]], bool]:
    """The condition operator of that name, with its `ForAllValues:`, `ForAnyValue:` and `IfExists` forms."""
    if name == "Null":
        return lambda given, said: (given is None) == (said == ("true",))
    prefix, _, rest = name.rpartition(":")
    bare = rest.removesuffix("IfExists")
    if bare not in _COMPARISONS or prefix not in ("", "ForAllValues", "ForAnyValue"):
        raise ValueError(f"condition operator {name} is not evaluated here")
    test, negated = _COMPARISONS[bare]
    holds_when_missing = rest != bare or negated or prefix == "ForAllValues"
    over = all if prefix == "ForAllValues" else any

    def holds(given: str | list[str] | None, said: tuple[str, ...]) -> bool:
        if given is None:
            return holds_when_missing
        return over(any(test(g, s) for s in said) is not negated for g in _listed(given))

    return holds
