def handler(event, context):
    raise KeyError(event["missing"])
