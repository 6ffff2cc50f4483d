"""The parts that several sections of a page share: the signs of verdicts, legends of drawings, and raw records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from typing import Any

from rehearsal.report.result import plain

VERDICTS = {"Pass": ("pass", "✓"), "Fail": ("fail", "✕"), "Error": ("fail", "!"), "Inconclusive": ("unsure", "?")}


def sign(verdict: str) -> tuple[str, str]:
    """The kind of lamp that a verdict has, and the sign in it."""
    return VERDICTS.get(verdict, ("unsure", "?"))


def tone(verdict: str) -> str:
    """The class that colours a verdict's word."""
    return {"pass": "good", "fail": "bad"}.get(sign(verdict)[0], "warn")


def legend(drawing: str, signs: Iterable[tuple[str, str, str, str]]) -> str:
    """The signs that a drawing has, and no others. Each has its text in the drawing, its class and its text in the
    legend, and its meaning."""
    items = "".join(
        f'<li><i class="{key}">{shown}</i>{text}</li>' for found, key, shown, text in signs if found in drawing
    )
    return f'<ul class="legend">{items}</ul>' if items else ""


def record(value: Any, most: int | None = None) -> str:
    """A document as JSON, to be read by people; no more than `most` characters of it if there is a limit."""
    text = json.dumps(plain(value), indent=2, ensure_ascii=False)
    if most is not None and len(text) > most:
        text = f"{text[:most]}\n… and {len(text) - most:,} characters more"
    return f"<pre>{escape(text)}</pre>"
