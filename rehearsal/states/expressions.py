"""JSONata in the fields of a state: templates, evaluated against `$states` and the workflow's variables.

A field holds any JSON value; each string in it of the form "{% expression %}" is evaluated, everything else stands for
itself (states-language.net, "JSONata"). Fields are compiled once, when a definition is loaded. The evaluator is
jsonata-python; what `shortcuts` knows, which is nearly everything, takes a way that is some ten times cheaper.

An expression that yields nothing is an error of the field it stands in, `States.QueryEvaluationError`, with the words
"The JSONata expression '…' specified for the field '…' returned nothing (undefined)." (recorded on AWS: floci-io/floci,
docs/services/step-functions; states-language.net, Appendix A). JSON null is a value.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonata import Jsonata
from jsonata.functions import Functions
from jsonata.jexception import JException
from jsonata.utils import Utils

from rehearsal.states.json_texts import read_json, whole
from rehearsal.states.shortcut_functions import UNDEFINED, Elsewhere
from rehearsal.states.shortcuts import Shortcut, shortcut

# jsonata-python looks for these at every node, through all frames but where it finds them: a fifth of its time.
_NO_CALLBACKS = {"__evaluate_entry": None, "__evaluate_exit": None}

NOT_OFFERED = {
    "eval": "Step Functions has no $eval",
    **dict.fromkeys(("now", "millis", "random", "uuid"), "a definition that reads it cannot be replayed"),
    "hash": "jsonata-python has no $hash",
    "": "what it stands for changes inside an expression",
}
"""JSONata functions that a definition here may not call, and why."""


class _Unsupported(Exception):
    """The result is nothing that JSON has, such as a function."""


class QueryFailed(Exception):
    """An expression did not give its field a value; the message is the Cause of States.QueryEvaluationError."""


@dataclass(frozen=True)
class Evaluation:
    """One expression as it was evaluated: for a recorder, so that a test can evaluate it again elsewhere."""

    source: str
    variables: Mapping[str, Any]
    result: Any  # UNDEFINED when there was none
    failed: bool = False


Recorder = Callable[[Evaluation], None]


@dataclass(frozen=True)
class Template:
    """A compiled field. `where` is its place in the state as Step Functions names it: "Arguments/Items[0]/Key"."""

    where: str
    evaluate: Callable[[Mapping[str, Any], Recorder | None], Any]
    sources: tuple[str, ...] = ()  # the expressions in it


def compile_field(value: Any, where: str) -> Template:
    """The template of a field's value. ValueError when an expression in it cannot be read."""
    if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
        source = value[2:-2].strip()
        expression = parse(source)
        return Template(where, lambda variables, record: _value_of(expression, variables, record, where), (source,))
    if isinstance(value, dict):
        members = {key: compile_field(item, f"{where}/{key}") for key, item in value.items()}
        return _composed(where, value, list(members.values()), lambda values: dict(zip(members, values, strict=True)))
    if isinstance(value, list):
        items = [compile_field(item, f"{where}[{index}]") for index, item in enumerate(value)]
        return _composed(where, value, items, list)
    return Template(where, lambda variables, record: value)


def _composed(where: str, value: Any, parts: list[Template], compose: Callable[[Iterator[Any]], Any]) -> Template:
    sources = tuple(source for part in parts for source in part.sources)
    if not sources:
        return Template(where, lambda variables, record: value)
    return Template(
        where, lambda variables, record: compose(part.evaluate(variables, record) for part in parts), sources
    )


def _value_of(expression: Expression, variables: Mapping[str, Any], record: Recorder | None, where: str) -> Any:
    try:
        result = expression.evaluate(variables)
    except Exception as error:  # jsonata-python lets Python's own errors through, such as a division by zero
        if record:
            record(Evaluation(expression.source, variables, UNDEFINED, failed=True))
        raise QueryFailed(f"{_place(expression, where)} {_what_happened(error)}") from error
    if record:
        record(Evaluation(expression.source, variables, result))
    if result is UNDEFINED:
        raise QueryFailed(f"{_place(expression, where)} returned nothing (undefined).")
    return result


def _place(expression: Expression, where: str) -> str:
    return f"The JSONata expression '{expression.source}' specified for the field '{where}'"


def _what_happened(error: Exception) -> str:
    """Recorded on AWS: localstack/localstack, scenarios/test_base_scenarios.snapshot.json,
    test_map_state_items_eval_jsonata_fail[function]; intrinsic_functions/test_math_operations_jsonata.snapshot.json,
    where an error begins with JSONata's code for it."""
    if isinstance(error, _Unsupported):
        return "returned an unsupported result type."
    code = f"{error.error}: " if isinstance(error, JException) and re.fullmatch(r"[A-Z]\d{4}", error.error) else ""
    return f"threw an error during evaluation. {code}{error}"


@dataclass(frozen=True)
class Expression:
    """A parsed expression: `evaluate(variables)` gives a JSON value or UNDEFINED, and raises what JSONata raises."""

    source: str
    jsonata: Any
    shortcut: Shortcut | None

    def evaluate(self, variables: Mapping[str, Any]) -> Any:
        if self.shortcut:
            try:
                return self.shortcut(variables, UNDEFINED)
            except Elsewhere:
                pass
        return _plain(self.jsonata.evaluate(None, {**variables, **_NO_CALLBACKS}), outermost=True)


@cache
def parse(source: str) -> Expression:
    """The expression, parsed once per process. ValueError with JSONata's words when it cannot be read."""
    try:
        jsonata = Jsonata(source)
    except Exception as error:
        raise ValueError(f"INVALID_JSONATA_EXPRESSION: {error}") from error
    jsonata.set_output_convert_nulls(False)  # keeps null and undefined apart
    jsonata.set_validate_input(False)
    for name, function in _STEP_FUNCTIONS_OWN.items():
        jsonata.register_lambda(name, function)
    jsonata.register_function("string", Jsonata.JFunction(_String(), "<x-b?:s>"))
    return Expression(source, jsonata, shortcut(jsonata.ast))


def _plain(value: Any, outermost: bool = False) -> Any:
    """JSON from what jsonata-python gives: its lists, its null, whole numbers as integers. Raises _Unsupported."""
    if value is Utils.NULL_VALUE:
        return None
    if value is None:
        return UNDEFINED if outermost else None
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TypeError(f"{value} is not a JSON number")
        return whole(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    raise _Unsupported


_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def is_timestamp(text: str) -> bool:
    """Whether a text has the form of a time with a zone (RFC 3339)."""
    return bool(_TIMESTAMP.fullmatch(text))


def _parse_json(text: Any = None) -> Any:
    if text is None:
        return None
    value = read_json(text)
    return Utils.NULL_VALUE if value is None else value


def _partition(array: Any = None, size: Any = None) -> Any:
    """docs: transforming-data, "$partition": the array in chunks of `size`."""
    if not array or not size:
        return None
    return [list(array[start : start + int(size)]) for start in range(0, len(array), int(size))]


def _range(first: Any = None, last: Any = None, step: Any = None) -> Any:
    """docs: transforming-data, "$range": the values from `first` to at most `last`, `step` apart. One value is that
    value, as of any sequence of JSONata (recorded on AWS: localstack/localstack,
    intrinsic_functions/test_array_jsonata.snapshot.json, test_array_range)."""
    if step is None or not step or (last - first) * step < 0:
        return None
    values = [first + index * step for index in range(int((last - first) // step) + 1)]
    return values if len(values) > 1 else first


class _String(Jsonata.JFunctionCallable):
    """$string as in the reference implementation, for objects and arrays too.

    jsonata-python's own escapes what is not ASCII in them, and does not round their numbers to 15 digits.
    """

    def call(self, input: Any, args: Any) -> Any:
        value, prettify = (*args, None, None)[:2]
        if isinstance(value, (dict, list)) and not prettify and not getattr(value, "outer_wrapper", False):
            return _json_text(value)
        return Functions.string(value, prettify)


def _json_text(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json_text(key)}:{_json_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(Functions.string(value, None))
    if isinstance(value, (str, bool)):
        return json.dumps(value, ensure_ascii=False)
    return "null" if value is None or value is Utils.NULL_VALUE else '""'  # a function


_STEP_FUNCTIONS_OWN: dict[str, Callable[..., Any]] = {"parse": _parse_json, "partition": _partition, "range": _range}


@cache
def problems_of(source: str) -> tuple[str, ...]:
    """What Step Functions, or this account, would not accept in an expression that can be read.

    A name that is not below a variable reads a context item that does not exist, and `$$` likewise: the definition
    is refused with UNSUPPORTED_JSONATA_EXPRESSION (recorded on AWS: floci-io/floci, docs/services/step-functions).
    """
    references = list(_references(parse(source).jsonata.ast))
    unsupported = [name for kind, name in references if kind == "name"]
    unsupported += ["$$" for kind, name in references if kind == "variable" and name == "$"]
    return (
        *(f"UNSUPPORTED_JSONATA_EXPRESSION: Reference to '{name}' is not supported." for name in unsupported),
        *(
            f"${name} is not offered: {NOT_OFFERED[name]}."
            for kind, name in references
            if kind == "variable" and name in NOT_OFFERED
        ),
    )


# Where jsonata-python's syntax tree keeps the parts of a node: those that read the same context as the node itself,
# and those that read what the node has selected.
_SAME_CONTEXT = (
    *("lhs", "rhs", "expression", "expressions", "procedure", "arguments"),
    *("body", "condition", "then", "_else", "lhs_object"),
)
_SELECTED = ("stages", "predicate", "expr", "terms", "group", "pattern", "update", "delete")


def _references(node: Any, outermost: bool = True) -> Iterator[tuple[str, str]]:
    """("variable", name) for each one below a node, and ("name", name) wherever the context item is read."""
    if isinstance(node, (list, tuple)):
        for part in node:
            yield from _references(part, outermost)
        return
    kind = getattr(node, "type", None)
    if kind == "variable" or (kind == "name" and outermost):
        yield kind, str(node.value or "")
    for position, step in enumerate(getattr(node, "steps", None) or ()):
        yield from _references(step, outermost and position == 0)
    for attribute in _SAME_CONTEXT:
        yield from _references(getattr(node, attribute, None) or (), outermost)
    for attribute in _SELECTED:
        yield from _references(getattr(node, attribute, None) or (), outermost=False)
