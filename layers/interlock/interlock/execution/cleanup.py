"""Which of what Interlock made nothing needs any more. Lists are read page by page; each page spares what it names.

SageMaker deletes a config that an endpoint uses, and a model that a config names, without a word (botocore
DeleteEndpointConfig, DeleteModel). So everything that could need a thing is looked at, in an order that leaves no gap:
what the ledger remembers, what exists, the ledger again for what began meanwhile, and last what has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from interlock.model.aws_errors import message, says_not_found
from interlock.model.ledger_item import text
from interlock.model.names import GROUP_TAG, RELEASE_TAG, STACK_TAG, VERSION_TAG
from interlock.model.request import Request

GRACE = timedelta(days=7)
"""What is younger is kept."""


class Look(TypedDict):
    """A page of a list that ``survey`` reads: of all, or of what was made or changed ``since`` (ISO 8601), ``after``
    the token of the page before. Both may be empty."""

    list: str
    since: str
    after: str


class Page(TypedDict):
    """What ``survey`` answered; ``next``: the token of the page that follows, empty after the last."""

    items: list[Request]
    next: str


class Thing(TypedDict):
    """Something that Interlock made; ``needed``: why it is kept, empty if nothing was found that needs it."""

    name: str
    made_for: str
    needed: str


class CleanupTask(TypedDict):
    """A ``page`` of things of a ``kind`` (a key of KINDS), if there are no ``looks`` yet; later the first of them.
    ``begun``: when the first page was asked for."""

    kind: str
    stack: str
    begun: str
    things: list[Thing]
    looks: list[Look]
    page: Page


class Deletion(TypedDict):
    """One call that deletes one thing."""

    action: str
    request: Request
    name: str


class Cleanup(TypedDict):
    """What is known now. ``looks`` are still to be taken, in this order; when none is left, ``deletions`` follow.
    ``following``: the token of the next page of things, empty if there is none."""

    things: list[Thing]
    looks: list[Look]
    deletions: list[Deletion]
    following: str


@dataclass(frozen=True)
class Kind:
    """A kind of things: its ``title``, how one is deleted, and the lists of what may use it."""

    title: str
    action: str
    request: Callable[[str], Request]
    users: tuple[str, ...]

    def looks(self, begun: str) -> list[Look]:
        """All lists, the short one first; then the ledger again, and what changed after the cleaning had ``begun``."""
        every = [Look(list=name, since="", after="") for name in ("ledger", *self.users, "ledger")]
        return every + [Look(list=name, since=begun, after="") for name in self.users]


def _registration(name: str) -> Request:
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": name,
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


KINDS = {
    "alarms": Kind("alarm", "DeleteAlarms", lambda name: {"AlarmNames": [name]}, ("endpoints",)),
    "registrations": Kind("registration of a variant", "DeregisterScalableTarget", _registration, ("endpoints",)),
    "configs": Kind(
        "endpoint config", "DeleteEndpointConfig", lambda name: {"EndpointConfigName": name}, ("endpoints",)
    ),
    "models": Kind(
        "model",
        "DeleteModel",
        lambda name: {"ModelName": name},
        ("endpoints", "endpoint_configs", "components", "transform_jobs"),
    ),
}
"""By the word that ``clean`` and ``survey`` use."""

_USERS = {
    "endpoints": "endpoint",
    "endpoint_configs": "endpoint config",
    "components": "inference component",
    "transform_jobs": "transform job",
}


def plan_cleanup(task: CleanupTask) -> Cleanup:
    """What follows from a page."""
    kind, page = KINDS[task["kind"]], task["page"]
    if task["looks"]:
        look, *rest = task["looks"]
        more: list[Look] = [{**look, "after": page["next"]}] if page["next"] else []
        things = [_after_look(thing, look["list"], page["items"]) for thing in task["things"]]
        looks, following = more + rest, ""
    else:
        things = [thing for item in page["items"] if (thing := _thing(item, task))]
        looks, following = kind.looks(task["begun"]), page["next"]
    doomed = [thing["name"] for thing in things if not thing["needed"]]
    looks = looks if doomed else []
    deletions = [] if looks else [_deletion(kind, name) for name in doomed]
    return {"things": things, "looks": looks, "deletions": deletions, "following": following}


def _deletion(kind: Kind, name: str) -> Deletion:
    return {"action": kind.action, "request": kind.request(name), "name": name}


def _thing(item: Request, task: CleanupTask) -> Thing | None:
    """What Interlock made in this stack, which its tags say, or of a registration the journal; None for all else.
    Whose a thing is that could not be asked for is not known, so it is left alone."""
    tags = {tag["Key"]: tag["Value"] for tag in item.get("tags", ())}
    if tags.get(STACK_TAG) == task["stack"]:
        made_for = f"release {tags.get(RELEASE_TAG, '')} of {tags.get(GROUP_TAG, '')} v{tags.get(VERSION_TAG, '')}"
    elif item.get("release"):
        made_for = f"release {item['release']}"
    else:
        return None
    young = datetime.fromisoformat(task["begun"]) - datetime.fromisoformat(item["created"]) < GRACE
    needed = f"It was made less than {GRACE.days} days ago." if young else ""
    return {"name": item["name"], "made_for": made_for, "needed": needed}


def _after_look(thing: Thing, look: str, items: Iterable[Request]) -> Thing:
    """``thing``, and whether one of these needs it."""
    if thing["needed"]:
        return thing
    needs = _remembers if look == "ledger" else _uses
    return {**thing, "needed": next((why for item in items if (why := needs(item, look, thing["name"]))), "")}


def _remembers(item: Request, look: str, name: str) -> str:
    """What is live, was live before, or belongs to a release that holds the lease: the name stands in the item. What
    only contains the name counts too, because an item may be damaged, and a model's name begins that of its config. Of
    an endpoint under release, each registration counts."""
    endpoint = text(item, "sk")
    if name in json.dumps(item, ensure_ascii=False) or ("holder" in item and name.startswith(f"endpoint/{endpoint}/")):
        return f"It is live on endpoint {endpoint}, was live before, or belongs to the release that is under way."
    return ""


def _uses(item: Request, look: str, name: str) -> str:
    """Whether a user names it, or something that begins like it. Nothing is known of a user that could not be read,
    unless it is gone."""
    user = f"{_USERS[look]} {item['name']}"
    if "error" in item and not says_not_found(item):
        return f"{user[0].upper()}{user[1:]}, which may use it, could not be read: {message(item['cause'])}"
    if any(used == name or used.startswith(f"{name}-") for used in item.get("uses", ())):
        return f"{user[0].upper()}{user[1:]} uses it."
    return ""
