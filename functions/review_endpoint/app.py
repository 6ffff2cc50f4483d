"""Say whether an endpoint could be started again."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.review import Review, ReviewTask, review_endpoint

logger = Logger()


@logger.inject_lambda_context
def handler(event: ReviewTask, context: LambdaContext) -> Review:
    return review_endpoint(event)
