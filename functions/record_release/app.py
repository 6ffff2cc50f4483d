"""Plan what a package says of the release that made it live."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.recording import Live, Recorded, record_release

logger = Logger()


@logger.inject_lambda_context
def handler(event: Live, context: LambdaContext) -> Recorded:
    return record_release(event)
