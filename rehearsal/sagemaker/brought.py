"""The modules that a model's archive brings: inference.py, and those beside it that it imports.

A container has a process to itself. Here many share one, so a container's modules are there only while its code runs,
under their own names. What it prints goes to the standard error, where a container's log would be.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from rehearsal.scenario.unusable import Unusable


class ModuleLacking(Unusable):
    """A container's code imports what neither its archive has nor this environment. Its image may have it, so this is
    no failure of the model, and the rehearsal cannot go on."""

    def __init__(self, error: ModuleNotFoundError) -> None:
        super().__init__(
            f"a model's code needs the module {error.name}, which neither its archive has nor this environment. A "
            "rehearsal runs the model with the libraries that are installed here: install it, or pack it beside "
            "inference.py"
        )


class BroughtModules:
    """The modules in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = frozenset(each.name.removesuffix(".py") for each in folder.iterdir())
        self._loaded: dict[str, ModuleType] = {}

    @contextlib.contextmanager
    def found(self) -> Iterator[None]:
        """While this holds, imports find the folder's modules, and none that others loaded under the same names."""
        others = self._taken() if any(name in sys.modules for name in self._names) else {}
        sys.modules.update(self._loaded)
        number = len(sys.modules)
        sys.path.insert(0, str(self._folder))
        try:
            with contextlib.redirect_stdout(sys.stderr):
                yield
        finally:
            with contextlib.suppress(ValueError):  # the code changed the path itself
                sys.path.remove(str(self._folder))
            if len(sys.modules) == number:
                for name in self._loaded:
                    sys.modules.pop(name, None)
            else:
                self._loaded = self._taken()
            sys.modules.update(others)

    def script(self) -> ModuleType:
        """inference.py. FileNotFoundError if there is none."""
        if "inference" not in self._names:
            raise FileNotFoundError("no inference.py in the artifact")
        return importlib.import_module("inference")

    def _taken(self) -> dict[str, ModuleType]:
        """Takes all modules of these names out of those that are loaded."""
        found = [name for name in sys.modules if name.partition(".")[0] in self._names]
        return {name: sys.modules.pop(name) for name in found}
