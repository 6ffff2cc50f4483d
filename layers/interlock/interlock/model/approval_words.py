"""The words with which a person says yes to a stage or a step: the release that waits hears them, and no others."""

from __future__ import annotations

STAGE = "stage"
"""In the place of a percentage: before the stage begins."""


def asked_word(version: int, before: int | str) -> str:
    """What ``operate`` says: which version may have which percentage of the traffic, or begin the stage. A yes to one
    step of one version is no yes to another, however late or often it comes."""
    return f"Approve version {version} before {before}"


def entrance(endpoint: str) -> str:
    """Under which sort key the ledger has the lease of a stage's entrance, where a version is asked about. It is beside
    the lease of the ``endpoint``, which others may hold meanwhile; no endpoint has a name with a slash."""
    return f"{endpoint}/{STAGE}"


def is_entrance(key: str) -> bool:
    """Whether the lease that the ledger has under this sort key is that of an entrance."""
    return key != behind(key)


def behind(key: str) -> str:
    """The endpoint of the lease that the ledger has under this sort key, be it that of its entrance."""
    return key.removesuffix(f"/{STAGE}")


def life_cycle_word(life_cycle: str) -> str:
    """What the registry says: the ``life_cycle`` of the package, as ``Stage/StageStatus``."""
    return f"ModelLifeCycle {life_cycle}"
