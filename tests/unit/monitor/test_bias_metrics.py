"""Each metric equals the examples of Clarify's pages and of its library's tests, and its interval is honest."""

from __future__ import annotations

from math import hypot, inf, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.bias.counts import Counts, Side, UndefinedMetricError
from monitor.bias.metrics import METRICS, from_no_bias, is_worse
from monitor.intervals import Estimate, proportion, quantile

Z = 1.959963984540054


def value(name: str, a: Side, d: Side, **more: object) -> float:
    return METRICS[name].of(Counts(a, d, **more), Z).value  # type: ignore[arg-type]


PAGES = {  # docs: sagemaker/latest/dg/clarify-post-training-bias-metric-<name>, each page's own numbers
    "AD": (Side(60, 10, 20, 10), Side(40, 10, 40, 10), 0.7 - 0.5),
    "DAR": (Side(35, 35, 0, 0), Side(40, 60, 0, 0), 0.10),
    "DRR": (Side(0, 0, 20, 80), Side(0, 0, 10, 40), 0.0),
    "RD": (Side(65, 10, 5, 20), Side(20, 5, 7, 18), 65 / 70 - 20 / 27),
    "SD": (Side(65, 10, 5, 20), Side(20, 5, 7, 18), 0.1159),
    "TE": (Side(80, 6, 8, 6), Side(40, 2, 5, 3), 1.167),
    "DCA": (Side(60, 0, 10, 30), Side(20, 10, 0, 20), 0.5),
    "DCR": (Side(40, 10, 0, 50), Side(10, 10, 0, 30), 0.5),
    "DI": (Side(p1=60, p0=40), Side(p1=50, p0=50), 0.5 / 0.6),
    "DPPL": (Side(p1=60, p0=40), Side(p1=50, p0=50), 0.1),
}


@pytest.mark.parametrize("name", PAGES)
def test_the_example_of_the_metrics_page(name: str) -> None:
    a, d, expected = PAGES[name]
    if name == "DCR":  # 50 of facet a and 40 of facet d were rejected, the model rejected 60 and 30
        a, d = Side(fn=10, tn=50, tp=40), Side(tn=30, fp=10, tp=10)
    assert value(name, a, d) == pytest.approx(expected, abs=5e-4)


def test_kl_of_the_page_is_that_of_approval_rates_of_80_and_30_per_cent() -> None:
    assert value("KL", Side(y1=80, y0=20), Side(y1=30, y0=70)) == pytest.approx(
        0.8 * log(0.8 / 0.3) + 0.2 * log(0.2 / 0.7)
    )


def test_ks_of_the_page_is_that_of_the_most_imbalanced_of_three_labels() -> None:
    shares = {"labels_a": {"no": 40, "wait": 40, "yes": 20}, "labels_d": {"no": 20, "wait": 10, "yes": 70}}
    assert value("KS", Side(y1=20, y0=80), Side(y1=70, y0=30), **shares) == pytest.approx(0.5)
    assert value("TVD", Side(y1=20, y0=80), Side(y1=70, y0=30), **shares) == pytest.approx((0.2 + 0.3 + 0.5) / 2)
    assert value("LP", Side(y1=20, y0=80), Side(y1=70, y0=30), **shares) == pytest.approx(sqrt(0.04 + 0.09 + 0.25))


def test_disparity_of_the_page_is_that_of_college_admissions() -> None:
    """46 % of the rejected and 32 % of the accepted are women."""
    a, d = Side(y1=68, y0=54), Side(y1=32, y0=46)
    assert value("CDDL", a, d, strata=[(a, d)]) == pytest.approx(0.14)


# The rows of the library's own tests (smclarify, tests/unit/bias/metrics/test_metrics.py: dfBinary), facet d is F.
SEX = "MFFMFMFFMMFF"
ACTUAL = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0]
PREDICTED = [1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 0, 0]
LIBRARY = {"CI": -1 / 6, "DI": 10 / 7, "DCA": 1 / 4, "DCR": 1 / 3, "RD": -2 / 3, "SD": 1 / 6, "DRR": 1 / 3} | {
    "AD": -13 / 35,
    "DAR": -1 / 2,
    "TE": -1 / 2,
    "GE": 0.24556213017751485,
}


def side(rows: list[tuple[int, int]]) -> Side:
    return Side(*(rows.count(pair) for pair in ((1, 1), (1, 0), (0, 1), (0, 0))))


@pytest.mark.parametrize("name", LIBRARY)
def test_the_same_as_the_tests_of_clarifys_library(name: str) -> None:
    women, men = (side([(p, y) for s, p, y in zip(SEX, PREDICTED, ACTUAL, strict=True) if s == sex]) for sex in "FM")
    assert value(name, men, women) == pytest.approx(LIBRARY[name])


def test_labels_that_one_group_lacks_are_left_out_as_in_clarifys_library() -> None:
    a, d = Side(y1=2, y0=3), Side(y1=1)  # of the library's test_KL, test_JS, test_LP
    assert value("KL", a, d) == pytest.approx(-0.366516)
    assert value("JS", a, d) == pytest.approx(0.06641431438228168)
    assert value("LP", a, d) == pytest.approx(0.6)


def test_conditional_disparity_of_the_librarys_strata() -> None:
    sex = "MMMFFFFMMMMFMMFMFFMMFMMF"
    label = [0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0]
    stratum = [1, 0, 2, 2, 1, 1, 2, 1, 1, 2, 0, 1, 2, 0, 1, 1, 1, 2, 0, 1, 0, 0, 1, 1]
    rows = list(zip(sex, label, stratum, strict=True))

    def of(who: str, where: int) -> Side:
        return Side(y1=rows.count((who, 1, where)), y0=rows.count((who, 0, where)))

    strata = [(of("M", where), of("F", where)) for where in (0, 1, 2)]
    assert value("CDDL", Side(), Side(), strata=strata) == pytest.approx(0.3982142857)
    assert value("CDDL", Side(), Side(), strata=[(d, a) for a, d in strata]) == pytest.approx(-0.3982142857)


def test_newcombes_own_example() -> None:
    """56/70 - 48/80: 0.0524 to 0.3339 (Newcombe 1998, table II, method 10, contrast a)."""
    low, high = METRICS["DPPL"].of(Counts(Side(p1=56, p0=14), Side(p1=48, p0=32)), Z)[1:]
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_division_by_zero_is_infinite_and_its_interval_has_no_upper_bound() -> None:
    di = METRICS["DI"].of(Counts(Side(p0=50), Side(p1=25, p0=25)), Z)
    te = METRICS["TE"].of(Counts(Side(40, 10, 10, 40), Side(40, 0, 10, 40)), Z)
    assert di.value == te.value == inf
    assert di.high == te.high == inf
    assert 1.0 < di.low < inf
    assert te.low < inf


def test_an_empty_share_proves_nothing() -> None:
    """Nobody of facet d is predicted positive: Clarify's DAR is that of facet a alone, which is no evidence."""
    dar = METRICS["DAR"].of(Counts(Side(900, 100, 100, 900), Side(0, 0, 3, 3)), Z)
    assert dar.value == pytest.approx(0.9)
    assert dar.low < 0.0


@pytest.mark.parametrize("name", METRICS)
def test_an_empty_group_has_no_metric_but_a_reason(name: str) -> None:
    for a, d in ((Side(), Side(5, 5, 5, 5)), (Side(5, 5, 5, 5), Side()), (Side(), Side())):
        try:
            METRICS[name].of(Counts(a, d, [(a, d)]), Z)
        except UndefinedMetricError as error:
            assert str(error).endswith(".")
        else:
            assert name in ("GE", "CDDL", "CDDPL")  # they say something of one group as well


counts = st.integers(0, 60)
sides = st.builds(Side, *[counts] * 9)


@given(sides, sides)
def test_every_interval_holds_its_value(a: Side, d: Side) -> None:
    for metric in METRICS.values():
        try:
            estimate = metric.of(Counts(a, d, [(a, d)]), Z)
        except UndefinedMetricError:
            continue
        assert estimate.low <= estimate.value + 1e-12
        assert estimate.value <= estimate.high + 1e-12


@given(sides, sides)
def test_swapping_the_groups_turns_the_sign(a: Side, d: Side) -> None:
    for name in ("CI", "DPL", "DPPL", "AD", "DAR", "DRR", "RD", "SD", "TE", "DCA", "DCR"):
        try:
            there, back = (METRICS[name].of(Counts(*pair), Z) for pair in ((a, d), (d, a)))
        except UndefinedMetricError:
            continue
        assert tuple(back) == pytest.approx((-there.value, -there.high, -there.low))
    for name in ("JS", "LP", "TVD", "KS", "GE"):
        try:
            assert value(name, a, d) == pytest.approx(value(name, d, a))
        except UndefinedMetricError:
            continue


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 0.9), st.floats(0.2, 0.8))
def test_a_predictor_that_knows_neither_label_nor_group_shows_no_bias(seed: int, positive: float, share: float) -> None:
    chance = np.random.default_rng(seed)
    cells = [positive * 0.4, positive * 0.6, (1 - positive) * 0.4, (1 - positive) * 0.6]
    in_d = int(4000 * share)
    a, d = (Side(*(int(n) for n in chance.multinomial(rows, cells))) for rows in (4000 - in_d, in_d))
    z = quantile(0.9999, 16)
    for name in ("DPL", "DPPL", "AD", "DAR", "DRR", "RD", "SD", "TE", "DCA", "DCR", "KL", "JS", "LP", "TVD", "KS"):
        estimate = METRICS[name].of(Counts(a, d), z)
        assert estimate.low <= 0.0 <= estimate.high, name
    assert METRICS["DI"].of(Counts(a, d), z).low <= 1.0 <= METRICS["DI"].of(Counts(a, d), z).high


def many(cells: tuple[float, ...]) -> Side:
    return Side(*(round(1e7 * share) for share in cells))


@pytest.mark.parametrize("name", [name for name in METRICS if name not in ("CI", "CDDL", "CDDPL")])
def test_a_95_per_cent_interval_covers_the_truth_in_about_95_per_cent(name: str) -> None:
    """400 samples from known shares. Distances of labels are bounded from both sides, so they may cover more."""
    a, d = (0.4, 0.1, 0.15, 0.35), (0.25, 0.15, 0.2, 0.4)
    truth = METRICS[name].of(Counts(many(a), many(d)), Z).value
    chance = np.random.default_rng(7)
    covered = 0
    for _ in range(400):
        of_a, of_d = (Side(*(int(n) for n in chance.multinomial(800, cells))) for cells in (a, d))
        estimate = METRICS[name].of(Counts(of_a, of_d), Z)
        covered += estimate.low <= truth <= estimate.high
    assert covered >= 370  # 95 % are 380; fewer than 370 happen once in a hundred


@pytest.mark.parametrize("name", ["DPPL", "DI", "AD", "DAR", "RD", "SD", "TE", "DCA", "DCR", "GE", "CI"])
def test_an_interval_is_as_wide_as_samples_differ(name: str) -> None:
    """Neither too narrow nor too wide: Z standard deviations of what 1000 samples of 3000 rows give."""
    chance = np.random.default_rng(8)
    cells = (0.24, 0.06, 0.09, 0.21, 0.1, 0.06, 0.08, 0.16)
    drawn = [[int(n) for n in chance.multinomial(3000, cells)] for _ in range(1000)]
    found = [METRICS[name].of(Counts(Side(*row[:4]), Side(*row[4:])), Z) for row in drawn]
    half = np.mean([estimate.high - estimate.low for estimate in found]) / 2
    assert half == pytest.approx(Z * np.std([estimate.value for estimate in found]), rel=0.1)


def test_the_distances_of_two_labels_have_the_interval_of_their_difference() -> None:
    counts = Counts(Side(y1=400, y0=600), Side(y1=250, y0=750))
    difference = METRICS["DPL"].of(counts, Z)
    assert tuple(METRICS["KS"].of(counts, Z)) == pytest.approx(tuple(difference))
    assert tuple(METRICS["TVD"].of(counts, Z)) == pytest.approx(tuple(difference))
    assert tuple(METRICS["LP"].of(counts, Z)) == pytest.approx(tuple(sqrt(2) * end for end in difference))


def test_wilsons_interval_is_that_of_the_score_test() -> None:
    """At its ends the score statistic is z (the definition, not the formula)."""
    for hits, total in ((0, 10), (3, 10), (10, 10), (120, 4000)):
        estimate = proportion(hits, total, Z)
        for end in estimate[1:]:
            if 0.0 < end < 1.0:
                assert abs(hits / total - end) / sqrt(end * (1 - end) / total) == pytest.approx(Z)


def fixed(number: float) -> Estimate:
    return Estimate(number, number, number)


def test_the_rule_of_clarifys_monitor() -> None:
    """Docs, clarify-model-monitor-bias-drift-violations: the baseline is 0.2; 0.1 is no violation, -0.3 is one."""
    assert not is_worse("DPPL", fixed(0.1), fixed(0.2))
    assert is_worse("DPPL", fixed(-0.3), fixed(0.2))
    assert is_worse("DCR", fixed(-0.0765), fixed(0.0279))
    assert is_worse("DI", fixed(0.5), fixed(0.8))
    assert is_worse("DI", fixed(1.5), fixed(0.8))
    assert not is_worse("DI", fixed(1.2), fixed(0.8))
    assert is_worse("TE", fixed(inf), fixed(2.9))


def test_only_an_interval_that_lies_wholly_beyond_the_limit_is_a_violation() -> None:
    assert not is_worse("DPPL", Estimate(0.3, 0.19, 0.41), fixed(0.2))
    assert is_worse("DPPL", Estimate(0.3, 0.21, 0.39), fixed(0.2))
    assert is_worse("DPPL", Estimate(-0.3, -0.39, -0.21), fixed(0.2))
    assert not is_worse("TE", Estimate(inf, 2.0, inf), fixed(2.9))


@given(st.floats(-1, 1), st.floats(0, 0.5), st.floats(0, 0.5))
def test_an_uncertain_baseline_raises_fewer_alarms(number: float, down: float, up: float) -> None:
    now, limit = Estimate(number, number - down, number + up), 0.2
    if is_worse("DPPL", now, Estimate(limit, limit - 0.1, limit + 0.1)):
        assert is_worse("DPPL", now, fixed(limit))
        assert abs(number) - limit >= hypot(0.1, min(down, up)) - 1e-9


def test_distance_from_no_bias_of_di_is_that_of_its_logarithm() -> None:
    assert tuple(from_no_bias("DI", Estimate(0.5, 0.25, 2.0))) == pytest.approx((log(2), 0.0, log(4)))
