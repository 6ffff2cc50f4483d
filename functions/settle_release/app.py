"""Name the ending of a release."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.settlement import Ending, Settled, settle_release

logger = Logger()


@logger.inject_lambda_context
def handler(event: Ending, context: LambdaContext) -> Settled:
    return settle_release(event)
