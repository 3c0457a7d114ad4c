"""Whether two shares are close enough to be treated as one.

That a difference was not shown says nothing for equality; two one-sided tests do: the
shares are equivalent where their difference is shown to lie within a margin.
"""

from __future__ import annotations

from typing import NamedTuple

from judge.errors import UsageError
from judge.statistics.comparison.paired import newcombe_independent
from judge.statistics.intervals import Interval

__all__ = ["Equivalence", "equivalent_shares", "within_margin"]


class Equivalence(NamedTuple):
    """What `equivalent_shares` found."""

    difference: float | None
    """Share of A minus share of B; None without a label on one side."""
    interval: Interval
    """At confidence ``1 - 2 alpha``, as the test needs it."""
    margin: float
    equivalent: bool


def equivalent_shares(  # four counts and two options
    count_a: int,
    n_a: int,
    count_b: int,
    n_b: int,
    *,
    margin: float,
    alpha: float = 0.05,
) -> Equivalence:
    """Test whether two independent shares differ by less than ``margin``.

    Two one-sided tests at ``alpha``: the interval of `newcombe_independent` at
    confidence ``1 - 2 alpha`` lies within ``-margin`` to ``margin`` (Schuirmann 1987,
    Journal of Pharmacokinetics and Biopharmaceutics 15, doi:10.1007/BF01068419).
    Without a label on one side nothing is shown.

    Parameters
    ----------
    margin
        The largest difference that would not matter, as a share, stated beforehand.

    Raises
    ------
    UsageError
        If margin or alpha do not lie between 0 and 1, or a count not within its n.

    Examples
    --------
    >>> equivalent_shares(90, 100, 88, 100, margin=0.1).equivalent
    True
    >>> equivalent_shares(9, 10, 9, 10, margin=0.1).equivalent
    False
    """
    if not 0 < margin < 1 or not 0 < alpha < 0.5:
        raise UsageError(
            "margin lies between 0 and 1 and alpha between 0 and 0.5, got "
            f"{margin} and {alpha}"
        )
    if not n_a or not n_b:
        return Equivalence(None, Interval(-1.0, 1.0), margin, equivalent=False)
    interval = newcombe_independent(
        count_a, n_a, count_b, n_b, confidence=1 - 2 * alpha
    )
    within = within_margin(interval.low, interval.high, margin)
    return Equivalence(
        count_a / n_a - count_b / n_b, interval, margin, equivalent=within
    )


def within_margin(low: float | None, high: float | None, margin: float) -> bool:
    """Return whether an interval at confidence ``1 - 2 alpha`` shows equivalence.

    Examples
    --------
    >>> within_margin(-0.04, 0.09, 0.1), within_margin(-0.04, 0.11, 0.1)
    (True, False)
    """
    return low is not None and high is not None and -margin < low and high < margin
