import os

from words import polite


def handler(event, context):
    print(f"greeting {event['name']}")
    return {"greeting": polite(event["name"]), "table": os.environ["TABLE"], "request": context.aws_request_id}
