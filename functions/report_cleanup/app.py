"""Say what a clean-up deleted and kept."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.execution.cleanup_report import CleanupEnd, CleanupReport, report_cleanup

logger = Logger()


@logger.inject_lambda_context
def handler(event: CleanupEnd, context: LambdaContext) -> CleanupReport:
    return report_cleanup(event)
