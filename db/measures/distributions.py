"""The beta, t and hypergeometric distributions, as far as intervals need them.

Ours, because the desk's light set has no room for scipy (113 MB on disk for three quantiles and a tail): the
tests hold every number to scipy's own.
"""

from __future__ import annotations

import math

_TINY = 1e-300
_MAX_TERMS = 20_000


def beta_cdf(x: float, a: float, b: float) -> float:
    """P(X <= x) of a beta distribution with shapes `a`, `b` > 0.

    Source: the continued fraction of Numerical Recipes, 3rd edition, section 6.4, with Lentz's method.
    """
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = math.exp(_log_front(x, a, b))
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(x, a, b) / a
    return 1 - front * _continued_fraction(1 - x, b, a) / b


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with P(X <= x) = `probability` of a beta distribution: Newton's steps, halving where one leads
    astray.
    """
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(200):
        over = beta_cdf(x, a, b) - probability
        low, high = (x, high) if over < 0 else (low, x)
        density = math.exp(_log_front(x, a, b) - math.log(x) - math.log1p(-x))
        nearer = x - over / density if density > 0 else low
        if not low < nearer < high:
            nearer = (low + high) / 2
        if nearer in (low, high) or abs(nearer - x) <= 1e-15 * x:
            return nearer
        x = nearer
    return x


def _f_quantile(probability: float, df1: float, df2: float) -> float:
    """The quantile of an F distribution; degrees of freedom may be fractions."""
    if probability <= 0.5:
        share = beta_quantile(probability, df1 / 2, df2 / 2)
        return df2 * share / (df1 * (1 - share))
    # From the other end, so that a share close to 1 keeps its digits.
    rest = beta_quantile(1 - probability, df2 / 2, df1 / 2)
    return df2 * (1 - rest) / (df1 * rest) if rest > 0 else math.inf


def t_quantile(probability: float, df: float) -> float:
    """The quantile of Student's t distribution."""
    if probability < 0.5:
        return -t_quantile(1 - probability, df)
    return math.sqrt(_f_quantile(2 * probability - 1, 1, df)) if probability > 0.5 else 0.0


def hypergeometric_cdf(k: int, *, population: int, errors: int, size: int) -> float:
    """P(at most `k` errors in a sample of `size` drawn without replacement from a population holding
    `errors`).
    """
    first = max(0, size - (population - errors))
    last = min(k, errors, size)
    if last < first:
        return 0.0
    if k >= min(errors, size):
        return 1.0
    whole = _log_choose(population, size)
    terms = (
        math.exp(_log_choose(errors, found) + _log_choose(population - errors, size - found) - whole)
        for found in range(first, last + 1)
    )
    return min(1.0, math.fsum(terms))


def _log_front(x: float, a: float, b: float) -> float:
    return math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _continued_fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, _away_from_zero(1 - (a + b) * x / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / _away_from_zero(1 + even * d)
        c = _away_from_zero(1 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / _away_from_zero(1 + odd * d)
        c = _away_from_zero(1 + odd / c)
        value *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
