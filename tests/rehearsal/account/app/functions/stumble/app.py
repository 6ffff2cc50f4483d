from typing import Any


def handler(event: dict[str, str], context: Any) -> None:
    raise KeyError(event["missing"])
