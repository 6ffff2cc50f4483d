"""What a person may ask for: ``{"action": "promote", "endpoint": "churn"}``."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from interlock.model.fields import LAST_VERSION, PATTERNS_IN_WORDS, SageMakerName
from interlock.model.plan import Request


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    action: str
    because: Annotated[str, Field(max_length=500)] = ""
    """Why, in the person's words; it goes to the journal."""


class AboutEndpoint(_Asked):
    """Steers the release that holds an endpoint."""

    endpoint: SageMakerName


class AboutVersion(_Asked):
    """Names a version of a group."""

    group: SageMakerName
    version: Annotated[int, Field(ge=1, le=LAST_VERSION)]


ACTIONS: dict[str, type[_Asked]] = {
    "promote": AboutEndpoint,
    "pause": AboutEndpoint,
    "resume": AboutEndpoint,
    "abort": AboutEndpoint,
    "release": AboutVersion,
    "dry_run": AboutVersion,
    "lift_quarantine": AboutVersion,
}


class UnusableRequestError(ValueError):
    """A request that names no action, an unknown one, or fields that do not fit it; the text says what would be
    right."""


def read_request(asked: Request) -> _Asked:
    """The request of a person. Raises UnusableRequestError."""
    action = asked.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        close = get_close_matches(str(action), ACTIONS, 1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise UnusableRequestError(f"action: {action!r} is not one of {', '.join(ACTIONS)}.{hint}")
    try:
        return ACTIONS[action].model_validate(asked)
    except ValidationError as error:
        raise UnusableRequestError(f"{_problems(error)} For {action} write: {example(action)}") from None


def _problems(error: ValidationError) -> str:
    said = []
    for problem in error.errors():
        field = ".".join(str(part) for part in problem["loc"])
        words = {
            "extra_forbidden": "no such field",
            "missing": "this field is required",
            "string_pattern_mismatch": PATTERNS_IN_WORDS.get(problem.get("ctx", {}).get("pattern", "")),
        }.get(problem["type"])
        said.append(f"{field}: {words or problem['msg']}.")
    return " ".join(said)


def example(action: str) -> str:
    """A complete request for ``action``."""
    fields = {AboutEndpoint: '"endpoint": "churn"', AboutVersion: '"group": "churn", "version": 7'}
    return f'{{"action": "{action}", {fields[ACTIONS[action]]}}}'
