"""What is deployed is what was tested, and what is locked says nothing about where it was fetched from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.contract.documents import ROOT

LOCK = ROOT / "requirements.lock"
LAYER = ROOT / "layers/dependencies/requirements.txt"
LOCKS = [
    LOCK,
    LAYER,
    *sorted(path for path in (ROOT / "tests").rglob("package-lock.json") if "node_modules" not in path.parts),
]


def _pins(lock: Path) -> dict[str, set[str]]:
    """The versions of each package; more than one where they depend on the version of Python."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==([^ ;\\]+)", lock.read_text(), re.M):
        pins.setdefault(name, set()).add(version)
    return pins


def test_the_layer_holds_exactly_the_runtime_dependencies_at_the_tested_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    deployed, tested = _pins(LAYER), _pins(LOCK)
    assert {name.lower() for name in project["dependencies"]} <= set(deployed)
    assert {name: versions for name, versions in deployed.items() if not versions <= tested.get(name, set())} == {}


def test_the_sdk_is_not_deployed() -> None:
    assert {"boto3", "botocore"} & set(_pins(LAYER)) == set()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_lock_pins_by_digest_and_names_no_registry(lock: Path) -> None:
    text = lock.read_text()
    assert "sha512-" in text or "--hash=sha256:" in text
    for trace in ('"resolved"', "index-url", "find-links", "file:"):
        assert trace not in text
