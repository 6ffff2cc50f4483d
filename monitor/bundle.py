"""The whole package as the text of one Python file: ``python monitor.py`` runs it, with nothing of the package beside
it.

Only the standard library: a Lambda function answers this text, and the machine that carries it out puts it under its
hash.
"""

from __future__ import annotations

import json
from pathlib import Path

LIMIT = 180_000
"""Characters: a state carries 262,144 bytes (docs: step-functions/latest/dg/service-quotas), and the text is escaped
on its way."""

LOADER = '''
import importlib.abc
import importlib.util
import sys


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
    table = "".join(f"    {json.dumps(name)}: {json.dumps(sources[name])},\n" for name in sorted(sources))
    head = '"""The program of Interlock\'s monitors, made by monitor/bundle.py: do not edit."""\n\n'
    text = f"{head}PACKAGES = {json.dumps(sorted(packages))}\nSOURCES = {{\n{table}}}\n{LOADER}"
    if len(text) > LIMIT:
        raise ValueError(f"the program has {len(text)} characters, {LIMIT} are allowed")
    return text
