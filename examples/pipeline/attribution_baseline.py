"""Makes the baseline of feature attribution with Interlock's monitor, which asks the new model without an endpoint.

The monitor asks the endpoint that it watches. A model that was just trained has none yet, so this script loads
model.tar.gz and answers in the endpoint's place; everything else is the monitor's own.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import runpy
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path


def local_model(archive: Path, folder: Path) -> Callable[[str], str]:
    """Body of a request to body of the response, by the serving script in model.tar.gz."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder)  # our own archive of the step before
    spec = importlib.util.spec_from_file_location("inference", folder / "code/inference.py")
    if spec is None or spec.loader is None:
        raise SystemExit("model.tar.gz holds no code/inference.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    model = script.model_fn(str(folder))

    def answer(body: str) -> str:
        return str(script.output_fn(script.predict_fn(script.input_fn(body.encode(), "text/csv"), model), "text/csv"))

    return answer


def main() -> None:
    root = Path(os.environ.get("ML_ROOT", "/opt/ml"))
    inputs = root / "processing/input"
    answer = local_model(inputs / "model/model.tar.gz", root / "processing/model")
    runpy.run_path(str(inputs / "monitor/monitor.py"), run_name="bundle")  # from now on its modules can be imported
    attribution = importlib.import_module("monitor.attribution.kind")
    attribution.endpoint = lambda config, settings: answer  # type: ignore[attr-defined]
    sys.exit(importlib.import_module("monitor.__main__").main(root))


if __name__ == "__main__":
    main()
