"""Compile policy and observed facts into a plan."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.delivery.planner import PlanTask, plan_delivery
from interlock.model.plan import PlanDocument

logger = Logger()


@logger.inject_lambda_context
def handler(event: PlanTask, context: LambdaContext) -> PlanDocument:
    return plan_delivery(event)
