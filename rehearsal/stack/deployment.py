"""A stack while it is being created: what the creator of every resource works with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rehearsal.account.gateway import Gateway
from rehearsal.account.shapes import coerce, operation_model
from rehearsal.aws import Caller
from rehearsal.services.functions import Lambda

CLOUDFORMATION = Caller("cloudformation.amazonaws.com")

Properties = Mapping[str, Any]
Created = tuple[str, dict[str, str]]  # what Ref gives, and what GetAtt gives by attribute


class Deployment:
    """The template's folder, the account, and the names and calls of one stack; `layers` are folders by layer ARN."""

    def __init__(self, folder: Path, name: str, gateway: Gateway, functions: Lambda) -> None:
        self.folder = folder
        self.name = name
        self.gateway = gateway
        self.iam = gateway.iam
        self.place = gateway.place
        self.functions = functions
        self.layers: dict[str, Path] = {}

    def physical_name(self, logical_id: str) -> str:
        """The name CloudFormation makes up: stack, logical id, and twelve characters; the same every time."""
        digest = hashlib.sha256(f"{self.name}/{logical_id}".encode()).hexdigest()[:12]
        return f"{self.name}-{logical_id}-{digest}"

    def call(self, service: str, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Make an API call as CloudFormation; text that stands for numbers and booleans is coerced first."""
        shape = operation_model(service, operation).input_shape
        return self.gateway.call(CLOUDFORMATION, service, operation, coerce(shape, request))
