"""The job: reads its folders, runs one kind of monitor, writes its files and a message.

Local paths of a processing job: API reference, CreateProcessingJob; the exit message is /opt/ml/output/message (API
reference, DescribeProcessingJob, ExitMessage: at most 1 KB).
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

from monitor.baseline_files import Baseline, read_baseline_files
from monitor.config import Config, ConfigFault, UnusableSettingsError, read_config
from monitor.kinds import KINDS, Kind, kind
from monitor.problems import Problems
from monitor.reading.capture import Chunk, read_capture, read_training
from monitor.results import JUDGED, Results

MESSAGE = 1024


@dataclass
class Job:
    """``records``: rows that were read, or that the shards read. ``faulty``: files of the baseline that cannot be."""

    root: Path
    config: Config
    kind: Kind
    problems: Problems
    hosts: tuple[str, list[str]]
    records: int = 0
    faulty: list[str] = field(default_factory=list)

    @property
    def inputs(self) -> Path:
        return self.root / "processing/input"

    @property
    def output(self) -> Path:
        return self.root / "processing/output"


def main(root: Path | None = None) -> int:
    """Runs the job under ``root`` (default: the environment variable ML_ROOT, else /opt/ml). 0, unless it could not
    run at all."""
    root = root or Path(os.environ.get("ML_ROOT", "/opt/ml"))
    try:
        said = _run(root)
    except ConfigFault as fault:
        return _failed(root, f"Failed: {fault}")
    except Exception as fault:
        traceback.print_exc()
        return _failed(root, f"Failed: {type(fault).__name__}: {fault}")
    _message(root, said)
    print(said)
    return 0


def _run(root: Path) -> str:
    path = root / "processing/input/config/config.json"
    if not path.is_file():
        raise ConfigFault("there is no config.json")
    config = read_config(path.read_bytes())
    if config.kind not in KINDS:
        raise ConfigFault(f"config.json: kind is not one of {', '.join(KINDS)}")
    job = Job(root, config, kind(config.kind), Problems(), _hosts(root))
    if config.task == "run" and len(job.hosts[1]) > 1:
        job.config = replace(config, task="summarise")
    job.output.mkdir(parents=True, exist_ok=True)
    return TASKS[job.config.task](job)


def _run_all(job: Job) -> str:
    found = _baseline_files(job)
    return _judged(job, _summarised(job, found), found)


def _merge(job: Job) -> str:
    found = _baseline_files(job)
    shards = [_shard(path) for path in sorted((job.inputs / "summaries").rglob("summary-*.json"))]
    if not shards:
        raise ConfigFault("there are no summaries to merge")
    absent = {host for shard in shards for host in shard["hosts"]} - {shard["host"] for shard in shards}
    if absent:
        raise ConfigFault(f"the summary of {', '.join(sorted(absent))} is missing, so the window is not whole")
    job.problems = Problems.merged([job.problems.to_json(), *(shard["problems"] for shard in shards)])
    job.records = sum(shard["records"] for shard in shards)
    return _judged(job, job.kind.merge([shard["summary"] for shard in shards]), found)


def _shard(path: Path) -> dict[str, Any]:
    try:
        shard = json.loads(path.read_bytes())
        if isinstance(shard, dict) and {"host", "hosts", "problems", "records", "summary"} <= shard.keys():
            return shard
    except ValueError:
        pass
    raise ConfigFault(f"{path.name} is not a summary, so the window is not whole")


def _summarise(job: Job) -> str:
    summary = _summarised(job, _baseline_files(job))
    host, hosts = job.hosts
    whole = {"host": host, "hosts": hosts, "records": job.records, "problems": job.problems.to_json()}
    _write(job.output / f"summary-{host}.json", whole | {"summary": summary})
    return f"Completed: {job.records} records are summarised on {host}."


def _baseline(job: Job) -> str:
    training = job.inputs / "training"
    if any(training.rglob("*.csv")):
        chunks, source = read_training(training, job.problems), "training data"
    else:
        chunks, source = read_capture(job.inputs / "capture", job.config, job.problems), "capture"
    summary = _read_through(job, _counted(job, chunks), job.config)
    if not job.records:
        found = Results({}, [], "TooThin", f"The {source} has no rows, so there is no baseline.")
    else:
        try:
            files = job.kind.baseline(summary, job.config)
        except UnusableSettingsError as fault:
            found = Results({}, [], "Unusable", str(fault))
        else:
            found = Results(files, [], "Completed", f"A baseline of {job.records} rows of the {source} is written.")
    return _written(job, found)


TASKS = {"run": _run_all, "merge": _merge, "summarise": _summarise, "baseline": _baseline}


def _summarised(job: Job, baseline: Baseline) -> dict[str, Any]:
    config = replace(job.config, columns=job.config.columns or _names(baseline))
    chunks = _counted(job, read_capture(job.inputs / "capture", config, job.problems))
    return _read_through(job, chunks, config)


def _names(baseline: Baseline) -> tuple[str, ...] | None:
    """The columns of the baseline, in order: those of a CSV request when nobody configured them, as with Model
    Monitor."""
    for file in ("statistics.json", "constraints.json"):
        entries = baseline.get(file, {}).get("features")
        given = [entry.get("name") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
        names = [name for name in given if isinstance(name, str)]
        if names and len(set(names)) == len(given):
            return tuple(names)
    return None


def _read_through(job: Job, chunks: Iterator[Chunk], config: Config) -> dict[str, Any]:
    """The summary of the chunks; those that a kind leaves, as its settings cannot be used, are counted too."""
    summary = job.kind.summarise(chunks, config, job.problems, job.inputs)
    for _ in chunks:
        pass
    return summary


def _counted(job: Job, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    for chunk in chunks:
        job.records += len(chunk.inputs)
        yield chunk


def _baseline_files(job: Job) -> Baseline:
    found, job.faulty = read_baseline_files(job.inputs, job.config, job.problems)
    return found


def _judged(job: Job, summary: dict[str, Any], baseline: Baseline) -> str:
    found = job.kind.results(summary, baseline, job.config)
    if found.status == "Completed" and job.faulty:
        # What it would have been compared with was not there, so that there are no violations says little.
        sentence = f"The baseline cannot be read: {', '.join(job.faulty)}. Name its files in the package, or make one."
        found = replace(found, status="NoBaseline", sentence=sentence)
    if found.status in JUDGED:
        _write(job.output / "constraint_violations.json", {**job.kind.ABOUT_VIOLATIONS, "violations": found.violations})
    return _written(job, found)


def _written(job: Job, found: Results) -> str:
    for name, document in found.files.items():
        _write(job.output / name, document)
    config = job.config
    _write(
        job.output / "result.json",
        {
            "status": found.status,
            "sentence": found.sentence,
            "records": job.records,
            "problems": job.problems.report(),
            "notes": job.problems.notes(),
            "details": found.details,
            "window": config.window,
            "version": config.version,
            "kind": config.kind,
            "monitor": config.monitor,
            "endpoint": config.endpoint,
            "task": config.task,
        },
    )
    return f"{found.status}: {found.sentence}"


def _hosts(root: Path) -> tuple[str, list[str]]:
    """This host, and all of the job (SageMaker writes config/resourceconfig.json)."""
    try:
        document = json.loads((root / "config/resourceconfig.json").read_bytes())
        return str(document["current_host"]), [str(host) for host in document["hosts"]]
    except (OSError, ValueError, KeyError, TypeError):
        return "algo-1", ["algo-1"]


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(_plain(document), allow_nan=False) + "\n", encoding="utf-8")


def _plain(value: Any) -> Any:
    """JSON has no infinities: they become text, as Model Monitor writes "NaN"."""
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):  # a number of numpy
        value = value.item()
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    return value


def _failed(root: Path, said: str) -> int:
    _message(root, said)
    print(said, file=sys.stderr)
    return 1


def _message(root: Path, said: str) -> None:
    folder = root / "output"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "message").write_bytes(said.encode("utf-8")[:MESSAGE].decode("utf-8", "ignore").encode("utf-8"))


if __name__ == "__main__":
    sys.exit(main())
