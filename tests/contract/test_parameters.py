"""What `sam deploy --guided` asks for: no answer that is empty or malformed is taken, and no tracked file is written.

The guided questions check nothing (samcli/commands/deploy/guided_context.py, prompt_parameters: whatever was typed,
else the default, else an empty text), so the template has to.
"""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from rehearsal.stack.intrinsics import TemplateError, parameter_values
from tests.contract.documents import ROOT, template

PARAMETERS: dict[str, Any] = template()["Parameters"]
ROLE, BUCKET = "arn:aws:iam::123456789012:role/service/models", "models-123456789012"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:train"
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:check"
NEEDED = {"ModelExecutionRoleArn": ROLE, "ArtifactBucket": BUCKET}

TAKEN: dict[str, list[str]] = {
    "ModelExecutionRoleArn": [ROLE, "arn:aws-us-gov:iam::123456789012:role/models"],
    "ArtifactBucket": [BUCKET, "my.models"],
    "NoticeEmail": ["", "ml-team@example.com"],
    "StewardRate": ["rate(1 minute)", "rate(5 minutes)", "rate(59 minutes)", "rate(1 hour)", "rate(24 hours)"],
    "LogRetentionDays": ["1", "90", "3653"],
    "MonitorRetentionDays": ["2", "90", "3650"],
    "BatchFolder": ["", "b", "batch", "teams/churn_1/batch"],
    "MultiModelFolder": ["", "m", "multi-model", "teams/churn_1/models"],
    "ModelMonitorBucket": ["", BUCKET],
    "MonitorsInVpc": ["false", "true"],
    "KeyArns": ["", KEY, f"{KEY},{KEY}"],
    "TrainingRoleArn": ["", ROLE],
    "RetrainingStateMachineArn": ["", MACHINE],
    "GateFunctionArns": ["", FUNCTION, f"{FUNCTION},{FUNCTION}:live"],
    "GateStateMachineArns": ["", MACHINE, f"{MACHINE},{MACHINE}"],
}
REFUSED: dict[str, list[str]] = {
    "ModelExecutionRoleArn": [
        "",
        "models",
        "arn:aws:iam::123456789012:user/me",
        f"{ROLE} ",
        "arn:aws:iam::1:role/models",
    ],
    "ArtifactBucket": ["", "s3://models", "Models", "models/churn", "m", f" {BUCKET}"],
    "NoticeEmail": ["none", "ml-team", "a b@example.com", "a@example"],
    "StewardRate": [
        "",
        "5 minutes",
        "rate(5)",
        "rate(5 minute)",
        "rate(1 minutes)",
        "rate(2 days)",
        "cron(0 9 * * ? *)",
    ],
    "LogRetentionDays": ["", "100", "0", "-1", "ninety"],
    "MonitorRetentionDays": ["", "0", "1", "-5", "4000", "ninety"],
    "BatchFolder": ["/", "/batch", "batch/", "s3://bucket/batch", "two words"],
    "MultiModelFolder": ["/", "/models", "models/", "s3://bucket/models", "two words"],
    "ModelMonitorBucket": ["s3://monitor", "Monitor", "monitor/results"],
    "MonitorsInVpc": ["", "yes", "True"],
    "KeyArns": ["none", "alias/mine", f"{KEY},alias/mine", f"{KEY};{KEY}"],
    "TrainingRoleArn": ["none", "training"],
    "RetrainingStateMachineArn": ["none", "train", f"{MACHINE}:1"],
    "GateFunctionArns": ["none", "check", f"{FUNCTION};{FUNCTION}", f"{FUNCTION},{MACHINE}"],
    "GateStateMachineArns": ["none", "check", f"{MACHINE}:1", f"{MACHINE},{FUNCTION}"],
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_says_what_it_is_and_what_is_wrong(name: str) -> None:
    about = PARAMETERS[name]
    assert about["Description"]
    assert about["ConstraintDescription"]
    assert {"AllowedPattern", "AllowedValues", "MinValue"} & set(about), "it takes anything"


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in PARAMETERS for value in TAKEN[name]])
def test_what_is_right_is_taken(name: str, value: str) -> None:
    parameter_values(PARAMETERS, NEEDED | {name: value})


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in PARAMETERS for value in REFUSED[name]])
def test_what_is_empty_or_malformed_is_refused_in_words(name: str, value: str) -> None:
    with pytest.raises(TemplateError) as refusal:
        parameter_values(PARAMETERS, NEEDED | {name: value})
    assert PARAMETERS[name]["ConstraintDescription"] in str(refusal.value)


def test_what_was_answered_is_saved_in_a_file_that_git_ignores() -> None:
    made = subprocess.run(["make", "--dry-run", "deploy"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    (saved,) = re.findall(r"sam deploy --guided --config-file (\S+)", made)
    assert f"cp samconfig.toml {saved}" in made, "SAM takes a name only if the file exists"
    assert saved in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
