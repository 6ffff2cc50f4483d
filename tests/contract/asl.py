"""The state machines as the contract sees them: states, the edges between them, and the expressions in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.contract.expressions import Reading, read

Definition = dict[str, Any]


@dataclass(frozen=True)
class Flow:
    """One ``States`` object: a machine's own, or the inside of one of its Map or Parallel states.

    ``at`` names it for a person; ``holder`` is the state around it, in the flow ``outside``.
    """

    at: str
    definition: Definition
    outside: Flow | None = None
    holder: str = ""

    @property
    def states(self) -> Definition:
        return dict(self.definition["States"])

    def around(self) -> Iterator[tuple[Flow, Definition]]:
        """The flows around this one, the nearest first, each with its Map or Parallel state that holds this one."""
        flow = self
        while flow.outside:
            yield flow.outside, flow.outside.states[flow.holder]
            flow = flow.outside


@dataclass(frozen=True)
class Edge:
    """A way from one state to the next, and the variables that are assigned on it."""

    source: str
    target: str
    assigns: frozenset[str]


@dataclass(frozen=True)
class Expression:
    """One ``{% … %}`` of a state: the field it stands in (``Arguments.Item``), its text, and what it uses."""

    field: str
    text: str

    @property
    def reading(self) -> Reading:
        return read(self.text)


def flows(definition: Definition, at: str) -> Iterator[Flow]:
    """The machine's own flow and every one inside it."""
    yield from _flows(Flow(at, definition))


def _flows(flow: Flow) -> Iterator[Flow]:
    yield flow
    for name, state in flow.states.items():
        inner = [state[key] for key in ("ItemProcessor", "Iterator") if key in state] + state.get("Branches", [])
        for number, definition in enumerate(inner):
            yield from _flows(Flow(f"{flow.at}/{name}[{number}]", definition, flow, name))


def edges(flow: Flow) -> Iterator[Edge]:
    """Every transition of ``flow``: Next, each choice, Default, each catcher."""
    for name, state in flow.states.items():
        assigns = frozenset(state.get("Assign", {}))
        for key in ("Next", "Default"):
            if key in state:
                yield Edge(name, state[key], assigns)
        for choice in state.get("Choices", []):
            yield Edge(name, choice["Next"], frozenset(choice.get("Assign", {})))
        for catcher in state.get("Catch", []):
            yield Edge(name, catcher["Next"], frozenset(catcher.get("Assign", {})))


def expressions(state: Definition) -> Iterator[Expression]:
    """Every expression of ``state`` itself, not of the states inside it."""
    own = {
        key: value for key, value in state.items() if key not in {"ItemProcessor", "Iterator", "Branches", "Comment"}
    }
    for field, value in _leaves(own, ""):
        if isinstance(value, str) and value.startswith("{%") and value.endswith("%}"):
            yield Expression(field, value[2:-2].strip())


def _leaves(value: Any, field: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{field}.{key}" if field else key)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{field}[{number}]")
    else:
        yield field, value


def reachable(flow: Flow) -> frozenset[str]:
    """The states that some path from StartAt leads to."""
    targets: dict[str, list[str]] = {}
    for edge in edges(flow):
        targets.setdefault(edge.source, []).append(edge.target)
    seen: set[str] = set()
    pending = [flow.definition["StartAt"]]
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += targets.get(name, [])
    return frozenset(seen)


def assigned_before(flow: Flow) -> dict[str, frozenset[str]]:
    """For each reachable state, the variables that every path to it has assigned.

    A state's own Assign takes effect only on leaving it, and what is assigned inside a Map or Parallel stays there
    (docs: step-functions/latest/dg/workflow-variables).
    """
    outer = assigned_before(flow.outside)[flow.holder] if flow.outside else frozenset()
    everything = outer.union(*(edge.assigns for edge in edges(flow)))
    known = dict.fromkeys(reachable(flow), everything) | {flow.definition["StartAt"]: outer}
    changed = True
    while changed:
        changed = False
        for edge in edges(flow):
            if edge.source not in known or edge.target not in known:
                continue
            both = known[edge.target] & (known[edge.source] | edge.assigns)
            if both != known[edge.target]:
                known[edge.target], changed = both, True
    return known
