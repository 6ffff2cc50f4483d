"""Judge the measurements of a bake."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from interlock.evidence.judge import judge
from interlock.evidence.looks import Judgement, Look

logger = Logger()


@logger.inject_lambda_context
def handler(event: Look, context: LambdaContext) -> Judgement:
    return judge(event)
