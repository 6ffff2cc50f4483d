"""What a job's program can see and change of the process that it runs in."""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import timedelta
from pathlib import Path

import numpy as np

from rehearsal import models
from tests.rehearsal.sagemaker.account import ACCOUNT, IMAGE, REGION, ROLE, variant
from tests.rehearsal.sagemaker.jobs import SETUP, Jobs, given


def test_a_run_leaves_no_trace_in_the_rehearsal() -> None:
    jobs = Jobs()
    before = dict(os.environ), list(sys.path), list(sys.argv), Path.cwd(), set(sys.modules)
    state, drawn = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]
    program = (
        SETUP
        + """
import random, sys, os, types, time, warnings
import numpy as np
random.seed(1); np.random.seed(1); warnings.simplefilter("error")
sys.path.append("/nowhere"); sys.argv.append("more"); os.environ["LEFT"] = "behind"; os.chdir("/")
sys.modules["leftover"] = types.ModuleType("leftover"); time.sleep = None
"""
    )
    assert jobs.ran(program)["ProcessingJobStatus"] == "Completed", jobs.log()
    assert before == (dict(os.environ), list(sys.path), list(sys.argv), Path.cwd(), set(sys.modules))
    assert random.getstate() == state and np.random.get_state()[1].tolist() == drawn  # type: ignore[index]
    assert time.sleep is not None and "rehearsal" in sys.modules


def test_a_program_finds_none_of_this_projects_modules() -> None:
    jobs = Jobs()
    jobs.ran("import rehearsal")
    assert "No module named 'rehearsal'" in jobs.log()


CALL = """
import boto3
from botocore.exceptions import ClientError
CUSTOMER = "1,60.0,1,45,12.0,300,0,monthly,north,card"
runtime = boto3.client("sagemaker-runtime")
for name in ("churn", "nobody"):
    try:
        answer = runtime.invoke_endpoint(EndpointName=name, Body=CUSTOMER, ContentType="text/csv")
        print(float(answer["Body"].read()) > 0.5)
    except ClientError as refused:
        print(refused.response["Error"]["Code"])
"""


def test_a_program_can_ask_an_endpoint_as_far_as_its_role_may() -> None:
    jobs = Jobs()
    jobs.ask("s3", "CreateBucket", Bucket="models")
    jobs.ask("s3", "PutObject", Bucket="models", Key="churn", Body=models.artifact("churn-old"))
    container = {"Image": IMAGE, "ModelDataUrl": "s3://models/churn"}
    jobs.ask("sagemaker", "CreateModel", ModelName="m", PrimaryContainer=container, ExecutionRoleArn=ROLE)
    jobs.ask("sagemaker", "CreateEndpointConfig", EndpointConfigName="c", ProductionVariants=[variant(model="m")])
    jobs.ask("sagemaker", "CreateEndpoint", EndpointName="churn", EndpointConfigName="c")
    jobs.wait(10)
    jobs.start(CALL, name="denied")
    jobs.wait(10)
    endpoint = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/churn"
    may = {"Effect": "Allow", "Action": "sagemaker:InvokeEndpoint", "Resource": endpoint}
    jobs.iam.put_policy(jobs.role, "ask", {"Statement": may})
    jobs.start(CALL, name="allowed")
    jobs.wait(10)
    assert jobs.log("denied").split() == ["AccessDeniedException", "AccessDeniedException"]
    assert jobs.log("allowed").split() == ["True", "AccessDeniedException"]


def test_two_programs_do_not_share_a_module() -> None:
    jobs = Jobs()
    for number in (1, 2):
        jobs.put("programs/abc/part.py", f"NUMBER = {number}")
        jobs.start(
            "import part; print(part.NUMBER)", name=f"job-{number}", ProcessingInputs=[given("code", "programs/abc/")]
        )
        jobs.wait(10)
    assert [jobs.log(f"job-{number}").strip() for number in (1, 2)] == ["1", "2"]


def test_sleeping_takes_virtual_time_only() -> None:
    jobs = Jobs()
    began = time.monotonic()
    jobs.ran("import time\nbegan = time.monotonic()\nwhile time.monotonic() < began + 120: time.sleep(1)")
    assert time.monotonic() - began < 60
    about = jobs.described()
    assert about["ProcessingEndTime"] - about["ProcessingStartTime"] == timedelta(minutes=3)
