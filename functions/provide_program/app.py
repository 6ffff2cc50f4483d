"""Answer the text of the monitors' program."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from monitor.bundle import Program, ProgramTask, provide_program

logger = Logger()


@logger.inject_lambda_context
def handler(event: ProgramTask, context: LambdaContext) -> Program:
    return provide_program(event)
