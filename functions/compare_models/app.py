"""Judge a new version against the live one."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.retrainings import CompareModelsTask, Comparison, compare_models

logger = Logger()


@logger.inject_lambda_context
def handler(event: CompareModelsTask, context: LambdaContext) -> Comparison:
    return compare_models(event)
