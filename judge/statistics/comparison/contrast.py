"""The difference of two shares that were estimated apart."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

import numpy as np

from judge.statistics.estimate import Estimate
from judge.statistics.rates.posterior import Posterior

__all__ = ["scaled", "square_and_add", "two_sided", "two_sided_of"]


def square_and_add(a: Estimate, b: Estimate) -> Estimate:
    """Return ``a - b`` of two independent shares, in points, from their intervals.

    The distance of each limit from its share stands for its standard error, and squares
    add up: ``d - sqrt((a - a_low)**2 + (b_high - b)**2)`` and likewise upwards.  With
    Wilson intervals it is `newcombe_independent`; it takes any interval that need not
    be symmetric (Zou and Donner 2008, Statistics in Medicine 27, 1693-1702,
    doi:10.1002/sim.3095).  The confidence is that of the two.

    Refused where one of them has no interval.

    Examples
    --------
    >>> a = Estimate(value=0.8, low=0.6918, high=0.8769, n=70)
    >>> b = Estimate(value=0.6, low=0.4905, high=0.7004, n=80)
    >>> print(square_and_add(a, b))
    20.0 points [5.2, 33.4]
    """
    for one in (a, b):
        if one.value is None or one.low is None or one.high is None:
            told = one.reason or "there is no interval"
            return Estimate.refused(told, remedy=one.remedy, n=a.n + b.n)
    va, la, ha = _whole(a)
    vb, lb, hb = _whole(b)
    value = va - vb
    return Estimate(
        value=value,
        low=max(-1.0, value - sqrt((va - la) ** 2 + (hb - vb) ** 2)),
        high=min(1.0, value + sqrt((ha - va) ** 2 + (vb - lb) ** 2)),
        n=a.n + b.n,
        confidence=a.confidence,
        method="difference, squares of distances added",
        unit="points",
    )


def two_sided(a: Posterior, b: Posterior, *, ratio: float = 1.0) -> float:
    """Return twice the smaller of P(a <= b) and P(a >= b), at most 1.

    Reads as a two-sided p-value: it is below ``1 - confidence`` about where the central
    interval of ``a - b`` leaves out 0.

    Parameters
    ----------
    ratio
        How many times wider than with independent shares the difference spreads around
        ``a.point - b.point``; see `scaled`.
    """
    value = a.point - b.point
    at = value - value / ratio
    weights = np.diff(b.cdf)
    middles = (b.grid[1:] + b.grid[:-1]) / 2
    reached = np.interp(middles + at, a.grid, a.cdf, left=0.0, right=1.0)
    below = float(reached @ weights / weights.sum())
    return min(1.0, 2 * min(below, 1 - below))


def two_sided_of(difference: Estimate) -> float:
    """Return a p-value that a difference is 0 from its interval's side towards 0.

    By the normal approximation; 1.0 without a number.
    """
    value, low, high = difference.value, difference.low, difference.high
    if value is None or low is None or high is None or not value:
        return 1.0
    normal = NormalDist()
    z = normal.inv_cdf((1 + difference.confidence) / 2)
    reach = value - low if value > 0 else high - value
    if not reach:
        return 0.0
    return min(1.0, 2 * normal.cdf(-z * abs(value) / reach))


def scaled(difference: Estimate, ratio: float) -> Estimate:
    """Return the difference with its limits ``ratio`` times as far from it.

    For shares that are not independent: ``ratio`` is the standard deviation of their
    difference over that of independent ones.
    """
    if difference.value is None or difference.low is None or difference.high is None:
        return difference
    value = difference.value
    return difference.model_copy(
        update={
            "low": max(-1.0, value - ratio * (value - difference.low)),
            "high": min(1.0, value + ratio * (difference.high - value)),
        }
    )


def _whole(one: Estimate) -> tuple[float, float, float]:
    value, low, high = one.value or 0.0, one.low or 0.0, one.high or 0.0
    return value, min(low, value), max(high, value)
