"""Find what has happened to a lease, and to the version that is being released."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.reconciliation import LeaseReconciled, LeaseTask, reconcile_lease

logger = Logger()


@logger.inject_lambda_context
def handler(event: LeaseTask, context: LambdaContext) -> LeaseReconciled:
    return reconcile_lease(event)
