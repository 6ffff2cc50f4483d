"""Reads attributes of a ledger item as DynamoDB has it. An item may be damaged, so nothing here raises."""

from __future__ import annotations

from interlock.model.request import Request


def text(item: Request, name: str) -> str:
    """An attribute of type S; empty if it is missing or of another type."""
    return str((item.get(name) or {}).get("S", ""))


def number(item: Request, name: str) -> int:
    """An attribute of type N; 0 if it is missing or no whole number."""
    written = str((item.get(name) or {}).get("N", ""))
    return int(written) if written.isdecimal() else 0
