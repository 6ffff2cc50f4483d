"""Decide what follows from a signal, from what the machine ``respond`` has read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from interlock.execution.ledger_items import as_json, attribute, live_in, memory_of
from interlock.execution.objects import left_out
from interlock.execution.remedies import decide_remedy
from interlock.model.freezes import freeze_of, read_freezes
from interlock.model.names import EXECUTION_NAME_LIMIT, release_name, response_name, shortened
from interlock.model.notices import Notice
from interlock.model.reasons import Reason
from interlock.model.release_input import release_input
from interlock.model.request import Request
from interlock.model.results_path import read_folder
from interlock.model.signal import Signal
from interlock.monitoring.past_runs import run_key
from interlock.monitoring.signals import Heard, signal_from
from interlock.policy.document import Policy
from interlock.policy.in_force import PolicyUnusable, usable_policy
from interlock.remedies.kinds.remedy import MONITORS

ALIKE = "Completed"
"""The status of a run that judged and found nothing."""

MOST_OF_THE_POLICY = 2
"""An alarm may scale an endpoint to so many times the instances of its policy; beyond that a person decides."""


class ResponseTask(TypedDict):
    """``signal``: as intake told it. ``control`` and ``remedy``: items of the ledger, or {}; ``decisions``: those that
    it has, as JSON, newest first; ``freezes``: its items FREEZE. ``observed``: the answer of ``observe``: policy,
    objects, job, endpoint."""

    now: str
    group: str
    signal: Request
    control: Mapping[str, Any]
    observed: Mapping[str, Any]
    remedy: Mapping[str, Any]
    decisions: list[str]
    freezes: list[Request]
    dry_run: bool


class Start(TypedDict):
    """An execution to start."""

    name: str
    input: Request


class Revision(TypedDict):
    """The number of decisions that was ``seen``, and that there are with this one."""

    seen: int
    next: int


class RunEnd(TypedDict):
    """The run in the ledger that has ended, and how; ``key`` is empty if none has."""

    key: str
    status: str


class Response(TypedDict):
    """The decision. ``record`` is for the ledger, under ``key``; without one there is nothing to remember. ``start``:
    of retrain and roll_back; ``action`` and ``request``: of scale; ``until``: of wait."""

    remedy: str
    reason: str
    sentence: str
    run: RunEnd
    revision: Revision
    key: str
    record: NotRequired[Request]
    retrainings: NotRequired[list[Request]]
    start: NotRequired[Start]
    action: NotRequired[str]
    request: NotRequired[Request]
    until: NotRequired[str]
    notice: NotRequired[Notice]


def respond_to_signal(task: ResponseTask) -> Response:
    """What follows from the signal of ``task``. The same task gets the same answer."""
    policy = _usable(task)
    kind = _kind(task, policy)
    heard = _heard(task, kind)
    seen = int(attribute(task["remedy"], "revision") or 0)
    response: Response = {
        "remedy": "ignore",
        "reason": str(Reason.NOTHING_TO_DO),
        "sentence": heard.sentence,
        "run": _run_end(task["signal"], heard),
        "revision": {"seen": seen, "next": seen + 1},
        "key": _key(task),
    }
    signal = heard.signal or _clean(task, heard, kind)
    if signal is None:
        return response
    answer = decide_remedy(
        {
            "now": task["now"],
            "group": task["group"],
            "document": _policy(task).get("document"),
            "last_good": _policy(task).get("last_good"),
            "signal": signal.as_dict(),
            "live": live_in(task["control"], "live"),
            "previous": live_in(task["control"], "previous"),
            "releasing": "holder" in task["control"],
            "memory": memory_of(task["remedy"], task["decisions"]),
            "freeze": freeze_of(
                read_freezes(task["freezes"], task["now"]), task["group"], attribute(task["control"], "sk")
            ),
            "instances": int(_largest(task).get("CurrentInstanceCount") or 0),
            "most_instances": _most(policy, attribute(task["control"], "sk")),
        }
    )
    response["remedy"], response["reason"] = answer["remedy"], answer["reason"]
    response["sentence"] = answer["sentence"]
    if "record" in answer:
        response["record"] = answer["record"] | {"key": response["key"]}
    if "until" in answer:
        response["until"] = answer["until"]
    if "notice" in answer:
        response["notice"] = answer["notice"]
    if "retrain" in answer:
        response["start"] = {"name": answer["retrain"]["name"], "input": answer["retrain"]["input"]}
        response["retrainings"] = answer.get("remember", {}).get("retrainings", [])
    if "roll_back" in answer:
        response["start"] = _way_back(task, answer["roll_back"], signal, answer["sentence"])
    if "scale" in answer:
        _scale(response, task)
    return response


def _key(task: ResponseTask) -> str:
    """Where the decision stands in the ledger. One that goes on waiting takes the place of the one before, so that a
    long wait does not push everything else out of the memory."""
    run = task["signal"]["run"]
    for written in task["decisions"]:
        past = as_json(written)
        if isinstance(past, dict) and past.get("run") == run and past.get("remedy") == "wait" and past.get("key"):
            return str(past["key"])
    return f"{task['now']}#{run}"[:900]


def _heard(task: ResponseTask, kind: str) -> Heard:
    """The signal, with what its file and its job say of it."""
    objects = task["observed"].get("objects") or [{}]
    found, job = objects[0].get("found"), (task["observed"].get("job") or {}).get("found") or {}
    return signal_from(
        {
            "signal": task["signal"],
            "group": task["group"],
            "live": live_in(task["control"], "live") or {},
            "text": found["text"] if found else None,
            "truncated": bool(found) and left_out(found) > 0,
            "job_status": str(job.get("ProcessingJobStatus", "")),
            "exit_message": str(job.get("ExitMessage") or ""),
            "failure_reason": str(job.get("FailureReason") or ""),
            "monitor_kind": kind,
        }
    )


def _kind(task: ResponseTask, policy: Policy | None) -> str:
    """The kind of the policy's monitor that the run is of; empty for a run of Model Monitor."""
    monitor = _monitor(task["signal"])
    monitors = policy.monitoring.monitors if policy and policy.monitoring else ()
    return next((each.kind for each in monitors if each.name == monitor), "")


def _usable(task: ResponseTask) -> Policy | None:
    written = _policy(task)
    try:
        return usable_policy(task["group"], written.get("document"), written.get("last_good"))[0]
    except PolicyUnusable:
        return None


def _policy(task: ResponseTask) -> Mapping[str, Any]:
    found: Mapping[str, Any] = task["observed"].get("policy") or {}
    return found


def _monitor(signal: Request) -> str:
    """The monitor that a run is of; empty if the signal tells of no run."""
    folder = read_folder(str(signal["run"]).removeprefix("dry-run/"))
    return folder.monitor if folder else ""


def _clean(task: ResponseTask, heard: Heard, kind: str) -> Signal | None:
    """A run that judged and found nothing is remembered, too: what comes twice in three runs needs the third."""
    if heard.status != ALIKE or kind not in MONITORS:
        return None
    live = live_in(task["control"], "live") or {}
    told = task["signal"]
    return Signal(
        kind=kind,  # type: ignore[arg-type]
        group=task["group"],
        endpoint=str(told.get("endpoint", "")),
        version=live.get("version"),
        run=told["run"],
        since=told["since"],
        severity="low",
        sentence=heard.sentence,
        evidence=told.get("evidence", ""),
    )


def _run_end(signal: Request, heard: Heard) -> RunEnd:
    """Where the ledger has the run, and how it ended."""
    folder = read_folder(str(signal["run"]))
    if folder is None or not heard.status:
        return {"key": "", "status": ""}
    return {"key": run_key(folder.monitor, folder.hour, folder.attempt), "status": heard.status}


def _way_back(task: ResponseTask, target: Mapping[str, Any], signal: Signal, because: str) -> Start:
    """The release of a version that was live before, as a person's roll_back starts it."""
    group, version, endpoint = str(target["group"]), int(target["version"]), attribute(task["control"], "sk")
    name = shortened(f"{release_name(group, version)}-{response_name(signal.run)}", EXECUTION_NAME_LIMIT)
    return {"name": name, "input": release_input(group, version, because, roll_back=True, endpoint=endpoint)}


def _largest(task: ResponseTask) -> Mapping[str, Any]:
    """The variant that gets most of the traffic; empty if nobody knows the endpoint."""
    endpoint = (task["observed"].get("endpoint") or {}).get("found") or {}
    variants = sorted(endpoint.get("ProductionVariants") or (), key=lambda each: -float(each.get("CurrentWeight") or 0))
    return variants[0] if variants else {}


def _most(policy: Policy | None, endpoint: str) -> int:
    """How many instances the endpoint may have; 0 if nobody knows."""
    return policy.at(endpoint).stage.hosting.most_instances * MOST_OF_THE_POLICY if policy else 0


def _scale(response: Response, task: ResponseTask) -> None:
    """The call that adds an instance."""
    variant = _largest(task)
    more = [{"VariantName": variant["VariantName"], "DesiredInstanceCount": variant["CurrentInstanceCount"] + 1}]
    name = task["observed"]["endpoint"]["found"]["EndpointName"]
    response["action"] = "UpdateEndpointWeightsAndCapacities"
    response["request"] = {"EndpointName": name, "DesiredWeightsAndCapacities": more}
