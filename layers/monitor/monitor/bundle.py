"""The whole package as the text of one Python file: ``python monitor.py`` runs it, with nothing of the package beside
it.

Only the standard library: a Lambda function answers this text, and ``act`` puts it beside the config of each job.
"""

from __future__ import annotations

import base64
import functools
import json
import zlib
from pathlib import Path
from typing import TypedDict

LIMIT = 150_000
"""Characters: a state carries 262,144 bytes (docs: step-functions/latest/dg/service-quotas), and the text is escaped
on its way."""

WIDTH = 120
"""Characters of a line of packed text."""

LOADER = '''
import base64
import importlib.abc
import importlib.util
import json
import sys
import zlib

SOURCES = json.loads(zlib.decompress(base64.b64decode(PACKED)))


class Bundled(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds the modules of the table above, before any folder."""

    def find_spec(self, name, path=None, target=None):
        if name not in SOURCES:
            return None
        return importlib.util.spec_from_loader(name, self, origin=name, is_package=name in PACKAGES)

    def get_source(self, name):
        return SOURCES[name]


sys.meta_path.insert(0, Bundled())

if __name__ == "__main__":
    from monitor.__main__ import main

    sys.exit(main())
'''


class ProgramTask(TypedDict):
    """Nothing has to be said."""


class Program(TypedDict):
    """``text``: of the file ``monitor.py``."""

    text: str


def provide_program(task: ProgramTask) -> Program:
    """The program of the monitors' jobs."""
    return {"text": _bundled()}


def bundle() -> str:
    """The same text for the same sources, whatever the machine. Raises ValueError when it is too long."""
    root = Path(__file__).parent
    sources, packages = {}, []
    for path in sorted(root.rglob("*.py")):
        parts = [root.name, *path.relative_to(root).with_suffix("").parts]
        if parts[-1] == "__init__":
            parts.pop()
            packages.append(".".join(parts))
        if parts != [root.name, "bundle"]:
            sources[".".join(parts)] = path.read_text(encoding="utf-8")
    packed = base64.b64encode(zlib.compress(json.dumps(sources, sort_keys=True).encode(), 9)).decode()
    lines = "\n".join(packed[at : at + WIDTH] for at in range(0, len(packed), WIDTH))
    head = '"""The program of Interlock\'s monitors, made by monitor/bundle.py. SOURCES has its text by module."""\n\n'
    text = f'{head}PACKAGES = {json.dumps(sorted(packages))}\nPACKED = """\n{lines}\n"""\n{LOADER}'
    if len(text) > LIMIT:
        raise ValueError(f"the program has {len(text)} characters, {LIMIT} are allowed")
    return text


_bundled = functools.cache(bundle)
"""A function that stays warm packs once: packing takes longer than all else that it does."""
