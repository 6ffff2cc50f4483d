"""What an EventBridge target is sent: the event, a part of it, a constant, or a template filled from it.

After the EventBridge User Guide, "Amazon EventBridge input transformation". The paths understood are dots, array
indices and quoted names; a path that needs more is refused loudly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(r"\.([A-Za-z0-9_\-/]+)|\[(\d+)\]|\['([^']+)'\]|\[\"([^\"]+)\"\]")
_MISSING = object()


def target_input(target: Mapping[str, Any], event: Mapping[str, Any], rule_name: str, rule_arn: str) -> str:
    """The text a target receives for an event. ValueError for a path or a template that cannot be used."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        found = follow(target["InputPath"], event)
        return json.dumps(None if found is _MISSING else found)
    if "InputTransformer" in target:
        transformer = target["InputTransformer"]
        values = {name: follow(path, event) for name, path in transformer.get("InputPathsMap", {}).items()}
        values |= {
            "aws.events.rule-arn": rule_arn,
            "aws.events.rule-name": rule_name,
            "aws.events.event.ingestion-time": event["time"],
            "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
            "aws.events.event.json": event,
        }
        return fill(transformer["InputTemplate"], values)
    return json.dumps(event)


def follow(path: str, event: Mapping[str, Any]) -> Any:
    """The value at a JSON path; a marker that `fill` leaves out when there is none."""
    if not path.startswith("$"):
        raise ValueError(f"path {path!r} does not start with $")
    at: Any = event
    rest = path[1:]
    while rest:
        step = _STEP.match(rest)
        if step is None:
            raise ValueError(f"path {path!r} is not understood at {rest!r}")
        rest = rest[step.end() :]
        name = step[1] or step[3] or step[4]
        if name is not None:
            at = at.get(name, _MISSING) if isinstance(at, Mapping) else _MISSING
        else:
            index = int(step[2])
            at = at[index] if isinstance(at, list) and index < len(at) else _MISSING
    return at


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The template with every `<name>` replaced: as JSON outside quotes, as bare text inside them; a value that the
    event does not have disappears. ValueError when the result of a JSON template is not JSON."""
    filled: list[str] = []
    inside, at = False, 0
    while at < len(template):
        placeholder = re.compile(r"<([A-Za-z0-9_.\-]+)>").match(template, at)
        if placeholder and placeholder[1] in values:
            filled.append(_rendered(values[placeholder[1]], inside))
            at = placeholder.end()
            continue
        if template[at] == '"' and template[at - 1 : at] != "\\":
            inside = not inside
        filled.append(template[at])
        at += 1
    text = "".join(filled)
    try:
        json.loads(text)
    except ValueError as error:
        raise ValueError(f"the input template gives {text!r}, which is not JSON: {error}") from error
    return text


def _rendered(value: Any, inside_quotes: bool) -> str:
    if value is _MISSING:
        return "" if inside_quotes else '""'
    if not inside_quotes:
        return json.dumps(value)
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return json.dumps(text)[1:-1]
