"""The scripts of examples/pipeline, which are no package, as modules."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).resolve().parents[3] / "examples/pipeline"


@cache
def script(name: str) -> ModuleType:
    """A script by its path in the folder, without ".py"."""
    spec = importlib.util.spec_from_file_location(f"example_{name.replace('/', '_')}", FOLDER / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
