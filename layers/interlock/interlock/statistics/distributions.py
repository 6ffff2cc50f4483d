"""The few probability distributions that the tests need, in plain Python: the deployed code does without scipy."""

from __future__ import annotations

from math import erfc, exp, inf, lgamma, log, log1p, pi, sqrt


def log_beta(a: float, b: float) -> float:
    """The logarithm of the beta function B(a, b), for positive ``a`` and ``b``."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def normal_tail(z: float) -> float:
    """The chance that a standard normal variable exceeds ``z``."""
    return 0.5 * erfc(z / sqrt(2.0))


def normal_quantile(tail: float) -> float:
    """The ``z`` that a standard normal variable exceeds with chance ``tail`` (0 < tail < 1)."""
    if tail > 0.5:
        return -normal_quantile(1.0 - tail)
    z = sqrt(max(-2.0 * log(2.0 * tail), 0.0))  # never below the answer; Newton's steps on the log-tail then converge
    for _ in range(60):
        survival = normal_tail(z)
        step = (log(survival) - log(tail)) * survival / (exp(-0.5 * z * z) / sqrt(2.0 * pi))
        z += step
        if abs(step) <= 1e-14 * (1.0 + abs(z)):
            break
    return z


def student_tail(t: float, freedom: float) -> float:
    """The chance that Student's t with ``freedom`` degrees of freedom exceeds ``t``."""
    if t < 0:
        return 1.0 - student_tail(-t, freedom)
    if t * t < 1.0:  # near the middle the small side is the one that can be told exactly
        return 0.5 - 0.5 * incomplete_beta(t * t / (freedom + t * t), 0.5, freedom / 2.0)
    return 0.5 * incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5)


def student_quantile(tail: float, freedom: float) -> float:
    """The ``t`` that Student's t with ``freedom`` degrees of freedom exceeds with chance ``tail`` (0 < tail <= 0.5)."""
    t = max(normal_quantile(tail), 0.0)  # never above the answer; Newton's steps on the log-tail then converge
    peak = exp(-log_beta(freedom / 2.0, 0.5)) / sqrt(freedom)
    for _ in range(200):
        survival = student_tail(t, freedom)
        density = peak * exp(-0.5 * (freedom + 1.0) * log1p(t * t / freedom))
        step = (log(survival) - log(tail)) * survival / density
        t += step
        if abs(step) <= 1e-13 * (1.0 + abs(t)):
            break
    return t


def incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b): the chance that a Beta(a, b) variable stays below ``x``.

    By its continued fraction (Abramowitz and Stegun 1964, 26.5.8), evaluated with Lentz's method (1976).
    """
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - incomplete_beta(1.0 - x, b, a)
    front = exp(a * log(x) + b * log1p(-x) - log_beta(a, b)) / a
    c, d = 1.0, 1.0 / _apart(1.0 - (a + b) * x / (a + 1.0))
    fraction = d
    for m in range(1, 10_000):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 / _apart(1.0 + term * d)
            c = _apart(1.0 + term / c)
            fraction *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return front * fraction


def _apart(value: float) -> float:
    """``value``, kept away from zero, by which Lentz's method divides."""
    return value if abs(value) > 1e-300 else 1e-300


def log_sum(logs: list[float]) -> float:
    """The logarithm of a sum whose terms are given as logarithms."""
    most = max(logs, default=-inf)
    return most if most == -inf else most + log(sum(exp(each - most) for each in logs))
