"""The facts with which a signal is weighed, as a state machine collected them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NotRequired, TypedDict

from interlock.model.freezes import Freeze
from interlock.model.limits import Limits
from interlock.model.signal import Signal
from interlock.remedies.case import Case
from interlock.remedies.memory import moment, read_memory


class Facts(TypedDict):
    """What is true when a signal is weighed. ``live``: the live version, ``previous``: the one before it, each null if
    there is none (of the first version, the ledger has itself as the previous one); ``releasing``: a release holds the
    endpoint; ``memory``: what the ledger remembers of the group; ``freeze``: a person's that holds for it, if any;
    ``instances``: of the endpoint, 0 if nobody knows, and ``most_instances`` that it may have."""

    now: str
    group: str
    live: Mapping[str, Any] | None
    previous: Mapping[str, Any] | None
    releasing: bool
    memory: Mapping[str, Any] | None
    freeze: NotRequired[Freeze | None]
    instances: NotRequired[int]
    most_instances: NotRequired[int]


def case_of(facts: Facts, signal: Signal, limits: Limits | None) -> Case:
    """The case of ``signal`` under ``limits``; None if the policy has no retraining section."""
    live, previous = facts.get("live") or {}, facts.get("previous") or {}
    gone = not previous.get("exists", True) or previous.get("version") == live.get("version")
    return Case(
        at=moment(facts["now"]),
        group=facts["group"],
        endpoint=str(live.get("endpoint") or signal.endpoint),
        signal=signal,
        limits=limits,
        live=_number(live.get("version")),
        live_since=_moment(live.get("since")),
        previous=None if gone else _number(previous.get("version")),
        releasing=bool(facts.get("releasing")),
        memory=read_memory(facts.get("memory")),
        freeze=facts.get("freeze"),
        instances=facts.get("instances", 0),
        most_instances=facts.get("most_instances", 0),
    )


def _number(version: Any) -> int | None:
    return None if version is None else int(version)


def _moment(written: Any) -> datetime | None:
    try:
        return moment(written)
    except ValueError:
        return None
