"""Find approvals that were not heard of or led to no decision, and signals whose execution was stopped."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.approvals import VersionsReconciled, VersionsTask, reconcile_versions

logger = Logger()


@logger.inject_lambda_context
def handler(event: VersionsTask, context: LambdaContext) -> VersionsReconciled:
    return reconcile_versions(event)
