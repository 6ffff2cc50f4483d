"""Task tokens: what a `.waitForTaskToken` task gives away, and what comes back for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rehearsal.aws import AwsError
from rehearsal.clock import Clock
from rehearsal.states.fibers import Signal

SERVICE = "stepfunctions"


class TaskToken:
    """One token while its task waits. `answered` fires with the task's result, or with a Failure."""

    def __init__(self, clock: Clock, text: str) -> None:
        self.text = text
        self.answered = Signal(clock)
        self.heartbeat: Callable[[], None] = lambda: None


class TaskTokens:
    """All tokens of an account. Once its task has ended for whatever reason, a token cannot be used."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: dict[str, TaskToken] = {}
        self._closed: set[str] = set()

    def issue(self) -> TaskToken:
        token = TaskToken(self._clock, f"AQCAAAAAKgAAAAMA{self._clock.uuid().replace('-', '')}")
        self._open[token.text] = token
        return token

    def close(self, token: TaskToken) -> None:
        self._open.pop(token.text, None)
        self._closed.add(token.text)

    def answer(self, text: str, outcome: Any) -> None:
        """SendTaskSuccess or SendTaskFailure: the task goes on, in this instant. AwsError if it does not wait."""
        if not self.waiting(text).answered.fire(outcome):
            raise _too_late()

    def waiting(self, text: str) -> TaskToken:
        """The token of a task that waits. AwsError TaskTimedOut when it does no more, InvalidToken for any other text.

        The words of TaskTimedOut are AWS's, to a token whose task had timed out (several public logs agree); that an
        aborted execution's token gets the same answer follows from the API reference: "The task token has either
        expired or the task associated with the token has already been closed."
        """
        if text in self._open:
            return self._open[text]
        if text in self._closed:
            raise _too_late()
        raise AwsError(SERVICE, "InvalidToken", "Invalid Token: 'Invalid token'")


def _too_late() -> AwsError:
    return AwsError(SERVICE, "TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
