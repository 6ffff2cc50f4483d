"""The arrows between packages are checked by import-linter (`make lint`); here each contract is broken on purpose."""

from __future__ import annotations

import tomllib
from copy import deepcopy
from functools import cache
from itertools import combinations
from typing import Any

import grimp
import pytest
from importlinter.configuration import configure
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

from tests.contract.documents import ROOT

LINTED = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS: dict[str, dict[str, Any]] = {contract["name"]: contract for contract in LINTED["contracts"]}
OF_TYPE: dict[str, type[Contract]] = {"layers": LayersContract, "forbidden": ForbiddenContract}

configure()

each_contract = pytest.mark.parametrize("name", CONTRACTS)


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*LINTED["root_packages"], include_external_packages=True, cache_dir=None)


def kept(name: str, imports: grimp.ImportGraph) -> bool:
    """Whether the contract holds for a graph of imports."""
    options = CONTRACTS[name]
    rest = {key: str(value) if isinstance(value, bool) else value for key, value in options.items()}
    return OF_TYPE[options["type"]](name, LINTED, rest).check(deepcopy(imports), verbose=False).kept


def forbidden_arrows(name: str) -> list[tuple[str, str]]:
    """(importer, imported) of an import for each arrow that the contract forbids."""
    options = CONTRACTS[name]
    if options["type"] == "forbidden":
        return [(source, each) for source in options["source_modules"] for each in options["forbidden_modules"]]
    (container,) = options["containers"]
    layers = [[f"{container}.{room.strip()}" for room in layer.split("|")] for layer in options["layers"]]
    upwards = [(low, high) for above, below in combinations(layers, 2) for high in above for low in below]
    return upwards + [pair for layer in layers for pair in combinations(layer, 2)]


@each_contract
def test_the_contract_holds(name: str) -> None:
    assert kept(name, graph())


@pytest.mark.parametrize(("name", "arrow"), [(name, arrow) for name in CONTRACTS for arrow in forbidden_arrows(name)])
def test_the_contract_fails_when_an_arrow_is_turned_round(name: str, arrow: tuple[str, str]) -> None:
    importer, imported = (_a_module_of(package) for package in arrow)
    imports = deepcopy(graph())
    if imported not in imports.modules:
        imports.add_module(imported, is_squashed=True)
    imports.add_import(importer=importer, imported=imported)

    assert not kept(name, imports)


def _a_module_of(package: str) -> str:
    """A module inside a package of ours; what is not ours is one module to the graph."""
    modules = graph().modules
    return min((module for module in modules if module.startswith(f"{package}.")), default=package)
