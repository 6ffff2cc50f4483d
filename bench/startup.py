"""What each function costs to start, as a multiple of what any function with one pydantic model costs.

Run it with ``make bench``. Times are of the imports alone, inside a fresh interpreter and in CPU time. They still
differ by some 10 % on a busy machine, so the test counts calls of functions instead of seconds.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
LAYERS = [str(ROOT / "layers/interlock"), str(ROOT / "layers/monitor")]
LIMIT = 2.0
"""How many times the baseline's seconds a function may cost to start."""

CALLS_LIMIT = 2.5
"""How many times the baseline's calls a function may make to start. A function at 2.0 of the seconds makes about 2.4 of
the calls."""

BASELINE = """
import pydantic

class Model(pydantic.BaseModel):
    name: str
"""

TIMED = """
import sys, time
sys.path[:0] = {paths!r}
start = time.process_time()
{imports}
print(time.process_time() - start)
"""

COUNTED = """
import sys
sys.path[:0] = {paths!r}
calls = 0

def count(frame, event, argument):
    global calls
    calls += event in ("call", "c_call")

sys.setprofile(count)
{imports}
sys.setprofile(None)
print(calls)
"""


def programs(form: str) -> dict[str, str]:
    """The baseline, named "", and a program per function that imports it as Lambda does: module ``app``, its folder and
    the layers on the path."""
    paths = sorted((ROOT / "functions").glob("*/app.py"))
    return {"": form.format(paths=[], imports=BASELINE)} | {
        path.parent.name: form.format(paths=[str(path.parent), *LAYERS], imports="import app") for path in paths
    }


def calls() -> dict[str, float]:
    """The calls that each function makes to start, as a multiple of the baseline's. Load does not change it."""
    with tempfile.TemporaryDirectory() as cache:
        for _ in range(2):  # The first fills the cache of byte code.
            made = {name: _run(program, cache) for name, program in programs(COUNTED).items()}
    baseline = made.pop("")
    return {name: count / baseline for name, count in made.items()}


def medians(timed: Mapping[str, str], rounds: int) -> dict[str, float]:
    """CPU seconds that each program says it took, the median of ``rounds`` fresh interpreters.

    The programs take turns, so that a slow moment of the machine meets all of them. A first round, which fills a cache
    of byte code of their own, does not count.
    """
    taken: dict[str, list[float]] = {name: [] for name in timed}
    with tempfile.TemporaryDirectory() as cache:
        for turn in range(rounds + 1):
            for name, program in timed.items():
                seconds = _run(program, cache)
                if turn:
                    taken[name].append(seconds)
    return {name: statistics.median(times) for name, times in taken.items()}


def _run(program: str, cache: str) -> float:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment |= {"PYTHONPYCACHEPREFIX": cache, "POWERTOOLS_SERVICE_NAME": "interlock", "AWS_REGION": "us-east-1"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    return float(done.stdout)


def ratios(rounds: int) -> tuple[float, dict[str, float]]:
    """The baseline in seconds, and what each function costs as a multiple of it."""
    taken = medians(programs(TIMED), rounds)
    baseline = taken.pop("")
    return baseline, {name: seconds / baseline for name, seconds in taken.items()}


def main(rounds: int = 15) -> None:
    """Prints a line per function."""
    baseline, found = ratios(rounds)
    print(f"Start-up (imports, CPU time), median of {rounds} fresh interpreters, Python {sys.version.split()[0]}")
    print(f"  {'import pydantic, one model':<28}{baseline * 1000:7.1f} ms")
    for name, ratio in found.items():
        print(f"  {name:<28}{ratio * baseline * 1000:7.1f} ms{ratio:7.2f} x   (limit {LIMIT:.0f} x)")


if __name__ == "__main__":
    main()
