"""Say what an error means for the release."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.failures import FailedStep, WhatNext, interpret_failure

logger = Logger()


@logger.inject_lambda_context
def handler(event: FailedStep, context: LambdaContext) -> WhatNext:
    return interpret_failure(event)
