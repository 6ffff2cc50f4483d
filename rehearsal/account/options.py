"""What AWS's documentation leaves open about every service alike: one named choice each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Options:
    """`filtered_lists`: a list that is filtered on the server begins with a "full" page, or with an "empty" one and a
    NextToken: "it is possible for the response to contain no items and a NextToken" (docs: ssm GetParametersByPath;
    other services say nothing of it, and do not rule it out)."""

    filtered_lists: Literal["full", "empty"] = "full"
