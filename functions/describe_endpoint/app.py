"""Say what the ledger knows of an endpoint."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.description import Described, DescriptionTask, describe_endpoint

logger = Logger()


@logger.inject_lambda_context
def handler(event: DescriptionTask, context: LambdaContext) -> Described:
    return describe_endpoint(event)
