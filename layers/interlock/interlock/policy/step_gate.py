"""A gate before a step of a release: a function or a state machine of the team's own that answers pass or fail."""

from pydantic import Field

from interlock.model.fields import FUNCTION, STATE_MACHINE, Duration, Part
from interlock.model.looks import looks_within
from interlock.model.quantities import in_words
from interlock.policy.step_approval import LONGEST_ANSWER, SHORTEST_ANSWER

MOST_GATES = 5


class StepGate(Part):
    """Before this step a function or a state machine of the team's own must pass the candidate."""

    before: int = Field(ge=1, le=100, strict=True, description="The step before which it is asked, as its percentage.")
    function: str | None = Field(None, pattern=FUNCTION, description="ARN of the Lambda function that answers.")
    state_machine: str | None = Field(
        None, pattern=STATE_MACHINE, description="ARN of the Standard or Express state machine that answers."
    )
    within: Duration = Field(
        3600,
        description="How long it has for its answer, 1m to 7d. No answer is a refusal.",
        json_schema_extra={"default": "1h"},
    )

    @property
    def looks(self) -> int:
        """How often its answer is looked for at most."""
        return looks_within(self.within) + 1

    @property
    def target(self) -> str:
        """ARN of what answers."""
        return self.function or self.state_machine or ""


def unanswerable(gates: "tuple[StepGate, ...]") -> str | None:
    """Why one of the ``gates`` could not answer, or two cannot stand beside each other; None if all can."""
    for gate in gates:
        if bool(gate.function) == bool(gate.state_machine):
            got = "both" if gate.function else "neither"
            return f"write function or state_machine, the ARN of what answers; got {got}"
        if not SHORTEST_ANSWER <= gate.within <= LONGEST_ANSWER:
            return f"a gate has from 1m to 7d to answer, for example 1h; got {in_words(gate.within)}"
    asked = [gate.before for gate in gates]
    twice = next((before for before in asked if asked.count(before) > 1), None)
    return f"two gates stand before {twice}; let one of them ask both questions" if twice else None
