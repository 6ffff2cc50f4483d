"""How long the program takes for many captured records, and how much memory: really written, really read, in a fresh
process."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.evidence.table import Row, Table
from bench.monitor.rates import COLUMNS, draw
from monitor.bundle import bundle

RECORDS = (250_000, 500_000, 1_000_000)
SECONDS, GIGABYTES = 60.0, 2.0
GROWTH = 1.3
"""Seconds of the processor a record, beside those at 250,000 records: no more than so many times as long is called
linear."""

A_FILE = 25_000


SETTINGS: dict[str, dict[str, Any]] = {
    "data_quality": {},
    "model_quality": {"problem": "binary_classification"},
    "bias": {"facets": [{"name": COLUMNS[-1], "values": ["a"]}, {"name": COLUMNS[0], "threshold": 0}]},
}


def write(root: Path, seed: int, records: int, task: str, kind: str = "data_quality") -> None:
    """A capture of CSV requests of 20 features, as SageMaker writes it. Kinds that need labels have one a record."""
    window = {"start": "2026-01-05T00:00:00Z", "end": "2026-01-06T00:00:00Z"}
    config = {"kind": kind, "task": task, "columns": COLUMNS, "window": window, "min_records": 200}
    config["settings"] = SETTINGS[kind]
    _put(root / "processing/input/config/config.json", json.dumps(config))
    chance = np.random.default_rng([seed, records])
    for number in range(records // A_FILE):
        lines = draw(chance, A_FILE).to_csv(index=False, header=False).splitlines()
        hour = f"{number % 24:02}"
        scores = [f"{score:.4f}" for score in chance.beta(2, 2, len(lines))]
        text = "".join(_record(data, f"{number}-{place}", hour, scores[place]) for place, data in enumerate(lines))
        _put(root / f"processing/input/capture/bench/AllTraffic/2026/01/05/{hour}/{number:03}.jsonl", text)
        if kind != "data_quality":
            truth = [int(chance.random() < float(score)) for score in scores]
            given = [json.dumps({"event_id": _event(f"{number}-{n}"), "label": label}) for n, label in enumerate(truth)]
            _put(root / f"processing/input/labels/2026/01/06/{number:03}.jsonl", "\n".join(given))


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _event(event: str) -> str:
    return f"aaaaaaaa-bbbb-cccc-{event}"


def _record(data: str, event: str, hour: str, score: str) -> str:
    captured = {
        "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT", "data": data, "encoding": "CSV"},
        "endpointOutput": {"observedContentType": "text/csv", "mode": "OUTPUT", "data": score, "encoding": "CSV"},
    }
    metadata = {"eventId": _event(event), "inferenceTime": f"2026-01-05T{hour}:30:00Z"}
    return json.dumps({"captureData": captured, "eventMetadata": metadata, "eventVersion": "0"}) + "\n"


def measured(root: Path, program: Path) -> tuple[float, float, float]:
    """Seconds of the clock and of the processor, and gigabytes of resident memory at the peak, of one run on one
    core."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, str(program)], env=os.environ | {"ML_ROOT": str(root)} | ONE_CORE, stdout=-3
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError((root / "output/message").read_text())
    return seconds, used.ru_utime + used.ru_stime, _kilobytes(used) / 1e6


ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def _kilobytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / 1024 if sys.platform == "darwin" else used.ru_maxrss


def sizes(seed: int) -> Table:
    """The baseline is made from 25,000 captured records by the program's own task."""
    rows, first = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "monitor.py"
        program.write_text(bundle())
        base = Path(folder) / "base"
        write(base, seed, A_FILE, "baseline")
        measured(base, program)
        for records in RECORDS:
            root = Path(folder) / str(records)
            write(root, seed, records, "run")
            for name in ("statistics.json", "constraints.json"):
                _put(root / "processing/input/baseline" / name, (base / "processing/output" / name).read_text())
            seconds, processor, gigabytes = measured(root, program)
            each = processor / records
            first = first or each
            met = seconds < SECONDS and gigabytes < GIGABYTES and each < GROWTH * first
            cells = (f"{seconds:.1f} s", f"{processor:.1f} s", f"{gigabytes:.2f} GB", f"{1e6 * each:.1f} µs")
            rows.append(Row(f"{records:>9,} records", cells, met))
    return Table(
        f"Captured records of {len(COLUMNS)} features: JSON Lines on disk, files of {A_FILE:,}, read and judged",
        f"under {SECONDS:.0f} s and {GIGABYTES:.0f} GB on one core, and no more than {GROWTH} times as long a record",
        ("clock", "processor", "memory", "a record"),
        tuple(rows),
    )


def labelled(seed: int) -> Table:
    """The kinds that join labels, without a baseline: every metric is computed all the same."""
    rows, records = [], RECORDS[-1]
    for kind in ("model_quality", "bias"):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "monitor.py"
            program.write_text(bundle())
            write(Path(folder), seed, records, "run", kind)
            seconds, processor, gigabytes = measured(Path(folder), program)
            met = seconds < SECONDS and gigabytes < GIGABYTES
            rows.append(Row(kind, (f"{seconds:.1f} s", f"{processor:.1f} s", f"{gigabytes:.2f} GB"), met))
    return Table(
        f"{records:,} captured records of {len(COLUMNS)} features with a label each, joined and computed",
        f"under {SECONDS:.0f} s and {GIGABYTES:.0f} GB on one core",
        ("clock", "processor", "memory"),
        tuple(rows),
    )
