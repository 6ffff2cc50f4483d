"""Turn an event into a command."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.intake.commands import Command
from interlock.intake.routing import route_event

logger = Logger()


@logger.inject_lambda_context
def handler(event: object, context: LambdaContext) -> Command:
    return route_event(event)
