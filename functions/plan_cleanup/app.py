"""Find what nothing needs any more."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.cleanup import Cleanup, CleanupTask, plan_cleanup

logger = Logger()


@logger.inject_lambda_context
def handler(event: CleanupTask, context: LambdaContext) -> Cleanup:
    return plan_cleanup(event)
