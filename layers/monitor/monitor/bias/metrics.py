"""Clarify's bias metrics, each a function of counts, with an interval.

Facet d is the group that the facet's values or threshold name; facet a is everybody else. Formulas, one page a metric:
docs sagemaker/latest/dg/clarify-measure-data-bias and clarify-measure-post-training-bias (pages
``clarify-data-bias-metric-*``, ``clarify-bias-metric-class-imbalance``, ``clarify-post-training-bias-metric-*``). Where
the pages are silent (0/0, an empty group, a label that only one group has), it is as in the library that Clarify
publishes: github.com/aws/amazon-sagemaker-clarify, ``smclarify/bias/metrics``.

The counterfactual flip test (FT) is left out: it looks for each person's nearest neighbours in the other group, so it
needs all rows at once. It is no function of counts, and shards of the data could not be merged.

The monitor's rule (``is_worse``): docs clarify-model-monitor-bias-drift-violations. A violation is a value farther from
0 than the baseline's, on either side ("-0.3 … farther from 0 than the baseline constraint of 0.2"; a recorded output of
AWS has DCR -0.077 against 0.028: amazon-sagemaker-examples, sm-clarify_model_bias_monitor_for_endpoint_json). The page
says nothing of DI, where 1 means no bias: here its distance is that of its logarithm from 0, so 0.5 is as bad as 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, sqrt

from monitor import intervals
from monitor.bias.counts import Counts, Side, UndefinedMetricError, need_both_groups
from monitor.bias.distances import divergence, jensen_shannon, kullback_leibler, largest_gap, total_variation
from monitor.intervals import Estimate, logarithm, minus, proportion

PRE_TRAINING, POST_TRAINING = "pre_training_bias_metrics", "post_training_bias_metrics"
WITHOUT_FLIP_TEST = "FT needs the nearest neighbours of each row, and counts have none; leave FT out of methods."


def class_imbalance(counts: Counts, z: float) -> Estimate:
    """CI = (na - nd) / (na + nd); Wilson's interval of d's share."""
    a, d = sum(counts.a), sum(counts.d)
    need_both_groups(a, d, "records")
    share = proportion(d, a + d, z)
    return Estimate((a - d) / (a + d), 1.0 - 2.0 * share.high, 1.0 - 2.0 * share.low)


Shares = Callable[[Side], tuple[int, int]]


def _shares(
    part: Shares, what: str, of: Callable[[Side], int], d_minus_a: bool = False
) -> Callable[[Counts, float], Estimate]:
    """A metric that is the difference of a share between the groups; Newcombe's interval."""

    def metric(counts: Counts, z: float) -> Estimate:
        need_both_groups(of(counts.a), of(counts.d), what)
        a, d = proportion(*part(counts.a), z), proportion(*part(counts.d), z)
        return minus(d, a) if d_minus_a else minus(a, d)

    return metric


def disparate_impact(counts: Counts, z: float) -> Estimate:
    """DI = q'd / q'a; log ratio interval."""
    (hits, total), (base_hits, base_total) = counts.d.predicted(), counts.a.predicted()
    need_both_groups(base_total, total, "predictions")
    return intervals.ratio(hits, total, base_hits, base_total, z)


def treatment_equality(counts: Counts, z: float) -> Estimate:
    """TE = FNd/FPd - FNa/FPa; Wilson's intervals of FN/(FN+FP), combined by MOVER."""
    need_both_groups(counts.a.judged(), counts.d.judged(), "records with label and prediction")
    return minus(intervals.odds(counts.d.fn, counts.d.fp, z), intervals.odds(counts.a.fn, counts.a.fp, z))


def conditional_acceptance(counts: Counts, z: float) -> Estimate:
    """DCA (DCAcc) = na(1)/n'a(1) - nd(1)/n'd(1); log ratio intervals, combined by MOVER."""
    a, d = counts.a, counts.d
    need_both_groups(a.judged(), d.judged(), "records with label and prediction")
    return minus(intervals.paired_ratio(a.tp, a.fn, a.fp, z), intervals.paired_ratio(d.tp, d.fn, d.fp, z))


def conditional_rejection(counts: Counts, z: float) -> Estimate:
    """DCR = nd(0)/n'd(0) - na(0)/n'a(0); log ratio intervals, combined by MOVER."""
    a, d = counts.a, counts.d
    need_both_groups(a.judged(), d.judged(), "records with label and prediction")
    return minus(intervals.paired_ratio(d.tn, d.fp, d.fn, z), intervals.paired_ratio(a.tn, a.fp, a.fn, z))


def generalized_entropy(counts: Counts, z: float) -> Estimate:
    """GE (alpha 2) of the benefit b = y' - y + 1: (mean(b^2) / mean(b)^2 - 1) / 2; delta method. No facet."""
    side = counts.a.plus(counts.d)
    total = side.judged()
    if total == 0:
        raise UndefinedMetricError("No record has both label and prediction.")
    benefits = ((0.0, side.fn / total), (1.0, (side.tp + side.tn) / total), (2.0, side.fp / total))
    mean, square = sum(b * share for b, share in benefits), sum(b * b * share for b, share in benefits)
    if mean == 0.0:
        raise UndefinedMetricError("Every prediction is a false negative.")
    value = (square / mean**2 - 1.0) / 2.0
    slopes = ((share, (b * b - square) / (2.0 * mean**2) - square / mean**3 * (b - mean)) for b, share in benefits)
    half = z * sqrt(sum(share * slope**2 for share, slope in slopes) / total)
    return Estimate(value, max(0.0, value - half), value + half)


def _disparity(part: Shares) -> Callable[[Counts, float], Estimate]:
    """CDD = sum(n_i DD_i) / n over the strata, DD_i = nd_i(0)/n_i(0) - nd_i(1)/n_i(1); Newcombe, MOVER."""

    def metric(counts: Counts, z: float) -> Estimate:
        if not counts.strata:
            raise UndefinedMetricError("Write group_variable: a column whose values are the strata.")
        strata = [(part(a), part(d)) for a, d in counts.strata]
        accepted = sum(a[0] + d[0] for a, d in strata)
        total = sum(a[1] + d[1] for a, d in strata)
        if accepted in (0, total):
            raise UndefinedMetricError(f"There are no {'positive' if accepted == 0 else 'negative'} outcomes.")
        return intervals.weighted_mean((a[1] + d[1], _stratum(a, d, z)) for a, d in strata)

    return metric


def _stratum(a: tuple[int, int], d: tuple[int, int], z: float) -> Estimate:
    rejected, rejected_d = a[1] - a[0] + d[1] - d[0], d[1] - d[0]
    return minus(proportion(rejected_d, rejected, z), proportion(d[0], a[0] + d[0], z))


@dataclass(frozen=True)
class Metric:
    """A metric of the table. ``needs``: what a row must have to count: "", "prediction", "label" or "both"."""

    description: str
    stage: str
    needs: str
    of: Callable[[Counts, float], Estimate]


def _precision(side: Side) -> tuple[int, int]:
    return side.tp, side.tp + side.fp


def _rejection(side: Side) -> tuple[int, int]:
    return side.tn, side.tn + side.fn


def _recall(side: Side) -> tuple[int, int]:
    return side.tp, side.tp + side.fn


def _specificity(side: Side) -> tuple[int, int]:
    return side.tn, side.tn + side.fp


def _accuracy(side: Side) -> tuple[int, int]:
    return side.tp + side.tn, side.judged()


_BOTH = ("records with label and prediction", Side.judged)

METRICS = {
    "CI": Metric("Class Imbalance (CI)", PRE_TRAINING, "", class_imbalance),
    "DPL": Metric(
        "Difference in Positive Proportions in Labels (DPL)",
        PRE_TRAINING,
        "label",
        _shares(Side.observed, "labels", lambda side: side.observed()[1]),
    ),
    "KL": Metric("Kullback-Liebler Divergence (KL)", PRE_TRAINING, "label", kullback_leibler),
    "JS": Metric("Jensen-Shannon Divergence (JS)", PRE_TRAINING, "label", jensen_shannon),
    "LP": Metric("L-p Norm (LP)", PRE_TRAINING, "label", divergence),
    "TVD": Metric("Total Variation Distance (TVD)", PRE_TRAINING, "label", total_variation),
    "KS": Metric("Kolmogorov-Smirnov Distance (KS)", PRE_TRAINING, "label", largest_gap),
    "CDDL": Metric(
        "Conditional Demographic Disparity in Labels (CDDL)", PRE_TRAINING, "label", _disparity(Side.observed)
    ),
    "DPPL": Metric(
        "Difference in Positive Proportions in Predicted Labels (DPPL)",
        POST_TRAINING,
        "prediction",
        _shares(Side.predicted, "predictions", lambda side: side.predicted()[1]),
    ),
    "DI": Metric("Disparate Impact (DI)", POST_TRAINING, "prediction", disparate_impact),
    "CDDPL": Metric(
        "Conditional Demographic Disparity in Predicted Labels (CDDPL)",
        POST_TRAINING,
        "prediction",
        _disparity(Side.predicted),
    ),
    "AD": Metric("Accuracy Difference (AD)", POST_TRAINING, "both", _shares(_accuracy, *_BOTH)),
    "DAR": Metric("Difference in Acceptance Rates (DAR)", POST_TRAINING, "both", _shares(_precision, *_BOTH)),
    "DRR": Metric(
        "Difference in Rejection Rates (DRR)", POST_TRAINING, "both", _shares(_rejection, *_BOTH, d_minus_a=True)
    ),
    "RD": Metric("Recall Difference (RD)", POST_TRAINING, "both", _shares(_recall, *_BOTH)),
    "SD": Metric("Specificity Difference (SD)", POST_TRAINING, "both", _shares(_specificity, *_BOTH, d_minus_a=True)),
    "TE": Metric("Treatment Equality (TE)", POST_TRAINING, "both", treatment_equality),
    "DCA": Metric("Difference in Conditional Acceptance (DCA)", POST_TRAINING, "both", conditional_acceptance),
    "DCR": Metric("Difference in Conditional Rejection (DCR)", POST_TRAINING, "both", conditional_rejection),
    "GE": Metric("Generalized Entropy (GE)", POST_TRAINING, "both", generalized_entropy),
}
"""Every metric under Clarify's short name, with Clarify's description."""


def from_no_bias(name: str, estimate: Estimate) -> Estimate:
    """How far a metric is from "no bias": value, at least, at most. DI on the log scale, all others as they are."""
    value, low, high = (logarithm(x) for x in estimate) if name == "DI" else estimate
    return Estimate(abs(value), max(0.0, low, -high), max(-low, high))


def is_worse(name: str, now: Estimate, baseline: Estimate, tolerance: float = 0.0) -> bool:
    """Whether a metric is proven to be farther from "no bias" than in the baseline (see the module's docstring).

    A baseline without an interval (``low == value == high``, as Clarify writes it) is a fixed limit: the whole interval
    of the metric must lie beyond it. A baseline with an interval is uncertain as well: MOVER compares the two.
    ``tolerance``: by how much a metric may be worse; of DI, on the log scale.
    """
    here, there = from_no_bias(name, now), from_no_bias(name, baseline)
    if not isfinite(there.high):
        return False
    return minus(here, there).low > tolerance
