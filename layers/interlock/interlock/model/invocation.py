"""How requests reach the containers of a model that has several."""

from __future__ import annotations

SERIAL, DIRECT = "Serial", "Direct"
"""They pass through all of them in order, or reach the one that they name (botocore InferenceExecutionConfig.Mode;
Serial is the default, docs: multi-container-create)."""
