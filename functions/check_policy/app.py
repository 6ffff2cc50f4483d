"""Validate a policy and choose the one in force."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.policy.in_force import CheckPolicyTask, PolicyInForce, check_policy

logger = Logger()


@logger.inject_lambda_context
def handler(event: CheckPolicyTask, context: LambdaContext) -> PolicyInForce:
    return check_policy(event)
