"""An alarm, an abort and a rejection at any moment of a release; `test_stop_words` asks it of long waits."""

from __future__ import annotations

from collections.abc import Iterator

from rehearsal.playing import Rehearsal
from tests.rehearsal.attacks import invariants
from tests.rehearsal.attacks.plans import (
    ENDPOINT,
    PLANS,
    REJECT,
    RELEASE,
    Case,
    Document,
    alarm,
    document,
    entered,
    executions,
    operate,
)

ABOUT = "alarm, abort, rejection at every moment of every plan"
SOON = 300.0  # virtual seconds within which no request reaches the candidate any more

WORDS: dict[str, tuple[Document, tuple[str, ...]]] = {
    "alarm": (alarm("ALARM"), ("AlarmRaised", "AlarmAlreadyRaised")),
    "abort": (operate("abort"), ("AbortedByPerson",)),
    "rejection": (REJECT, ("VersionRejected", "VersionNotApproved")),
}
"""What is said, and the reasons that a release may have that ends because of it."""

_BETWEEN = ("Pass", "Choice", "Succeed", "Fail")  # states between which nothing can happen


def cases() -> Iterator[Case]:
    for plan in PLANS:
        if not (states := entered(plan)):
            continue
        looks = [number for number, step in states if step.state == "VerifyEndpoint"]
        looks = looks or [number for number, step in states if step.state == "JudgeEvidence"]
        # A word takes a second to arrive: one that is said at the last look comes after it.
        last = looks[-1] - 1 if "rollback" not in plan else states[-1][0]
        for number, step in states:
            for word, (act, _) in WORDS.items():
                if step.type not in _BETWEEN:
                    when = {"machine": "deliver", "execution": RELEASE, "time": number, "later": 0.1}
                    written = document(plan, {"when": when, **act})
                    yield Case(f"{plan}, {word} in {number} {step.state}", written, (plan, word, number >= last))


def broken(case: Case, played: Rehearsal) -> list[str]:
    """It ends for the true reason and stable serves again soon, unless the word came too late or found no release."""
    plan, word, late = case.notes
    found = invariants.broken(played)
    [release] = played.result.releases
    reasons = (*WORDS[word][1], *(("AbortedByPerson",) if "rollback" in plan else ()))
    refused = word == "abort" and any(each.status == "FAILED" for each in executions(played, "operate"))
    if release.outcome == "Succeeded":
        if not late and not refused:
            found.append("it goes on as if nothing had been said")
        if word == "abort" and not refused:
            found.append("the person was told that it was aborted")
    elif release.reason not in reasons:
        found.append(f"it ends as {release.outcome} {release.reason}")
    elif release.turned_back is not None and (until := _reached_until(played)) > release.turned_back + SOON:
        found.append(f"the candidate is reached for {until - release.turned_back:.0f} s more")
    return found


def _reached_until(played: Rehearsal) -> float:
    """Until when requests could reach the candidate; 0 if never."""
    here = [each for each in played.result.routed if each.endpoint == ENDPOINT]
    ends = [*(each.at for each in here), played.result.ended][1:]
    return max((end for each, end in zip(here, ends, strict=True) if 1 in each.shares), default=0.0)
