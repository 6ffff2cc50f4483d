"""The job: reads its folders, runs one kind of monitor, writes its files and a message.

Local paths of a processing job: API reference, CreateProcessingJob; the exit message is /opt/ml/output/message (API
reference, DescribeProcessingJob, ExitMessage: at most 1 KB).
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from monitor.baseline_files import Baseline, read_baseline_files
from monitor.bias.preparation import prepare
from monitor.config import Config, ConfigFault, UnusableSettingsError, read_config
from monitor.job_files import failed, hosts_of, leave_message, write
from monitor.jobs_before import read_analysis, read_summaries
from monitor.kinds import KINDS, Kind, kind
from monitor.problems import Problems
from monitor.reading.capture import Chunk, read_capture, read_training
from monitor.results import JUDGED, Results


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
        return failed(root, f"Failed: {fault}")
    except Exception as fault:
        traceback.print_exc()
        return failed(root, f"Failed: {type(fault).__name__}: {fault}")
    leave_message(root, said)
    print(said)
    return 0


def _run(root: Path) -> str:
    path = root / "processing/input/config/config.json"
    if not path.is_file():
        raise ConfigFault("there is no config.json")
    config = read_config(path.read_bytes())
    if config.kind not in KINDS:
        raise ConfigFault(f"config.json: kind is not one of {', '.join(KINDS)}")
    job = Job(root, config, kind(config.kind), Problems(), hosts_of(root))
    if config.task == "run" and len(job.hosts[1]) > 1:
        job.config = replace(config, task="summarise")
    job.output.mkdir(parents=True, exist_ok=True)
    return TASKS[job.config.task](job)


def _run_all(job: Job) -> str:
    found = _baseline_files(job)
    return _judged(job, _summarised(job, found), found)


def _merge(job: Job) -> str:
    found = _baseline_files(job)
    shards = read_summaries(job.inputs / "summaries")
    job.problems = Problems.merged([job.problems.to_json(), *(shard["problems"] for shard in shards)])
    job.records = sum(shard["records"] for shard in shards)
    return _judged(job, job.kind.merge([shard["summary"] for shard in shards]), found)


def _summarise(job: Job) -> str:
    _summary(job, _summarised(job, _baseline_files(job)))
    return f"Completed: {job.records} records are summarised on {job.hosts[0]}."


def _summary(job: Job, summary: dict[str, Any]) -> None:
    """Written for the job that follows."""
    host, hosts = job.hosts
    whole = {"host": host, "hosts": hosts, "records": job.records, "problems": job.problems.to_json()}
    write(job.output / f"summary-{host}.json", whole | {"summary": summary})


def _prepare(job: Job) -> str:
    """What Clarify's container needs; the exit message is Completed only if it has something to do."""
    config = replace(job.config, columns=job.config.columns or _names(_baseline_files(job)))
    chunks = _counted(job, read_capture(job.inputs / "capture", config, job.problems))
    made = prepare(chunks, config, job.problems, job.inputs)
    for _ in chunks:
        pass
    _summary(job, made.summary)
    if made.analysis_config is None:
        return f"NothingToAnalyse: {made.hindrance}"
    write(job.output / "config/analysis_config.json", made.analysis_config)
    (job.output / "dataset").mkdir()
    (job.output / "dataset/dataset.csv").write_text(made.dataset, encoding="utf-8")
    return f"Completed: {job.records} records were read, and a dataset for Clarify is written."


def _judge(job: Job) -> str:
    """The values are those of Clarify's container; without them the run has failed."""
    found, (shard,) = _baseline_files(job), read_summaries(job.inputs / "summaries")
    job.problems = Problems.merged([job.problems.to_json(), shard["problems"]])
    job.records = shard["records"]
    summary = dict(shard["summary"])
    if (job.inputs / "analysis").is_dir():
        summary["analysis"] = read_analysis(job.inputs / "analysis")
    return _judged(job, summary, found)


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


TASKS = {
    "run": _run_all,
    "merge": _merge,
    "summarise": _summarise,
    "prepare": _prepare,
    "judge": _judge,
    "baseline": _baseline,
}


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
    for sentence, example in found.problems:
        job.problems.add(sentence, example)
    if found.status == "Completed" and job.faulty:
        # What it would have been compared with was not there, so that there are no violations says little.
        sentence = f"The baseline cannot be read: {', '.join(job.faulty)}. Name its files in the package, or make one."
        found = replace(found, status="NoBaseline", sentence=sentence)
    if found.status in JUDGED:
        write(job.output / "constraint_violations.json", {**job.kind.ABOUT_VIOLATIONS, "violations": found.violations})
    return _written(job, found)


def _written(job: Job, found: Results) -> str:
    for name, document in found.files.items():
        write(job.output / name, document)
    config = job.config
    write(
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


if __name__ == "__main__":
    sys.exit(main())
