"""Decide what happens at the entrance of a stage."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.entrance import Entrance, EntranceTask, enter_stage

logger = Logger()


@logger.inject_lambda_context
def handler(event: EntranceTask, context: LambdaContext) -> Entrance:
    return enter_stage(event)
