"""Decide what follows from a signal."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.remedies import RemedyTask, decide_remedy
from interlock.remedies.decide import Answer

logger = Logger()


@logger.inject_lambda_context
def handler(event: RemedyTask, context: LambdaContext) -> Answer:
    return decide_remedy(event)
