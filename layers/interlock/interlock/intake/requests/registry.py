"""Everything that a person may ask for: ``{"action": "promote", "endpoint": "churn"}``."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from interlock.intake.commands import Command
from interlock.intake.requests.about_endpoint import ABORT, APPROVE, PAUSE, PROMOTE, RESUME
from interlock.intake.requests.about_freezes import FREEZE, UNFREEZE
from interlock.intake.requests.about_leftovers import LIST_LEFTOVERS
from interlock.intake.requests.about_live import HISTORY, ROLL_BACK, STATUS
from interlock.intake.requests.about_retraining import RETRAIN, WEIGH
from interlock.intake.requests.about_version import DRY_RUN, LIFT_QUARANTINE, RELEASE
from interlock.intake.requests.asking import Action
from interlock.model.fields import PATTERNS_IN_WORDS

_ALL: tuple[Action[Any], ...] = (
    PROMOTE,
    PAUSE,
    RESUME,
    ABORT,
    APPROVE,
    ROLL_BACK,
    RELEASE,
    DRY_RUN,
    LIFT_QUARANTINE,
    RETRAIN,
    WEIGH,
    FREEZE,
    UNFREEZE,
    STATUS,
    HISTORY,
    LIST_LEFTOVERS,
)

ACTIONS: dict[str, Action[Any]] = {each.action: each for each in _ALL}
"""By the word that asks for them."""


class UnusableRequestError(ValueError):
    """A request that names no action or an unknown one, or whose fields do not fit. The text says what would be
    right."""


def read_request(asked: dict[str, Any], now: str = "") -> Command:
    """The command for the request of a person, made ``now`` (ISO 8601; empty if nobody knows). Raises
    UnusableRequestError."""
    action = asked.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        raise UnusableRequestError(f"action: {action!r} is not one of {', '.join(ACTIONS)}.{_hint(action)}")
    try:
        return ACTIONS[action].command(asked, now)
    except ValidationError as error:
        raise UnusableRequestError(f"{_problems(error)} For {action} write: {example(action)}") from None


def _hint(action: object) -> str:
    from difflib import get_close_matches  # only a mistyped action pays for it

    close = get_close_matches(str(action), ACTIONS, 1)
    return f" Did you mean {close[0]}?" if close else ""


def _problems(error: ValidationError) -> str:
    said = []
    for problem in error.errors():
        field = ".".join(str(part) for part in problem["loc"])
        words = {
            "extra_forbidden": "no such field",
            "missing": "this field is required",
            "string_pattern_mismatch": PATTERNS_IN_WORDS.get(problem.get("ctx", {}).get("pattern", "")),
        }.get(problem["type"])
        said.append(": ".join(filter(None, (field, words or problem["msg"].removeprefix("Value error, ")))) + ".")
    return " ".join(said)


def example(action: str) -> str:
    """A complete request for ``action``."""
    return "{" + ", ".join(filter(None, (f'"action": "{action}"', ACTIONS[action].example))) + "}"
