"""The commands with which a person answers a question, as the notice that asks has them."""

from __future__ import annotations

import json

from interlock.model.request import Request


def how_to_answer(stack: str, approve: Request, abort: Request, package: str, life_cycle: str) -> str:
    """``approve`` and ``abort``: the requests to operate that say yes and no; ``life_cycle``: what says yes in the
    registry if the ``package``, an ARN, gets it, as ``Stage/StageStatus``; empty if nothing does."""
    output = "Stacks[0].Outputs[?OutputKey=='Operate'].OutputValue"
    find = f'aws cloudformation describe-stacks --stack-name {stack} --query "{output}" --output text'
    start = 'aws stepfunctions start-execution --state-machine-arn "$OPERATE" --input'
    lines = [f"OPERATE=$({find})", "To approve:", f"{start} '{json.dumps({'action': 'approve', **approve})}'"]
    if life_cycle:
        stage, _, status = life_cycle.partition("/")
        says = f"--model-life-cycle Stage={stage},StageStatus={status}"
        lines += ["or:", f"aws sagemaker update-model-package --model-package-arn {package} {says}"]
    lines += ["To refuse:", f"{start} '{json.dumps({'action': 'abort', **abort})}'"]
    return "\n".join([*lines, 'You may add "by" and "because" to either input.'])
