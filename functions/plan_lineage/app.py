"""Plan what SageMaker's lineage says of a retraining or a release."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.lineage import Lineage, Progress, plan_lineage

logger = Logger()


@logger.inject_lambda_context
def handler(event: Progress, context: LambdaContext) -> Lineage:
    return plan_lineage(event)
