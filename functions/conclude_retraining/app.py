"""Say what the end of a retraining means."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.retraining.outcome import Ended, EndTask, conclude_retraining

logger = Logger()


@logger.inject_lambda_context
def handler(event: EndTask, context: LambdaContext) -> Ended:
    return conclude_retraining(event)
