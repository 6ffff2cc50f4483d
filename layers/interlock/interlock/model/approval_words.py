"""The words with which a person says yes to a step: the release that waits hears them, and no others."""

from __future__ import annotations


def asked_word(version: int, percent: int) -> str:
    """What ``operate`` says: which version may have which percentage of the traffic. A yes to one step of one version
    is no yes to another, however late or often it comes."""
    return f"Approve version {version} before {percent}"


def life_cycle_word(life_cycle: str) -> str:
    """What the registry says: the ``life_cycle`` of the package, as ``Stage/StageStatus``."""
    return f"ModelLifeCycle {life_cycle}"
