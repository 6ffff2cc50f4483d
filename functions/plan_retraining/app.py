"""Plan how a retraining starts."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.retrainings import PlanRetrainingTask, plan_retraining
from interlock.retraining.plan import RetrainingPlan

logger = Logger()


@logger.inject_lambda_context
def handler(event: PlanRetrainingTask, context: LambdaContext) -> RetrainingPlan:
    return plan_retraining(event)
