"""Plan what an endpoint with a live version needs now."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.upkeep import Upkeep, UpkeepTask, plan_upkeep

logger = Logger()


@logger.inject_lambda_context
def handler(event: UpkeepTask, context: LambdaContext) -> Upkeep:
    return plan_upkeep(event)
