"""The example pipeline in the whole simulated account: its S3, its gateway, its bus, the customers of scenarios."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rehearsal.models import artifact, customers
from rehearsal.sagemaker.containers import Containers
from rehearsal.sagemaker.pipelines.example import install
from rehearsal.world import BUCKET, MODEL_ROLE, REGION, new_world
from tests.rehearsal.sagemaker.example_pipeline import TOKEN, monitor_text


def test_a_retrained_version_serves_drifted_customers_far_better_than_the_old_one(tmp_path: Path) -> None:
    world = new_world(datetime(2026, 1, 5, 9, tzinfo=UTC), 1, {})
    program = tmp_path / "monitor.py"
    program.write_text(monitor_text(), encoding="utf-8")
    install(world.ask, REGION, "--bucket", BUCKET, "--role", MODEL_ROLE, "--monitor", str(program))
    drifted = customers.make_training_csv(3000, 3, "prices")
    world.ask("s3", "PutObject", Bucket=BUCKET, Key="churn-train/data/customers.csv", Body=drifted)
    world.ask("s3", "PutObject", Bucket=BUCKET, Key="old.tar.gz", Body=artifact("churn-old"))
    execution = world.ask(
        "sagemaker",
        "StartPipelineExecution",
        PipelineName="churn-train",
        ClientRequestToken=TOKEN,
        PipelineParameters=[
            {"Name": "ChampionVersion", "Value": "7"},
            {"Name": "ChampionModelData", "Value": f"s3://{BUCKET}/gone.tar.gz"},
        ],
    )["PipelineExecutionArn"]
    world.clock.run(world.clock.now + 7200)
    rows = customers.rows("prices")[:2000]

    def right(url: str) -> float:
        bucket, _, key = url.removeprefix("s3://").partition("/")
        read = lambda bucket, key: bytes(world.ask("s3", "GetObject", Bucket=bucket, Key=key)["Body"])  # noqa: E731
        answers = Containers(read).start("AllTraffic", f"s3://{bucket}/{key}").answer_rows([row.body for row in rows])
        return sum(row.agrees(each.body.decode()) for row, each in zip(rows, answers, strict=True)) / len(rows)

    described = world.ask("sagemaker", "DescribePipelineExecution", PipelineExecutionArn=execution)
    assert described["PipelineExecutionStatus"] == "Succeeded"
    (summary,) = world.ask("sagemaker", "ListModelPackages", ModelPackageGroupName="churn")["ModelPackageSummaryList"]
    package = world.ask("sagemaker", "DescribeModelPackage", ModelPackageName=summary["ModelPackageArn"])
    new = right(package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])
    assert new > right(f"s3://{BUCKET}/old.tar.gz") + 0.15
    assert world.sagemaker.processing is not None
    (log,) = [job.log for job in world.sagemaker.processing.jobs.values() if "the champion" in job.log]
    assert "NoSuchKey" in log, "the job's role may read the bucket, and nothing is there"
    told = [each["detail"] for each in world.bus.published if "Pipeline Execution Status" in each["detail-type"]]
    assert [each["currentPipelineExecutionStatus"] for each in told] == ["Executing", "Succeeded"]
