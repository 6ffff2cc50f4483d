"""Decide what follows from a signal."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.responses import Response, ResponseTask, respond_to_signal

logger = Logger()


@logger.inject_lambda_context
def handler(event: ResponseTask, context: LambdaContext) -> Response:
    return respond_to_signal(event)
