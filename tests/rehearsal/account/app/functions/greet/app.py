import os
from typing import Any

from words import polite  # type: ignore[import-not-found]


def handler(event: dict[str, str], context: Any) -> dict[str, str]:
    print(f"greeting {event['name']}")
    return {"greeting": polite(event["name"]), "table": os.environ["TABLE"], "request": context.aws_request_id}
