"""Release the version that was live before, if it was free of what the live one shows."""

from __future__ import annotations

from interlock.model.reasons import Reason
from interlock.remedies.case import AGAIN, Case, Decision, waits
from interlock.remedies.kinds.remedy import Remedy, seen

ADVICE = "Retrain, or release another version with operate."


def weigh(case: Case) -> Decision:
    """Only to a version that exists and did not show this kind of drift as long as the ledger remembers."""
    if case.previous is None:
        return _impossible(case, "There is no earlier version to go back to.")
    shown = [
        past
        for past in case.memory.decisions
        if past.version == case.previous and past.kind == case.signal.kind and not past.clean
    ]
    if shown:
        return _impossible(
            case,
            f"The version before, {case.previous}, showed the same ({case.signal.kind}) on {shown[0].at:%Y-%m-%d %H:%M}"
            " UTC, so going back does not help.",
        )
    if case.releasing:
        said = f"{seen(case)} A release is changing endpoint {case.endpoint}, so the rollback waits for its end."
        return waits(Reason.RELEASE_IN_PROGRESS, said, case.at + AGAIN)
    return Decision(
        "roll_back",
        Reason.REMEDY_CHOSEN,
        f"{seen(case)} Version {case.previous} did not show this, so endpoint {case.endpoint} goes back to it.",
        needs={"roll_back": {"group": case.group, "version": case.previous}},
    )


def _impossible(case: Case, why: str) -> Decision:
    return Decision("notify", Reason.NO_VERSION_TO_ROLL_BACK_TO, f"{seen(case)} {why}", advice=ADVICE)


REMEDY = Remedy("roll_back", frozenset({"model_quality", "bias", "attribution", "alarm", "rejected"}), weigh)
