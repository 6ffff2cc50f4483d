"""What an error of an API call means for the release: go on, retry, roll back, or stop and hold."""

from __future__ import annotations

import math
import re
from itertools import accumulate
from typing import TypedDict

from interlock.execution.failure_rules import RULES, TIDYING, Next, Rule
from interlock.model.aws_errors import NO_ANSWER, message, says_not_found
from interlock.model.looks import next_look
from interlock.model.plan import LONGEST_WAIT
from interlock.model.quantities import in_words, seconds_between
from interlock.model.reasons import Reason
from interlock.model.request import Request

PAUSES = (5, 15, 45, 120, 300)
"""Seconds before each further attempt. After all of them together, a little over eight minutes, no more is made. An
event of the endpoint may end a pause early, but not use up the patience."""

BUSY_PAUSE = 1800
"""Seconds after which a call to a busy endpoint is retried although no event said that it has settled."""


_PATIENCE = {Next.RETRY: sum(PAUSES), Next.AWAIT: LONGEST_WAIT}
"""Seconds for which a call that fails is made again."""


class FailedStep(TypedDict):
    """A step whose call failed. ``existing`` is empty; after a Compare it holds what ``observe`` answered to ``ask``.
    ``mode`` is deliver or roll_back; ``since``: when it failed first, and ``now``, both ISO 8601."""

    action: str
    request: Request
    error: str
    cause: str
    existing: Request
    mode: str
    since: str
    now: str


class WhatNext(TypedDict):
    """What to do about a failed step. ``pause``: seconds before it is tried again; ``ask``: the question to ``observe``
    with which a Compare begins; ``left_behind``: sentences about what could not be removed."""

    next: str
    reason: str
    sentence: str
    pause: int
    ask: Request
    left_behind: list[str]


def interpret_failure(task: FailedStep) -> WhatNext:
    """What to do about a failed step."""
    if task["existing"]:
        return _compared(task)
    return _interpreted(task, task["error"], task["cause"])


def _interpreted(task: FailedStep, error: str, cause: str) -> WhatNext:
    rule = next(rule for rule in RULES if _fits(rule, task["action"], f"{error} {cause}"))
    said = f"{task['action']}: {rule.said} {message(cause) or NO_ANSWER} {rule.advice}".strip()
    return _patiently(rule.following, rule.reason, said, task)


def _patiently(following: Next, reason: Reason, said: str, task: FailedStep) -> WhatNext:
    """The answer; a call that has failed for too long is not made again."""
    failing = _failing(task)
    if failing >= _PATIENCE.get(following, math.inf):
        said = f"{said} This went on for {in_words(failing)}."
        tidying = re.fullmatch(TIDYING, task["action"])
        following = Next.ACCEPT if tidying else Next.ROLL_BACK
    return _answer(following, reason, said, task)


def _fits(rule: Rule, action: str, words: str) -> bool:
    concerned = not rule.action or re.fullmatch(rule.action, action)
    return bool(concerned and re.search(rule.words, words))


_READ_AGAIN = {
    "CreateModel": ("model", "ModelName", "model"),
    "CreateEndpointConfig": ("config", "EndpointConfigName", "endpoint_config"),
    "DeleteModel": ("model", "ModelName", "model"),
    "DeleteEndpointConfig": ("config", "EndpointConfigName", "endpoint_config"),
    "CreateEndpoint": ("endpoint", "EndpointName", "endpoint"),
    "DeleteEndpoint": ("endpoint", "EndpointName", "endpoint"),
    "CreateInferenceComponent": ("component", "InferenceComponentName", "component"),
    "StopTransformJob": ("transform_job", "TransformJobName", "job"),
    "DeleteInferenceComponent": ("component", "InferenceComponentName", "component"),
}
"""For a create whose name is taken, and a deletion that IAM refuses: how to ask ``observe`` about what exists, which
field of the request has the name, and which field of the answer has the description."""


def _compared(task: FailedStep) -> WhatNext:
    """Names are deterministic, so what exists is most likely our own earlier attempt: accept it if it is what was
    asked for."""
    answer = task["existing"].get(_READ_AGAIN[task["action"]][2]) or {"error": task["existing"].get("failed", "")}
    if task["action"].startswith(("Delete", "Stop")):
        return _refused_deletion(task, answer)
    if "found" not in answer:
        return _interpreted(task, answer["error"], answer.get("cause", ""))
    asked_for = {key: asked for key, asked in task["request"].items() if key not in _UNTOLD}
    different = [key for key, asked in asked_for.items() if not contains(answer["found"].get(key), asked)]
    if task["action"] in _SERVING:
        return _created(task, bool(different))
    if not different:
        return _answer(Next.ACCEPT, Reason.ACCEPTED, f"{task['action']}: it already exists, as asked for.", task)
    said = f"{task['action']}: the name is taken by something else; it differs in {', '.join(different)}."
    return _answer(Next.ROLL_BACK, Reason.NAME_TAKEN, said, task)


_UNTOLD = ("Tags", "RuntimeConfig")
"""Fields of requests that no description has, or has in other words."""

_SERVING = {"CreateEndpoint": "endpoint", "CreateInferenceComponent": "inference component"}
"""Actions that make what serves, each with what that is."""


def _created(task: FailedStep, different: bool) -> WhatNext:
    """The config, or the model, has the name of the release, so what has it is what an earlier attempt created."""
    action = task["action"]
    if not different:
        return _answer(Next.SENT, Reason.ACCEPTED, f"{action}: An earlier attempt created it.", task)
    said = f"{action}: Somebody else created the {_SERVING[action]} meanwhile. {message(task['cause'])}"
    return _answer(Next.ROLL_BACK, Reason.ENDPOINT_MOVED, said, task)


def _refused_deletion(task: FailedStep, answer: Request) -> WhatNext:
    """IAM goes by tags. What is not there has none, and those of what was just made it may not see yet."""
    if says_not_found(answer):
        return _answer(Next.ACCEPT, Reason.NOTHING_TO_DO, f"{task['action']}: It was already gone.", task)
    said = f"{task['action']}: It could not be removed. {message(task['cause'])}"
    return _patiently(Next.RETRY, Reason.AWS_REFUSED, said, task)


def contains(existing: object, asked: object) -> bool:
    """Whether ``existing`` has everything that was ``asked`` for; AWS adds defaults of its own to what it describes."""
    if isinstance(asked, dict):
        return isinstance(existing, dict) and all(contains(existing.get(key), value) for key, value in asked.items())
    if isinstance(asked, list):
        return isinstance(existing, list) and len(existing) == len(asked) and all(map(contains, existing, asked))
    return existing == asked


def _failing(task: FailedStep) -> float:
    """Seconds for which the step has been failing."""
    return seconds_between(task["since"], task["now"])


def _settled_after(task: FailedStep) -> int:
    """Seconds until the next look at what is busy; no event tells of an inference component."""
    return next_look(_failing(task)) if "InferenceComponentName" in task["request"] else BUSY_PAUSE


def _pause(failing: float) -> int:
    """Seconds before the next attempt of what has been ``failing`` for so long."""
    return next((pause for pause, end in zip(PAUSES, accumulate(PAUSES), strict=True) if failing < end), PAUSES[-1])


def _answer(following: Next, reason: Reason, sentence: str, task: FailedStep) -> WhatNext:
    """The answer. While a release rolls back, it cannot roll back further, so the machine holds."""
    if following is Next.ROLL_BACK and task["mode"] == "roll_back":
        following, reason = Next.HOLD, Reason.ROLLBACK_FAILED
    done = reason in (Reason.ACCEPTED, Reason.NOTHING_TO_DO)
    ask: Request = {}
    if following is Next.COMPARE:
        question, name, _ = _READ_AGAIN[task["action"]]
        ask = {question: task["request"][name]}
    return {
        "next": str(following),
        "reason": str(reason),
        "sentence": sentence,
        "pause": _settled_after(task) if following is Next.AWAIT else _pause(_failing(task)),
        "ask": ask,
        "left_behind": [f"{_named(task['request'])}. {sentence}"] if following is Next.ACCEPT and not done else [],
    }


def _named(request: Request) -> str:
    """What a request is about: the texts in it."""
    texts = [each for value in request.values() for each in (value if isinstance(value, list) else [value])]
    return ", ".join(each for each in texts if isinstance(each, str))
