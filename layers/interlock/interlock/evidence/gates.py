"""What follows a look of a wait for a gate of the team's own."""

from __future__ import annotations

import json
import re

from interlock.evidence.findings import Verdict
from interlock.evidence.looks import Judgement, Look
from interlock.model.aws_errors import DENIED, NOT_FOUND, message
from interlock.model.looks import rarer_look
from interlock.model.plan import Step
from interlock.model.quantities import in_words
from interlock.model.reasons import Reason
from interlock.model.request import Request

SPARE = 60
"""Seconds for the execution that waits for the gate to tell that nobody answered."""

LONGEST_WHY = 300
"""Characters of the gate's own words in a sentence."""

_OF_AWS = ("Lambda.", "Sfn.")
"""How the names of errors begin that AWS gives when it cannot start a gate (docs: step-functions/latest/dg/
concepts-error-handling). A gate names its own errors."""

RIGHT = '{"pass": true}, or {"pass": false, "why": "the reason, as a text"}'


def gated(answer: Judgement, task: Look) -> Judgement:
    """The judge's ``answer``, unless the bake waits for a gate: then a Fail ends it as ever, and else the gate decides.
    The first look starts it, with what is known."""
    gate = task["bake"].get("gate")
    if gate is None or answer["verdict"] == Verdict.FAIL:
        return answer
    passed = rarer_look(task["looks"])
    seconds = min(rarer_look(task["looks"] + 1), gate["within"] + SPARE) - passed
    if not task["looks"]:
        step, said = _start(gate, answer), f"The gate {gate['name']} is asked before the step to {gate['before']} %."
        return {**answer, "next": "AskGate", "seconds": seconds, "sentence": said, "step": step.as_dict()}
    execution = task.get("gate") or {}
    status = execution.get("Status", "")
    if status in ("", "RUNNING") and seconds > 0:
        said = f"The gate {gate['name']} has not answered yet."
        return {**answer, "next": "Look", "seconds": seconds, "sentence": said}
    reason, said = _answered(gate, status, execution.get("Output", ""))
    following = "Advance" if reason is Reason.ACCEPTED else "RollBack"
    return {**answer, "next": following, "seconds": 0, "reason": str(reason), "sentence": said}


def _start(gate: Request, answer: Judgement) -> Step:
    """The step that hands the release and what is known of it to the gate. A repeated call starts nothing more, because
    the execution has the same name and input."""
    found = [each["sentence"] for each in answer["findings"]]
    told = {**gate["told"], "seen": {"verdict": answer["verdict"], "findings": found}}
    handed = {"kind": gate["kind"], "target": gate["target"], "within": gate["within"], "told": told}
    name = gate["execution"].rpartition(":")[2]
    request = {"StateMachineArn": gate["machine"], "Name": name, "Input": json.dumps(handed, sort_keys=True)}
    return Step("StartExecution", f"Ask the gate {gate['name']}", request)


def _answered(gate: Request, status: str, output: str) -> tuple[Reason, str]:
    """What the end of the execution that asked the gate means, and the sentence that says it."""
    if status in ("", "RUNNING"):
        return _expired(gate)
    if status != "SUCCEEDED":
        return _broken(gate, f"was not heard to the end: the execution that asked it is {status}")
    if not output:
        return _broken(gate, f"answered more than can be read. Right is {RIGHT}")
    ended = json.loads(output)
    if "said" in ended:
        return _said(gate, ended["said"])
    error, cause = ended["error"], ended["cause"]
    if error == "States.Timeout":
        return _expired(gate)
    told = plain(message(cause)) or "it gave no cause"
    of_aws = error.startswith(_OF_AWS)
    if of_aws and re.search(DENIED, cause):
        return _broken(gate, f"may not be started by Interlock: {told}")
    if of_aws and re.search(NOT_FOUND, cause):
        return _broken(gate, f"is not there: {told}")
    return _broken(gate, f"could not tell: {plain(error)}: {told}")


def _said(gate: Request, said: str) -> tuple[Reason, str]:
    try:
        answer = json.loads(said)
    except ValueError:
        return _malformed(gate, said)
    passed, why = (answer.get("pass"), answer.get("why", "")) if isinstance(answer, dict) else (None, "")
    if not isinstance(passed, bool) or not isinstance(why, str):
        return _malformed(gate, said)
    words = f": {plain(why)}." if plain(why) else "; it gave no reason."
    if passed:
        return Reason.ACCEPTED, f"The gate {gate['name']} passed the step to {gate['before']} %{words}"
    return Reason.GATE_REFUSED, f"The gate {gate['name']} refused the step to {gate['before']} %{words}"


def _expired(gate: Request) -> tuple[Reason, str]:
    within = in_words(gate["within"])
    said = f"The gate {gate['name']} did not answer with its token within {within}. No answer is a refusal."
    return Reason.GATE_EXPIRED, said


def _malformed(gate: Request, said: str) -> tuple[Reason, str]:
    return _broken(gate, f"answered what cannot be read: {plain(said) or 'nothing'}. Right is {RIGHT}")


def _broken(gate: Request, how: str) -> tuple[Reason, str]:
    return Reason.GATE_BROKEN, f"The gate {gate['name']} {how}. Nothing is held against the version."


def plain(words: str) -> str:
    """``words`` of others as plain text in one line, at most LONGEST_WHY characters."""
    line = " ".join("".join(each if each.isprintable() else " " for each in words).split())
    return (line if len(line) <= LONGEST_WHY else f"{line[: LONGEST_WHY - 1]}…").rstrip(".")
