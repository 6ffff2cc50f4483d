from __future__ import annotations

from typing import Any

import pytest

from interlock.execution.objects import left_out, why_unread

URI = "s3://models/churn/8/evaluation.json"


@pytest.mark.parametrize(
    ("content_range", "left"),
    [("bytes 0-39999/123456", 83456), ("bytes 0-99/100", 0), ("", 0), ("bytes */0", 0), ("bytes 0-9/*", 0)],
)
def test_what_was_not_read_is_counted(content_range: str, left: int) -> None:
    assert left_out({"text": "", "range": content_range}) == left


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"found": {"text": "{}", "range": "bytes 0-1/2"}}, ""),
        (
            {"found": {"text": "{", "range": "bytes 0-39999/52318"}},
            f"{URI} is too long: it has 52,318 bytes, and Interlock reads 40,000 bytes of a file.",
        ),
        ({"error": "S3.NoSuchKeyException", "cause": "x"}, f"{URI} could not be read (S3.NoSuchKeyException)."),
        ({}, f"{URI} could not be read (no reason was given)."),
    ],
)
def test_why_a_file_cannot_be_used_is_a_sentence(answer: dict[str, Any], why: str) -> None:
    assert why_unread(URI, answer) == why
