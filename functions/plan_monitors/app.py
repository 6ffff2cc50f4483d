"""Plan the jobs that watch an endpoint."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.monitors import MonitorsTask, plan_monitors
from interlock.monitoring.plan import MonitorPlan

logger = Logger()


@logger.inject_lambda_context
def handler(event: MonitorsTask, context: LambdaContext) -> MonitorPlan:
    return plan_monitors(event)
