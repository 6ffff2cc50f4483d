"""An account with a bucket and the role of a processing job; and the simplest job."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from rehearsal.account.gateway import Gateway
from rehearsal.account.iam import Iam
from rehearsal.aws import Caller
from rehearsal.clock import Clock
from rehearsal.cloudwatch import CloudWatch
from rehearsal.sagemaker import Options, SageMaker
from rehearsal.sagemaker.storage import RoleStorage
from rehearsal.services import stores
from rehearsal.services.autoscaling import Autoscaling
from rehearsal.services.events import Events
from rehearsal.services.s3 import S3
from tests.rehearsal.sagemaker.account import ACCOUNT, IMAGE, PERSON, REGION, START

BUCKET, CODE = "monitoring", "programs/abc/monitor.py"
INPUT, OUTPUT = "/opt/ml/processing/input", "/opt/ml/processing/output"
SETUP = """
import json, os, pathlib, sys
ML = pathlib.Path(os.environ["ML_ROOT"])
inputs, output, message = ML / "processing/input", ML / "processing/output", ML / "output/message"
"""
TRUST = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
MAY = [
    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{BUCKET}"},
    {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"},
    {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/results/*"},
    {
        "Effect": "Allow",
        "Action": [
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:BatchGetImage",
            "ecr:GetDownloadUrlForLayer",
        ],
        "Resource": "*",
    },
    {
        "Effect": "Allow",
        "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:*:*:log-group:/aws/sagemaker/ProcessingJobs*",
    },
]


@dataclass
class Jobs:
    options: Options = field(default_factory=Options)

    def __post_init__(self) -> None:
        self.clock = Clock(START, seed=1)
        stores.fresh(self.clock)
        self.iam = Iam(ACCOUNT)
        self.gateway = Gateway(self.clock, REGION, ACCOUNT, self.iam)
        self.bus = Events(self.gateway)
        s3 = S3(self.gateway.place, self.iam, self.bus.emit)
        cloudwatch = CloudWatch(self.clock, self.bus.emit, REGION, ACCOUNT)
        self.sagemaker = SageMaker(
            self.clock, self.bus.emit, REGION, ACCOUNT,
            read_object=s3.read,
            alarm_state=cloudwatch.state_of,
            publish=cloudwatch.publish,
            autoscaling=Autoscaling(self.clock, REGION, ACCOUNT),
            options=self.options,
            storage=RoleStorage(self.gateway, self.iam, s3),
            call=self.gateway.call,
            assumable=lambda role: self.iam.may_assume(role, "sagemaker.amazonaws.com", {}),
        )  # fmt: skip
        for name, service in {
            "s3": s3,
            "sagemaker": self.sagemaker,
            "sagemaker-runtime": self.sagemaker.runtime,
        }.items():
            self.gateway.register(name, service)
        self.role = self.iam.put_role("monitor", {"Statement": TRUST}).arn
        self.iam.put_policy(self.role, "s3", {"Statement": MAY})
        self.ask("s3", "CreateBucket", Bucket=BUCKET)
        self.put("input/one.txt", "1")

    def ask(self, service: str, operation: str, caller: Caller = PERSON, **request: Any) -> Any:
        return self.gateway.call(caller, service, operation, request)

    def put(self, key: str, body: str) -> None:
        self.ask("s3", "PutObject", Bucket=BUCKET, Key=key, Body=body.encode())

    def text(self, key: str) -> str:
        return str(self.ask("s3", "GetObject", Bucket=BUCKET, Key=key)["Body"].decode())

    def listed(self, prefix: str = "results/") -> list[str]:
        return [
            each["Key"] for each in self.ask("s3", "ListObjectsV2", Bucket=BUCKET, Prefix=prefix).get("Contents", [])
        ]

    def start(self, program: str, name: str = "job", caller: Caller = PERSON, **changes: Any) -> None:
        """Creates a job that runs this program on s3://monitoring/input/."""
        self.put(CODE, program)
        self.ask("sagemaker", "CreateProcessingJob", caller, **{**self.request(name), **changes})

    def request(self, name: str = "job", instances: int = 1) -> dict[str, Any]:
        return {
            "ProcessingJobName": name,
            "RoleArn": self.role,
            "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": ["python3", f"{INPUT}/code/monitor.py"]},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": instances, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 10}
            },
            "ProcessingInputs": [given("code", CODE), given("data", "input/")],
            "ProcessingOutputConfig": {"Outputs": [taken("results")]},
        }

    def ran(self, program: str, **changes: Any) -> dict[str, Any]:
        """The description of a job after ten minutes."""
        self.start(program, **changes)
        self.wait(10)
        return self.described()

    def described(self, name: str = "job") -> dict[str, Any]:
        return dict(self.ask("sagemaker", "DescribeProcessingJob", ProcessingJobName=name))

    def log(self, name: str = "job") -> str:
        assert self.sagemaker.processing is not None
        return self.sagemaker.processing.jobs[name].log

    def wait(self, minutes: float) -> None:
        self.clock.run(self.clock.now + 60 * minutes)

    def told(self) -> list[dict[str, Any]]:
        kind = "SageMaker Processing Job State Change"
        return [json.loads(json.dumps(each))["detail"] for each in self.bus.published if each["detail-type"] == kind]


def given(name: str, key: str, **more: str) -> dict[str, Any]:
    where = {
        "S3Uri": f"s3://{BUCKET}/{key}",
        "LocalPath": f"{INPUT}/{name}",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    return {"InputName": name, "S3Input": {**where, **more}}


def taken(key: str) -> dict[str, Any]:
    where = {"S3Uri": f"s3://{BUCKET}/{key}", "LocalPath": OUTPUT, "S3UploadMode": "EndOfJob"}
    return {"OutputName": "results", "S3Output": where}
