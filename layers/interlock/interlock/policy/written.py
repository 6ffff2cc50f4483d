"""A document as a person wrote it: its content, and where in the text each part of it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import yaml

from interlock.policy.errors import PolicyError, Problem

MAX_PARTS = 5_000
"""Values and names in a document, each as often as aliases repeat it. A parameter holds 8 KB, which is less."""

Place = Sequence[int | str]


class Written(NamedTuple):
    """The content of a document, and the tree that knows lines and columns."""

    content: Any
    root: yaml.Node | None

    def problem(self, place: Place, text: str) -> Problem:
        """What is wrong with the part at ``place``, or, if it is missing, with what should hold it."""
        node = self.root
        mark = node.start_mark if node else None
        for step in place:
            found = _step(node, step)
            if found is None:
                break
            mark, node = found
        return Problem(text, mark.line + 1 if mark else 1, mark.column + 1 if mark else 1)


def read_text(document: str) -> Written:
    """The content of ``document`` (YAML or JSON). Raises PolicyError for what cannot be read, for a field that is
    written twice, and for aliases that repeat so much that reading would take long."""
    try:
        loader = yaml.SafeLoader(document)
        root = loader.get_single_node()
        if root is None:
            return Written(None, None)
        problems = [*_too_large(root), *_written_twice(root, (), set())]
        if not problems:
            return Written(loader.construct_document(root), root)
    except RecursionError:
        raise PolicyError([Problem("not readable as YAML or JSON: it is nested too deeply")]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = "not readable as YAML or JSON; look here and in the line before for a missing colon, quote or bracket"
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise PolicyError([Problem(f"{said}, or for an indentation that differs", line, column)]) from None
    except yaml.YAMLError:
        raise PolicyError([Problem("not readable as YAML or JSON: it has a character that text cannot have")]) from None
    except ValueError:  # of the constructors of dates and numbers
        said = "not readable as YAML or JSON: it has a date or number that does not exist; put text in quotes"
        raise PolicyError([Problem(said)]) from None
    raise PolicyError(problems)


def _step(node: yaml.Node | None, step: int | str) -> tuple[Any, yaml.Node] | None:
    """Where the part of ``node`` called ``step`` stands, and the part."""
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if str(key.value) == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark, node.value[step]
    return None


def _too_large(root: yaml.Node) -> Iterator[Problem]:
    """Refuses aliases that repeat one another: a document of 700 bytes can stand for millions of fields."""
    sizes: dict[int, int | None] = {}
    if (parts := _parts(root, sizes)) is None:
        yield Problem("an alias (*) stands within what it repeats; write the part out", *_at(root))
    elif parts > MAX_PARTS:
        said = f"with its aliases (*) written out, the document has {parts:,} parts; at most {MAX_PARTS:,} are read"
        yield Problem(said, *_at(root))


def _parts(node: yaml.Node, sizes: dict[int, int | None]) -> int | None:
    """How many names and values ``node`` stands for; None if it contains itself. ``sizes`` remembers those that were
    counted, and None for those that are being counted."""
    if id(node) in sizes:
        return sizes[id(node)]
    if isinstance(node, yaml.ScalarNode):
        return 1
    sizes[id(node)] = None
    inner = node.value if isinstance(node, yaml.SequenceNode) else [part for pair in node.value for part in pair]
    counted = [_parts(part, sizes) for part in inner]
    sizes[id(node)] = None if None in counted else 1 + sum(size or 0 for size in counted)
    return sizes[id(node)]


def _written_twice(node: yaml.Node, place: tuple[str, ...], seen: set[int]) -> Iterator[Problem]:
    """The fields that are written twice; YAML would silently use the last one. An alias is checked once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _written_twice(item, (*place, str(index)), seen)
    elif isinstance(node, yaml.MappingNode):
        lines: dict[tuple[str, str], int] = {}
        for key, value in node.value:
            name, (line, column) = (key.tag, str(key.value)), _at(key)
            here = (*place, name[1])
            if isinstance(key, yaml.ScalarNode) and name in lines:
                said = f"{'.'.join(here)}: written twice, first in line {lines[name]}; keep one"
                yield Problem(said, line, column)
            lines.setdefault(name, line)
            yield from _written_twice(value, here, seen)


def _at(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
