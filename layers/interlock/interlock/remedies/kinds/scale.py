"""Give the endpoint one more instance. It helps against load, so only alarms and a team's own signals ask for it."""

from __future__ import annotations

from datetime import timedelta

from interlock.model.quantities import in_words
from interlock.model.reasons import Reason
from interlock.remedies.case import AGAIN, Case, Decision, waits
from interlock.remedies.kinds.remedy import Remedy, seen

PAUSE = timedelta(hours=1)
"""Between two steps: an alarm that flaps must not buy a fleet."""


def weigh(case: Case) -> Decision:
    """Not while a release changes the endpoint, once an hour, and to no more instances than it may have."""
    if case.releasing:
        said = f"{seen(case)} A release is changing endpoint {case.endpoint}, so scaling waits for its end."
        return waits(Reason.RELEASE_IN_PROGRESS, said, case.at + AGAIN)
    last = next((past.at for past in case.memory.decisions if past.remedy == "scale"), None)
    if last is not None and case.at - last < PAUSE:
        ago = in_words((case.at - last).total_seconds())
        said = f"{seen(case)} Endpoint {case.endpoint} was scaled {ago} ago, and it did not help yet."
        return Decision("notify", Reason.SCALED_ALREADY, said, advice="Find out what the endpoint is waiting for.")
    if not 0 < case.instances < case.most_instances:
        known = case.instances or "an unknown number of"
        said = f"{seen(case)} Endpoint {case.endpoint} has {known} instances; an alarm gives it {case.most_instances}."
        return Decision("notify", Reason.SCALED_ALREADY, said, advice="Give it more in the policy, under instances.")
    said = f"{seen(case)} Endpoint {case.endpoint} gets one more instance."
    return Decision(
        "scale", Reason.REMEDY_CHOSEN, said, needs={"scale": {"endpoint": case.endpoint, "add_instances": 1}}
    )


REMEDY = Remedy("scale", frozenset({"alarm", "custom"}), weigh)
