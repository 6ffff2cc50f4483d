"""A person's own model: a model.tar.gz beside the scenario, looked at before anything runs.

Its layout is that of the SageMaker scikit-learn container: `inference.py` at the root or under `code/`, and there a
`model_fn` (docs: sagemaker.readthedocs.io, "Using Scikit-learn with the SageMaker Python SDK", Load a Model).
"""

from __future__ import annotations

import ast
import importlib.util
import sys
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

SCRIPTS = ("code/inference.py", "inference.py")  # the first that is there


def is_path(model: str) -> bool:
    """Whether a model's name in a scenario is a path, and not one of the rehearsal's own models."""
    return "/" in model or model.endswith(".gz")


def fault(path: Path) -> str:
    """What makes a file no model that a rehearsal can load, and what would be right; "" if nothing is seen. None of its
    code is run: what fails when it runs is a container that crashes."""
    if not path.is_file():
        return f"no file {path}; write the path of a model.tar.gz, from the folder of the scenario"
    try:
        with tarfile.open(path, mode="r:gz") as archive:
            return next(_faults_of_members(archive), "") or next(_faults_of_script(archive), "")
    except (tarfile.TarError, zlib.error, OSError, EOFError) as error:
        return f"{path.name} is no gzipped tar ({error}); make it with: tar -czf {path.name} -C FOLDER ."


def _faults_of_members(archive: tarfile.TarFile) -> Iterator[str]:
    for member in archive:
        name = PurePosixPath(member.name)
        if name.is_absolute() or ".." in name.parts:
            yield f"the archive would write {member.name}, outside of the model's folder; pack from inside it"
        elif not (member.isfile() or member.isdir()):
            yield f"{member.name} in the archive is a link or a device; pack the file itself (tar -h)"


def _faults_of_script(archive: tarfile.TarFile) -> Iterator[str]:
    files = {PurePosixPath(member.name).as_posix(): member for member in archive if member.isfile()}
    script = next((name for name in SCRIPTS if name in files), "")
    if not script:
        found = next((f"; it is at {name}" for name in files if name.endswith("/inference.py")), "")
        yield f"the archive has no inference.py at its root or under code/{found}"
        return
    content = archive.extractfile(files[script])
    assert content is not None  # of a regular file there is one
    try:
        tree = ast.parse(content.read())
    except (SyntaxError, ValueError) as error:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        yield f"{script} in the archive is no Python {version}, which runs here: {error}"
        return
    folder = PurePosixPath(script).parent
    beside = {name.relative_to(folder).parts[0] for name in map(PurePosixPath, files) if name.is_relative_to(folder)}
    for line, module in _imported(tree):
        if module not in {each.removesuffix(".py") for each in beside} and not _is_here(module):
            yield (
                f"{script}, line {line}, imports {module}, which is not in the archive beside it, nor installed here. "
                "A rehearsal runs the model with the libraries of this environment: install it, or pack it"
            )
    if "model_fn" not in _defined(tree):
        yield f"{script} defines no model_fn, for which the container has no default; define model_fn(model_dir)"


def _imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The modules that a script imports whatever happens, each with its line; not what it tries."""
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            yield from ((statement.lineno, each.name.partition(".")[0]) for each in statement.names)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield statement.lineno, statement.module.partition(".")[0]


def _defined(tree: ast.Module) -> set[str]:
    """The names that a script may define: all that it defines, imports or mentions."""
    names = {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
    names |= {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    for each in ast.walk(tree):
        if isinstance(each, (ast.Import, ast.ImportFrom)):
            names |= {"model_fn" if alias.name == "*" else alias.asname or alias.name for alias in each.names}
    return names


def _is_here(module: str) -> bool:
    return module in sys.modules or importlib.util.find_spec(module) is not None
