"""Judge a new version against the live one."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.retrainings import CompareModelsTask, compare_models
from interlock.retraining.gate import Judged

logger = Logger()


@logger.inject_lambda_context
def handler(event: CompareModelsTask, context: LambdaContext) -> Judged:
    return compare_models(event)
