"""Find the leases of dead executions."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.reconciliation import ReconcileLeasesTask, Reconciliation, reconcile_leases

logger = Logger()


@logger.inject_lambda_context
def handler(event: ReconcileLeasesTask, context: LambdaContext) -> Reconciliation:
    return reconcile_leases(event)
