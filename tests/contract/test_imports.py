"""What deployed code may import beside our own packages, whose arrows import-linter checks (test_arrows.py).

A deployed module that loads the SDK would cost more to start than everything else together.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.documents import ROOT

CORE = sorted((ROOT / "layers/interlock/interlock").rglob("*.py"))
HANDLERS = sorted((ROOT / "functions").rglob("*.py"))

IMPURE = frozenset(
    "asyncio http multiprocessing os random secrets socket subprocess threading time urllib uuid".split()
)
"""Standard modules by which a clock, chance, the environment or the network could enter a decision."""

START = """
import app, sys

assert callable(app.handler)
print(*(name for name in sys.modules if name == "boto3" or name.startswith(("boto3.", "botocore."))))
"""


def _imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, at the top or inside."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def _roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in _imports(path)}


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", CORE, ids=_id)
def test_the_core_imports_only_the_standard_library_pydantic_and_yaml(path: Path) -> None:
    assert _roots(path) - sys.stdlib_module_names - {"interlock", "pydantic", "pydantic_core", "yaml"} == set()


def test_yaml_enters_the_core_only_with_policies() -> None:
    assert [path.name for path in CORE if "yaml" in _roots(path)] == ["written.py"]


@pytest.mark.parametrize("path", CORE + HANDLERS, ids=_id)
def test_nothing_deployed_reads_a_clock(path: Path) -> None:
    """Time comes in with the input, so that yesterday's decision can be made again today."""
    calls = [
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}
    ]
    assert calls == []


@pytest.mark.parametrize("path", HANDLERS, ids=_id)
def test_a_handler_imports_only_the_core_and_powertools(path: Path) -> None:
    assert (
        _roots(path) - sys.stdlib_module_names - {"interlock", "monitor", "aws_lambda_powertools", "pydantic"} == set()
    )
    assert _roots(path) & IMPURE == set()


@pytest.mark.parametrize("path", HANDLERS, ids=_id)
def test_a_handler_is_one_function_of_a_few_lines(path: Path) -> None:
    """Parse, call one function of the core, return."""
    module = ast.parse(path.read_text())
    assert [node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)] == ["handler"]
    assert len(path.read_text().splitlines()) <= 40


@pytest.mark.parametrize("path", HANDLERS, ids=_id)
def test_a_handler_starts_without_the_sdk(path: Path) -> None:
    """In a fresh process, as Lambda does it. Powertools looks whether botocore is there and loads nothing of it."""
    paths = [str(path.parent), *(str(ROOT / layer) for layer in ("layers/interlock", "layers/monitor"))]
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths}\n{START}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert (run.returncode, run.stdout.split()) == (0, []), run.stderr
