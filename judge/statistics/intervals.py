"""Intervals for a share: what a count out of a number says about the rate behind it."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

from judge.errors import UsageError

__all__ = ["Interval", "wilson_interval"]


class Interval(NamedTuple):
    """Two bounds of a rate, both from 0 to 1."""

    low: float
    high: float

    def __contains__(self, rate: object) -> bool:
        return isinstance(rate, int | float) and self.low <= rate <= self.high


def wilson_interval(
    count: float, n: int, *, confidence: float = 0.95, clusters: int | None = None
) -> Interval:
    """Return the score interval for a rate of which ``count`` of ``n`` were seen.

    Assumes independent draws.  It holds for rates near 0 and 1, where the textbook
    interval has no width (Wilson 1927, JASA 22, doi:10.1080/01621459.1927.10502953).

    Parameters
    ----------
    clusters
        How many independent groups the ``n`` come from, where some belong together,
        such as three rubrics over one transcript.  The interval is then that of
        ``clusters`` draws at the same rate, as if members of a group were all alike:
        too wide rather than too narrow.

    Raises
    ------
    UsageError
        If ``n`` is not positive or ``count`` is not within it.

    Examples
    --------
    >>> low, high = wilson_interval(0, 20)
    >>> f"{low:.3f} {high:.3f}"
    '0.000 0.161'
    """
    if n < 1 or not 0 <= count <= n:
        raise UsageError(f"a count of 0 to n and an n of 1 or more, got {count} of {n}")
    if not 0 < confidence < 1:
        raise UsageError(f"confidence must lie between 0 and 1, got {confidence}")
    draws = n if clusters is None else min(max(clusters, 1), n)
    rate = count / n
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    shrunk = 1 + z * z / draws
    centre = (rate + z * z / (2 * draws)) / shrunk
    half = z / shrunk * sqrt(rate * (1 - rate) / draws + z * z / (4 * draws**2))
    # At the ends the bound is exact; rounding would leave it a hair outside.
    low = 0.0 if count == 0 else max(0.0, centre - half)
    high = 1.0 if count == n else min(1.0, centre + half)
    return Interval(low, high)
