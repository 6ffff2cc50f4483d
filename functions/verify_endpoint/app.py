"""Say whether the endpoint is what was asked for."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.verdicts import Verified
from interlock.execution.verification import Verification, verify_endpoint

logger = Logger()


@logger.inject_lambda_context
def handler(event: Verification, context: LambdaContext) -> Verified:
    return verify_endpoint(event)
