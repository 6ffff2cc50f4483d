"""What follows a look at which a person is asked for an approval."""

from __future__ import annotations

from interlock.evidence.findings import Verdict
from interlock.evidence.looks import Judgement, Look
from interlock.model.notices import Notice
from interlock.model.quantities import in_words
from interlock.model.reasons import Reason


def asked(answer: Judgement, task: Look) -> Judgement:
    """The judge's ``answer``, unless the bake waits for a person: then a Fail ends it as ever, and else the person
    decides. The first look asks, with what is known. At the second the time is over, and what the registry says counts:
    its event may have been lost."""
    approval = task["bake"].get("approval")
    if approval is None or answer["verdict"] == Verdict.FAIL:
        return answer
    found = task.get("life_cycle") or {}
    said = f"{found.get('Stage')}/{found.get('StageStatus')}"
    if approval["life_cycle"] == said:
        return {**answer, "next": "Advance", "seconds": 0, "sentence": f"The package's life cycle says {said}."}
    before, within = approval["before"], approval["within"]
    if task["looks"]:
        sentence = f"Nobody approved the step to {before} % within {in_words(within)}. No answer is a refusal."
        expired = str(Reason.APPROVAL_EXPIRED)
        return {**answer, "next": "RollBack", "seconds": 0, "reason": expired, "sentence": sentence}
    share = "copies of requests, and answers none" if not answer["percent"] else f"{answer['percent']:g} %"
    findings = " ".join(each["sentence"] for each in answer["findings"]) or answer["sentence"]
    opening: Notice = approval["notice"]
    known = f"It has {share}. What is known so far ({answer['verdict']}): {findings}"
    body = f"{opening['body']} {known} {approval['answers']}"
    sentence = f"A person is asked before the step to {before} %. {findings}"
    notice: Notice = {"subject": opening["subject"], "body": body}
    return {**answer, "next": "Hold", "seconds": within, "sentence": sentence, "notice": notice}
