"""What the ledger knows of an endpoint, as data with one sentence: its status, and its history."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypedDict

from interlock.execution.ledger_items import as_json
from interlock.model.freezes import freeze_of, read_freezes
from interlock.model.ledger_item import number, text
from interlock.model.reasons import Reason
from interlock.model.request import Request


class DescriptionTask(TypedDict):
    """``kind``: Status or History; ``day``: of the history (UTC), or empty; ``now``: ISO 8601. Items of the ledger:
    ``control`` of the endpoint and ``entrance`` of its stage, or {}; all ``freezes``; ``quarantines`` of the group;
    ``lived``: the entries of the history, the newest first, not after ``day``."""

    kind: str
    endpoint: str
    day: str
    now: str
    control: Request
    entrance: Request
    freezes: list[Request]
    quarantines: list[Request]
    lived: list[Request]


class Life(TypedDict):
    """What was live, ``since`` and ``until`` when (ISO 8601; empty: it still is), and ``because`` of what."""

    group: str
    version: int
    config: str
    release: str
    because: str
    since: str
    until: str


class Described(TypedDict):
    """The answer. ``of`` has the data: what is live, under way and waiting in a status, the ``lives`` of a history."""

    kind: str
    reason: str
    sentence: str
    endpoint: str
    of: Request


def describe_endpoint(task: DescriptionTask) -> Described:
    """The status or the history of an endpoint."""
    sentence, data = _history(task) if task["kind"] == "History" else _status(task)
    return {
        "kind": task["kind"],
        "reason": str(Reason.ACCEPTED),
        "sentence": sentence,
        "endpoint": task["endpoint"],
        "of": data,
    }


def lives(task: DescriptionTask) -> list[Life]:
    """What was live, the newest first. A release that was settled twice counts once, from its first entry on. What is
    live but went live before there was a history has an entry all the same. An entry without a release says that
    nothing was live from then on."""
    found: list[Life] = []
    for item in reversed(task["lived"]):
        said = as_json(text(item, "document"))
        if isinstance(said, dict) and (not found or found[-1]["release"] != str(said.get("release"))):
            found.append(_life(said, text(item, "at")))
    live = _of_item(task["control"], "live")
    known = any(each["release"] == live["release"] for each in found) if live else True
    if live and not known and (not task["day"] or live["since"][:10] <= task["day"]):
        found.append(live)
    ordered = sorted(found, key=lambda each: each["since"])
    for each, after in pairwise(ordered):
        each["until"] = after["since"]
    return [each for each in reversed(ordered) if each["release"]]


def _history(task: DescriptionTask) -> tuple[str, Request]:
    endpoint, day = task["endpoint"], task["day"]
    found = lives(task)
    if day:
        found = [each for each in found if not each["until"] or each["until"][:10] >= day]
    when = f"On {day} (UTC)" if day else "As far as the ledger knows"
    if not found:
        return f"{when} nothing that Interlock released was live on {endpoint}.", {"day": day, "lives": []}
    served = ", then ".join(f"version {each['version']} of {each['group']}" for each in reversed(found))
    return f"{when}, live on {endpoint}: {served}. {_why(found[0])}", {"day": day, "lives": found}


def _why(life: Life) -> str:
    why = f": {life['because']}" if life["because"] else "."
    return f"Version {life['version']} went live at {life['since']} with release {life['release']}{why}"


def _status(task: DescriptionTask) -> tuple[str, Request]:
    control, endpoint = task["control"], task["endpoint"]
    live = next((each for each in lives(task) if not each["until"]), None)
    release, waits, asks = _release(control), _waiting(control), _asking(task["entrance"])
    freezes = _freezes(task)
    data: Request = {
        "live": live,
        "previous": _of_item(control, "previous"),
        "traffic": _traffic(control),
        "release": release,
        "waits": waits,
        "asks": asks,
        "freezes": freezes,
        "quarantines": _quarantines(task["quarantines"]),
    }
    said = [_serves(live, endpoint, release)]
    if release:
        back = f", goes back ({release['back']})" if release["back"] else ""
        paused = ", paused" if release["paused"] else ""
        doing = f": {release['step']}, since {release['step_since']}" if release["step"] else ""
        said.append(f"Release {release['release']} is under way since {release['since']}{back}{paused}{doing}.")
    if waits:
        said.append(f"Release {waits['release']} waits.")
    if asks:
        said.append(
            f"Release {asks['release']} asks since {asks['since']} whether version {asks['version']} may begin."
        )
    said += [each["sentence"] for each in freezes]
    return " ".join(said), data


def _serves(live: Life | None, endpoint: str, release: Request | None) -> str:
    if live is None:
        return f"Interlock has brought no version live on {endpoint}."
    all_of_it = "" if release else " with all traffic"
    return f"Version {live['version']} of {live['group']} is live on {endpoint}{all_of_it} since {live['since']}."


def _release(control: Request) -> Request | None:
    """The release that holds the endpoint, and the step that it has reached; None if none does."""
    if "holder" not in control:
        return None
    return {
        "release": text(control, "release_id"),
        "group": text(control, "model_group"),
        "version": number(control, "model_version"),
        "since": text(control, "held_since"),
        "step_index": number(control, "step_index"),
        "step": text(control, "step_note"),
        "step_since": text(control, "step_since"),
        "paused": "paused" in control,
        "back": text(control, "back_reason") or text(control, "abort_reason"),
        "abandoned": "abandoned" in control,
    }


def _traffic(control: Request) -> Request:
    """How the endpoint stood before the step that is under way (see Endpoint.standing); empty if none is: then all
    traffic goes to the live version."""
    standing = as_json(text(control, "standing"))
    return standing if isinstance(standing, dict) and "holder" in control else {}


def _waiting(control: Request) -> Request | None:
    release = text(control, "next_release")
    return {"release": release, "version": number(control, "next_version")} if release else None


def _asking(entrance: Request) -> Request | None:
    """The release that asks a person before the stage; None if none does."""
    if "bake_token" not in entrance:
        return None
    release, version = text(entrance, "release_id"), number(entrance, "model_version")
    return {"release": release, "version": version, "since": text(entrance, "held_since")}


def _freezes(task: DescriptionTask) -> list[dict[str, str]]:
    """Each freeze that keeps a release from this endpoint."""
    control = task["control"]
    group = text(control.get("live", {}).get("M", {}), "model_group") or text(control, "model_group")
    held = read_freezes(task["freezes"], task["now"])
    mine = [each for each in held if freeze_of([each], group, task["endpoint"])]
    return [{"where": each.where, "since": each.since, "until": each.until, "sentence": each.sentence} for each in mine]


def _quarantines(items: list[Request]) -> list[Request]:
    return [
        {
            "version": int(text(each, "sk").rpartition("#")[2] or 0),
            "since": text(each, "at"),
            "release": text(each, "release_id"),
            "reason": text(each, "reason"),
            "sentence": text(each, "sentence"),
        }
        for each in items
    ]


def _of_item(control: Request, which: str) -> Life | None:
    """What is ``live``, or was ``previous``, as the item of the endpoint has it; None if nothing."""
    found = control.get(which, {}).get("M")
    if not found:
        return None
    said = {
        "group": text(found, "model_group"),
        "version": number(found, "version"),
        "config": text(found, "config"),
        "release": text(found, "release_id"),
    }
    return _life(said, text(found, "since"))


def _life(said: dict[str, Any], since: str) -> Life:
    return {
        "group": str(said.get("group") or ""),
        "version": int(said.get("version") or 0),
        "config": str(said.get("config") or ""),
        "release": str(said.get("release") or ""),
        "because": str(said.get("because") or ""),
        "since": since,
        "until": "",
    }
