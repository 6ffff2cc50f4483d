"""Deploys the real template into the simulated account: SAM translation, intrinsic functions, and every resource."""

from rehearsal.stack.creation import Resource, Stack, deploy
from rehearsal.stack.intrinsics import TemplateError

__all__ = ["Resource", "Stack", "TemplateError", "deploy"]
