"""Runs a container's program really: in this process, with the container's files under a folder of its own.

A process of its own would take a second or two each time to import pandas, and three virtual days have some 75 runs.
So the program is run by `runpy`, and what it can change of this process is put back: environment, arguments, modules,
search path, working directory, random numbers, warnings. What this hides: a program that ends its process at once
(`os._exit`), takes too much memory, leaves threads, or needs another version of Python or of a library than those here;
`/opt/ml` in a program's own text (a program must ask ML_ROOT); and `datetime.now`, which gives the real time. `time` is
virtual: sleeping takes no time here, and is counted.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.abc
import io
import os
import random
import runpy
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np

ML = "/opt/ml"
PROJECT = Path(__file__).resolve().parents[2]
_ELSEWHERE = (".venv", "site-packages")  # of the project's folder, what is not the project's own


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code, what it printed, and how many seconds it slept."""

    exit_code: int
    log: str
    slept: float = 0.0


class NotPython(ValueError):
    """An entry point that is not `python3 <file>` or `python3 -c <text>`."""


def run(
    command: Sequence[str],
    root: Path,
    environment: Mapping[str, str],
    now: float = 0.0,
    modules: Mapping[str, ModuleType] | None = None,
) -> Ended:
    """Run a container's entry point and arguments, with /opt/ml as `root`, at `now` (virtual epoch seconds); `modules`
    stand for what it would import. Raises NotPython for a command that cannot be run here."""
    mapped = [each.replace(ML, str(root)) for each in command]
    if len(mapped) < 2 or Path(mapped[0]).name not in ("python", "python3"):
        raise NotPython(f"an entry point of {list(command)} is not simulated; python3 with a file or -c is")
    log, watch = io.StringIO(), _Watch(now)
    with (
        contextlib.redirect_stdout(log),
        contextlib.redirect_stderr(log),
        warnings.catch_warnings(action="default"),  # what a container only logs
        _own_state({**environment, "ML_ROOT": str(root)}, root, modules or {}),
        watch.patched(),
        _compiling_once(),
    ):
        warnings.simplefilter("ignore", ResourceWarning)  # of files that the program left open
        code = _exit_code(mapped)
    return Ended(code, log.getvalue(), watch.slept)


def _exit_code(command: Sequence[str]) -> int:
    inline = command[1] == "-c"
    sys.argv = ["-c", *command[3:]] if inline else list(command[1:])
    try:
        if inline:
            exec(compile(command[2], "<string>", "exec"), {"__name__": "__main__", "__builtins__": __builtins__})
        else:
            sys.path.insert(0, str(Path(command[1]).parent))
            runpy.run_path(command[1], run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except Exception:  # whatever the program does wrong is the job's failure, not the rehearsal's
        traceback.print_exc()
        return 1
    return 0


_compiled = lru_cache(maxsize=500)(importlib.abc.InspectLoader.source_to_code)
_compiled_method = lru_cache(maxsize=5000)(partial(compile, filename="<string>", mode="exec"))


def _exec_method(text: str, *spaces: Any) -> None:
    exec(_compiled_method(text), *spaces)


@contextlib.contextmanager
def _compiling_once() -> Iterator[None]:
    """The modules that a program brings as text are compiled once for all its runs, and so are the methods that
    dataclasses write as text."""
    with (
        mock.patch.object(importlib.abc.InspectLoader, "source_to_code", staticmethod(_compiled)),
        mock.patch.object(dataclasses, "exec", _exec_method, create=True),
    ):
        yield


@contextlib.contextmanager
def _own_state(environment: Mapping[str, str], root: Path, stand_ins: Mapping[str, ModuleType]) -> Iterator[None]:
    """The program's own environment and modules: it finds neither this project's modules nor those of another run."""
    kept = dict(os.environ), list(sys.argv), list(sys.path), Path.cwd(), random.getstate(), np.random.get_state()
    finders = list(sys.meta_path)
    ours = {name: each for name, each in sys.modules.items() if _of_project(each) or name in stand_ins}
    for name in ours:
        del sys.modules[name]
    before = dict(sys.modules)
    sys.modules.update(stand_ins)
    sys.path = [each for each in sys.path if each and not _inside(each)]
    os.environ.clear()
    os.environ.update({"PATH": kept[0].get("PATH", ""), **environment})
    os.chdir(root)
    try:
        yield
    finally:
        environ, sys.argv, sys.path, folder, state, numbers = kept
        sys.meta_path[:] = finders
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environ)
        random.setstate(state)
        np.random.set_state(numbers)
        for name in sys.modules.keys() - before.keys():
            if name in stand_ins or not _installed(sys.modules[name]):
                del sys.modules[name]
        sys.modules.update(ours)


def _file(module: ModuleType) -> str:
    found = getattr(module, "__file__", None)
    return found if isinstance(found, str) else ""


@cache
def _inside(path: str) -> bool:
    return (path + "/").startswith(f"{PROJECT}/") and not any(f"/{each}/" in path for each in _ELSEWHERE)


def _of_project(module: ModuleType) -> bool:
    file = _file(module)
    return _inside(file) and not file.endswith("__main__.py")


def _installed(module: ModuleType) -> bool:
    """Whether a module is of Python or of a library: those stay loaded for the next run."""
    file = _file(module)
    if not file:
        return module.__name__.partition(".")[0] in sys.stdlib_module_names
    return "/site-packages/" in file or file.startswith((sys.prefix, sys.base_prefix))


class _Watch:
    """The time that a program sees: virtual, and moved on by its own sleeping only."""

    def __init__(self, now: float) -> None:
        self._now = now
        self.slept = 0.0

    @contextlib.contextmanager
    def patched(self) -> Iterator[None]:
        names = ("sleep", "time", "monotonic", "perf_counter")
        real = {name: getattr(time, name) for name in names}
        virtual = (self._sleep, lambda: self._now + self.slept, lambda: self.slept, lambda: self.slept)
        try:
            for name, function in zip(names, virtual, strict=True):
                setattr(time, name, function)
            yield
        finally:
            for name, function in real.items():
                setattr(time, name, function)

    def _sleep(self, seconds: float) -> None:
        self.slept += max(0.0, seconds)
