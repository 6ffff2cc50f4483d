"""What the flagship rehearsal costs: seconds once its models are trained, and the most memory it ever took.

Run it with ``python -m bench.flagship``; with ``--json`` it prints one JSON object.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rehearsal import models
from rehearsal.playing import rehearse
from rehearsal.scenario.reading import read_scenario

SCENARIO = Path(__file__).parents[1] / "scenarios/flagship.yaml"
SECONDS, MEGABYTES = 10.0, 500.0
"""What it may cost after training."""


@dataclass(frozen=True)
class Cost:
    """Wall seconds of training and of everything after it, and what was served for them."""

    training_seconds: float
    seconds: float
    peak_megabytes: float
    virtual_hours: float
    requests: int


def measure() -> Cost:
    """Train, then play the flagship, in this process."""
    began = time.perf_counter()
    models.rows()
    for kind in models.KINDS:
        models.artifact(kind)
    trained = time.perf_counter()
    result = rehearse(read_scenario(SCENARIO), SCENARIO.parent).result
    return Cost(
        training_seconds=trained - began,
        seconds=time.perf_counter() - trained,
        peak_megabytes=peak_megabytes(),
        virtual_hours=(result.ended - result.started) / 3600,
        requests=sum(minute.requests for minute in result.minutes),
    )


def peak_megabytes() -> float:
    """The most resident memory that this program has had.

    Linux says it of the program alone (VmHWM in KiB: proc_pid_status(5)). getrusage(2) also counts what the parent had
    when it started this one; it is asked where there is no such file, on macOS, which counts in bytes.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


def main() -> None:
    """Prints what it cost beside what it may cost."""
    cost = measure()
    if "--json" in sys.argv:
        print(json.dumps(asdict(cost)))
        return
    print(f"Flagship rehearsal, Python {sys.version.split()[0]}")
    print(f"  {'training':<28}{cost.training_seconds:7.1f} s")
    print(f"  {'everything after it':<28}{cost.seconds:7.1f} s    (limit {SECONDS:.0f} s)")
    print(f"  {'most memory':<28}{cost.peak_megabytes:7.0f} MB   (limit {MEGABYTES:.0f} MB)")
    rate = cost.requests / cost.virtual_hours / 3600
    print(
        f"  {'really served':<28}{cost.requests:7,} requests in {cost.virtual_hours:.1f} virtual hours ({rate:.1f}/s)"
    )


if __name__ == "__main__":
    main()
