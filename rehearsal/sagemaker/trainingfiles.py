"""The container of a training job: its folders and environment, its script run really, and what it leaves.

Layout and environment: docs your-algorithms-training-algo-running-container; aws/sagemaker-training-toolkit (SM_*
variables, sagemaker_program, sagemaker_submit_directory). The script runs in this process (programs.py) and finds its
folders by ML_ROOT and the SM_* variables.
"""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from rehearsal.account.gateway import NotSimulated
from rehearsal.models.packing import pack
from rehearsal.sagemaker import programs
from rehearsal.sagemaker.jobfiles import lay_out
from rehearsal.sagemaker.spot import interrupting_second_write
from rehearsal.sagemaker.storage import Storage

Request = Mapping[str, Any]


@dataclass(frozen=True)
class Trained:
    """What a script left: model.tar.gz, or why it failed; `slept`: how many seconds it waited."""

    model: bytes
    failure: str
    slept: float


def train(
    request: Request,
    arn: str,
    storage: Storage,
    now: float,
    modules: Mapping[str, ModuleType],
    interrupt: bool,
) -> Trained:
    """Run the script of a job at `now` (virtual epoch seconds). `interrupt`: take the instance away when it writes a
    second checkpoint. Raises SpotInterrupted; NoInput and AwsError when the container cannot be filled."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-training-") as folder:
        root = Path(folder)
        kept = request.get("CheckpointConfig", {}).get("S3Uri", "")
        command, environment = _fill(request, arn, root, kept, storage)
        try:
            with interrupting_second_write(root / "checkpoints") if interrupt else nullcontext():
                ended = programs.run(command, root, environment, now, modules)
        finally:  # SageMaker copies checkpoints to S3 while the job runs (docs: model-checkpoints)
            for name, body in _contents(root / "checkpoints").items() if kept else ():
                bucket, prefix = split(kept)
                storage.write(request["RoleArn"], bucket, f"{prefix}/{name}", body)
        said = (ended.log.strip().splitlines() or [""])[-1]
        failure = f'AlgorithmError: ExecuteUserScriptError:\nExitCode {ended.exit_code}\nErrorMessage "{said}"'
        return Trained(pack(_contents(root / "model")), failure if ended.exit_code else "", ended.slept)


def split(url: str) -> tuple[str, str]:
    """Bucket and key of an s3:// URL."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return bucket, key.rstrip("/")


def _fill(request: Request, arn: str, root: Path, kept: str, storage: Storage) -> tuple[list[str], dict[str, str]]:
    """The folders of the container; its command and its environment."""
    role, written = request["RoleArn"], request.get("HyperParameters", {})
    given = {name: _decoded(value) for name, value in written.items()}
    if "sagemaker_program" not in given or "sagemaker_submit_directory" not in given:
        raise NotSimulated(f"{arn}: a training image's own program; script mode is (sagemaker_program)")
    for folder in ("model", "output/data", "code", "input/config", "checkpoints"):
        (root / folder).mkdir(parents=True)
    (root / "input/config/hyperparameters.json").write_text(json.dumps(written), encoding="utf-8")
    channels = {each["ChannelName"]: each["DataSource"]["S3DataSource"] for each in request.get("InputDataConfig", [])}
    sources = {f"{programs.ML}/input/data/{name}": source["S3Uri"] for name, source in channels.items()}
    if kept and storage.keys(role, *split(kept)):
        sources[f"{programs.ML}/checkpoints"] = kept
    inputs = [{"S3Input": {"LocalPath": to, "S3Uri": url, "S3DataType": "S3Prefix"}} for to, url in sources.items()]
    lay_out(root, {"RoleArn": role, "ProcessingInputs": inputs}, storage, ["algo-1"], "algo-1", arn)
    submitted = storage.read(role, *split(given["sagemaker_submit_directory"]))
    with tarfile.open(fileobj=io.BytesIO(submitted), mode="r:gz") as archive:
        archive.extractall(root / "code", filter="data")
    environment = {
        "SM_MODEL_DIR": str(root / "model"),
        "SM_OUTPUT_DATA_DIR": str(root / "output/data"),
        "SM_HPS": json.dumps(given),
        "SM_CURRENT_HOST": "algo-1",
        "SM_HOSTS": '["algo-1"]',
        "TRAINING_JOB_NAME": request["TrainingJobName"],
        **{f"SM_CHANNEL_{name.upper()}": str(root / "input/data" / name) for name in channels},
        **request.get("Environment", {}),
    }
    own = {name: value for name, value in given.items() if not name.startswith("sagemaker_")}
    arguments = [part for name, value in own.items() for part in (f"--{name}", str(value))]
    return ["python3", f"{programs.ML}/code/{given['sagemaker_program']}", *arguments], environment


def _contents(folder: Path) -> dict[str, bytes]:
    """The files under a folder, by their path in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _decoded(value: str) -> Any:
    """A hyperparameter as the toolkit reads it: JSON where it is JSON, else text (sagemaker-training-toolkit)."""
    try:
        return json.loads(value)
    except ValueError:
        return value
