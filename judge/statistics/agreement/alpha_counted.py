"""Krippendorff's alpha over many sets of pattern counts at once.

Its ordinal metric is the square of a difference of mid-ranks, so that all four metrics
need only the marginals and, for the ordinal one, one more product with them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any, Literal, TypeAlias

import numpy as np

from judge.errors import UsageError
from judge.statistics.agreement.coded import Codes
from judge.statistics.agreement.counted import (
    NOTHING,
    Statistic,
    Values,
    ratio,
    tallies,
    totals,
)
from judge.statistics.agreement.patterns import Counts

__all__ = ["LEVELS", "Level", "alpha"]

Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]
LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval", "ratio")
DENSE = 1 << 22
"""Numbers in a table of patterns x categories above which it is kept sparse."""
DISTINCT = 4096
"""Values the ratio metric can compare with one another: it has no shorter form."""


def alpha(codes: Codes, values: Values, *, level: Level = "nominal") -> Statistic:
    """Make alpha; ``values`` are the numbers that the codes stand for.

    Raises
    ------
    UsageError
        The level is not known, or it is ``ratio`` and a value is negative or there are
        too many.
    """
    if level not in LEVELS:
        raise UsageError(f"level {level!r} is not known; one of {', '.join(LEVELS)}")
    codes = np.where((codes >= 0).sum(axis=1, keepdims=True) > 1, codes, -1)
    values = values if len(values) else np.zeros(1)
    return {
        "nominal": _nominal,
        "ordinal": _ordinal,
        "interval": _interval,
        "ratio": _ratio,
    }[level](codes, values)


def _nominal(codes: Codes, values: Values) -> Statistic:
    tally = _tally(codes, len(values))
    apart = _apart(codes, lambda one, other: one != other)

    def value(counts: Counts) -> Values:
        pooled = totals(counts, tally)
        ratings = pooled.sum(axis=1)
        by_chance = ratings**2 - (pooled**2).sum(axis=1)
        return _alpha(counts @ apart, by_chance, ratings, ratings**2)

    return value


def _interval(codes: Codes, values: Values) -> Statistic:
    middle = values.mean()
    spread = float(np.abs(values - middle).max()) or 1.0
    scaled = (values - middle) / spread
    given = codes >= 0
    x = np.where(given, scaled[codes], 0)
    apart = _apart(codes, lambda one, other: (scaled[one] - scaled[other]) ** 2)
    columns = np.stack(
        [given.sum(axis=1), x.sum(axis=1), (x**2).sum(axis=1), apart], axis=1
    )

    def value(counts: Counts) -> Values:
        ratings, total, squares, found = totals(counts, columns).T
        by_chance = 2 * (ratings * squares - total**2)
        return _alpha(found, by_chance, ratings, ratings * squares)

    return value


def _ratio(codes: Codes, values: Values) -> Statistic:
    if (values < 0).any() or len(values) > DISTINCT:
        raise UsageError(
            f"the ratio level needs ratings of 0 or more and at most {DISTINCT} "
            f"different ones, got {len(values)} from {values.min()}; use 'interval'"
        )
    total = values[:, None] + values[None, :]
    metric = ratio(np.abs(values[:, None] - values[None, :]), total)
    metric = np.nan_to_num(metric) ** 2
    tally = _tally(codes, len(values))
    apart = _apart(codes, lambda one, other: metric[one, other])

    def value(counts: Counts) -> Values:
        pooled = totals(counts, tally)
        ratings = pooled.sum(axis=1)
        by_chance = ((pooled @ metric) * pooled).sum(axis=1)
        return _alpha(counts @ apart, by_chance, ratings, ratings**2)

    return value


def _ordinal(codes: Codes, values: Values) -> Statistic:
    tally = _tally(codes, len(values))
    ratings_of = (codes >= 0).sum(axis=1)
    share = 1 / np.maximum(ratings_of - 1, 1)

    def value(counts: Counts) -> Values:
        pooled = totals(counts, tally)
        ratings = pooled.sum(axis=1)
        # Mid-ranks from 0 to 1, about their middle, which keeps the sums exact.
        below = np.cumsum(pooled, axis=1) - pooled / 2
        rank = np.nan_to_num(ratio(below, ratings[:, None])) - 0.5
        weighted = counts * share
        own = (totals(weighted * ratings_of, tally) * rank**2).sum(axis=1)
        crossed = (weighted * (rank @ tally.T) ** 2).sum(axis=1)
        squares = (pooled * rank**2).sum(axis=1)
        total = (pooled * rank).sum(axis=1)
        by_chance = 2 * (ratings * squares - total**2)
        return _alpha(2 * (own - crossed), by_chance, ratings, ratings**2)

    return value


def _alpha(found: Values, by_chance: Values, ratings: Values, scale: Values) -> Values:
    """Return 1 - observed / expected disagreement; NaN where none is expected."""
    some = by_chance > NOTHING * scale
    made = np.full(found.shape, np.nan)
    np.divide((ratings - 1) * found, by_chance, out=made, where=some)
    return 1 - made


def _apart(codes: Codes, distance: Callable[[Codes, Codes], Any]) -> Values:
    """Return each pattern's disagreement: over ordered pairs, per other rating."""
    apart = np.zeros(len(codes))
    for one, other in combinations(codes.T, 2):
        both = np.flatnonzero((one >= 0) & (other >= 0))
        apart[both] += distance(one[both], other[both])
    others = (codes >= 0).sum(axis=1) - 1
    apart *= 2 / np.maximum(others, 1)
    return apart


def _tally(codes: Codes, categories: int) -> Any:
    if len(codes) * categories <= DENSE:
        return tallies(codes, categories)
    from scipy.sparse import csr_array

    row, rater = np.nonzero(codes >= 0)
    shape = (len(codes), categories)
    return csr_array((np.ones(len(row)), (row, codes[row, rater])), shape=shape)
