"""The metrics of an evaluation report that Interlock knows: which direction is better, and of what they are a share.

Names as in Model Monitor's statistics (AWS documentation, model-monitor-model-quality-metrics). For a metric that is
not here, higher is better unless the rule says ``lower_is_better``.
"""

from __future__ import annotations

LOWER_IS_BETTER = frozenset(
    "mae mse rmse mape smape log_loss brier error_rate false_positive_rate false_negative_rate".split()
)

SHARES: dict[str, tuple[str, ...]] = {
    "accuracy": ("tp", "fp", "tn", "fn"),
    "recall": ("tp", "fn"),
    "true_positive_rate": ("tp", "fn"),
    "false_negative_rate": ("tp", "fn"),
    "precision": ("tp", "fp"),
    "true_negative_rate": ("tn", "fp"),
    "false_positive_rate": ("tn", "fp"),
}
"""Metrics that are a share of records, and the cells of the confusion matrix that these records lie in."""

BIAS_WITHOUT_DIFFERENCE = {"DI": 1.0}
"""The value of a bias metric when there is no bias, where this is not zero: DI is a ratio (AWS documentation,
clarify-post-training-bias-metric-di)."""


def lower_is_better(metric: str) -> bool:
    """Whether a smaller value of ``metric`` is the better one."""
    return metric in LOWER_IS_BETTER
