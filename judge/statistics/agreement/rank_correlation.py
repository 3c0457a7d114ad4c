"""How two ordinal ratings go together: rank correlations, near agreement and bias.

All are computed from the table of their joint counts, many resamples at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.errors import UsageError
from judge.statistics.agreement.coded import Codes, Ratings, coded
from judge.statistics.agreement.counted import Statistic, Values, ratio, tallies, totals
from judge.statistics.agreement.patterns import Counts

__all__ = [
    "kendall",
    "kendall_tau_b",
    "signed_bias",
    "spearman",
    "spearman_rho",
    "within",
    "within_agreement",
]


def spearman_rho(a: Ratings, b: Ratings) -> float:
    """Return Spearman's rank correlation, Pearson's of the mid-ranks.

    Units that one of the two lacks are left out; NaN where one of them is constant.
    It says nothing of bias: a rater one level harsher throughout has 1.

    Source: Spearman 1904, American Journal of Psychology 15, 72-101,
    doi:10.2307/1412159.

    Examples
    --------
    >>> round(spearman_rho([0, 1, 2, 3], [0, 2, 1, 3]), 3)
    0.8
    """
    from scipy.stats import spearmanr

    return _by(a, b, spearmanr)


def kendall_tau_b(a: Ratings, b: Ratings) -> float:
    """Return Kendall's tau-b, (C - D) / sqrt((C + D + T_a) (C + D + T_b)).

    C and D are the pairs of units in the same and in opposite order, T_a and T_b those
    tied in the other one alone.  NaN where one of them is constant.

    Source: Kendall 1945, Biometrika 33, 239-251, doi:10.1093/biomet/33.3.239.

    Examples
    --------
    >>> round(kendall_tau_b([0, 1, 2, 3], [0, 2, 1, 3]), 3)
    0.667
    """
    from scipy.stats import kendalltau

    return _by(a, b, kendalltau)


def within_agreement(a: Ratings, b: Ratings, *, steps: float = 0) -> float:
    """Return the share of units whose ratings differ by at most ``steps``.

    Examples
    --------
    >>> within_agreement([0, 1, 4], [0, 2, 2], steps=1)
    0.6666666666666666
    """
    codes, values = _coded_pair(a, b)
    return float(within(codes, values, steps=steps)(np.ones((1, len(codes))))[0])


def spearman(codes: Codes, categories: int) -> Statistic:
    """Make Spearman's rho of two columns of codes, in the order of the ratings."""
    first, second = _both(codes)
    given = (first >= 0).astype(np.float64)

    def value(counts: Counts) -> Values:
        one = _mid_ranks(counts, first, categories)
        other = _mid_ranks(counts, second, categories)
        weight = counts * given
        across = (weight * one * other).sum(axis=1)
        return _cosine(
            across, (weight * one**2).sum(axis=1), (weight * other**2).sum(axis=1)
        )

    return value


def _mid_ranks(counts: Counts, column: NDArray[np.int64], categories: int) -> Values:
    """Each pattern's mid-rank as a share, about the mean; shape of ``counts``."""
    pooled = totals(counts, tallies(column[:, None], categories))
    total = pooled.sum(axis=1, keepdims=True)
    rank = np.nan_to_num(ratio(np.cumsum(pooled, axis=1) - pooled / 2, total)) - 0.5
    made: Values = rank[:, np.maximum(column, 0)]
    return made


def kendall(codes: Codes, categories: int) -> Statistic:
    """Make Kendall's tau-b of two columns of codes, of few categories."""
    first, second = _both(codes)
    cell = np.where(first >= 0, first * categories + second, -1)
    table = tallies(cell[:, None], categories**2)

    def value(counts: Counts) -> Values:
        joint = totals(counts, table).reshape(-1, categories, categories)
        below = np.zeros((len(joint), categories + 1, categories + 1))
        below[:, 1:, 1:] = joint.cumsum(axis=1).cumsum(axis=2)
        lower = below[:, :-1, :-1]
        # Strictly above in the first and below in the second: the rest of the columns.
        crossed = below[:, -1:, :-1] - below[:, 1:, :-1]
        order = (joint * (lower - crossed)).sum(axis=(1, 2))
        rows, columns = joint.sum(axis=2), joint.sum(axis=1)
        pairs = rows.sum(axis=1) ** 2
        return _cosine(
            2 * order, pairs - (rows**2).sum(axis=1), pairs - (columns**2).sum(axis=1)
        )

    return value


def within(codes: Codes, values: Values, *, steps: float = 0) -> Statistic:
    """Make the share of units whose two ratings differ by at most ``steps``."""
    return _mean(codes, values, lambda one, other: np.abs(other - one) <= steps)


def signed_bias(codes: Codes, values: Values) -> Statistic:
    """Make the mean of the second rating minus the first, in the scale's own units."""
    return _mean(codes, values, lambda one, other: other - one)


def _mean(
    codes: Codes, values: Values, of: Callable[[Values, Values], NDArray[np.generic]]
) -> Statistic:
    first, second = _both(codes)
    given = first >= 0
    found = np.where(given, of(values[first], values[second]), 0)
    columns = np.stack([found, given], axis=1).astype(np.float64)

    def value(counts: Counts) -> Values:
        total, units = totals(counts, columns).T
        return ratio(total, units)

    return value


def _cosine(across: Values, one: Values, other: Values) -> Values:
    below = np.sqrt(np.maximum(one, 0) * np.maximum(other, 0))
    return np.clip(ratio(across, np.where(below > 1e-12, below, 0)), -1, 1)


def _both(codes: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    complete = (codes >= 0).all(axis=1, keepdims=True)
    first, second = np.where(complete, codes, -1).T
    return first, second


def _coded_pair(a: Ratings, b: Ratings) -> tuple[Codes, Values]:
    one, other = (np.asarray(x, dtype=np.float64) for x in (a, b))
    if one.shape != other.shape or one.ndim != 1:
        raise UsageError(
            f"two raters rate the same units, got shapes {one.shape} and {other.shape}"
        )
    codes, values = coded(np.stack([one, other], axis=1))
    return codes, np.array(values or (0.0,), dtype=np.float64)


def _by(a: Ratings, b: Ratings, correlation: Callable[[Any, Any], Any]) -> float:
    codes, values = _coded_pair(a, b)
    one, other = values[codes[(codes >= 0).all(axis=1)]].T
    if len(set(one.tolist())) < 2 or len(set(other.tolist())) < 2:
        return float("nan")
    return float(correlation(one, other).statistic)
