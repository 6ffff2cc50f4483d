"""The account with examples/pipeline in it: its scripts, its definition, customers to train on."""

from __future__ import annotations

import runpy
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from botocore import xform_name

import monitor.bundle
from rehearsal.sagemaker import Options
from rehearsal.sagemaker.pipelines.example import FOLDER, install
from tests.rehearsal.sagemaker.account import REGION, ROLE
from tests.rehearsal.sagemaker.jobs_account import JobsAccount

NAME = "churn-train"
TOKEN = "t" * 32


@cache
def monitor_text() -> str:
    """The monitor in one file. Its limit is that of a state's payload; here it is only uploaded."""
    with patch.object(monitor.bundle, "LIMIT", 10_000_000):
        return monitor.bundle.bundle()


@cache
def customers(rows: int, seed: int = 0, turned: bool = False) -> bytes:
    """A CSV file. `turned`: what made people stay makes them leave."""
    made = runpy.run_path(str(FOLDER / "sample_data.py"))["customers"](rows, seed)
    if turned:
        made["churned"] = 1 - made["churned"]
    return bytes(made.to_csv(index=False).encode())


class ExampleAccount(JobsAccount):
    """`start(**parameters)` starts an execution; `run` also waits until it is over."""

    def __init__(self, tmp_path: Path, options: Options | None = None, *flags: str) -> None:
        super().__init__(options or Options())
        self.objects["models", "churn-train/data/customers.csv"] = customers(1500)
        program = tmp_path / "monitor.py"
        program.write_text(monitor_text(), encoding="utf-8")
        self.arguments = ("--bucket", "models", "--role", ROLE, "--monitor", str(program), *flags)
        self.install()

    def install(self) -> str:
        return install(self.ask, REGION, *self.arguments)

    def ask(self, service: str, operation: str, **request: Any) -> Any:
        if service == "s3":
            self.objects[request["Bucket"], request["Key"]] = request["Body"]
            return {}
        return self.call(xform_name(operation), **request)

    def read(self, bucket: str, key: str) -> bytes:
        return self.objects[bucket, key]

    def start(self, token: str = TOKEN, **parameters: str) -> str:
        given = [{"Name": name, "Value": value} for name, value in parameters.items()]
        request = {"PipelineName": NAME, "PipelineParameters": given, "ClientRequestToken": token}
        return str(self.call("start_pipeline_execution", **request)["PipelineExecutionArn"])

    def run(self, **parameters: str) -> Any:
        """The description of an execution that is over."""
        arn = self.start(f"{len(self.events):032d}", **parameters)
        self.wait(90)
        return self.execution(arn)

    def execution(self, arn: str) -> Any:
        return self.call("describe_pipeline_execution", PipelineExecutionArn=arn)

    def steps(self, arn: str) -> dict[str, Any]:
        listed = self.call("list_pipeline_execution_steps", PipelineExecutionArn=arn, SortOrder="Ascending")
        return {step["StepName"]: step for step in listed["PipelineExecutionSteps"]}

    def packages(self) -> list[Any]:
        """The versions that are registered, the oldest first."""
        listed = self.call("list_model_packages", ModelPackageGroupName="churn", SortOrder="Ascending")
        arns = [each["ModelPackageArn"] for each in listed["ModelPackageSummaryList"]]
        return [self.call("describe_model_package", ModelPackageName=arn) for arn in arns]
