"""Ratings as the few patterns that occur, and bootstraps that draw pattern counts.

A bootstrap of n units needs no unit: how often each distinct row of ratings is drawn is
multinomial, so one draw over the patterns replaces n indices and the counting of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judge.errors import UsageError
from judge.statistics.agreement.coded import Codes

__all__ = ["Codes", "Counts", "Patterns", "find_patterns", "resampled_counts"]

Counts: TypeAlias = NDArray[np.float64]
"""Resamples x patterns: how often each pattern was drawn."""

CHUNK = 1 << 22
"""Counts held at once, 32 MB of them: memory stays bounded whatever is asked for."""
WORTH = 12
"""Units a pattern from which on a multinomial draw beats drawing and counting indices
(measured at 100,000 units)."""
ROOM = 1 << 16
"""Places a counting table may have beyond one a unit."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Patterns:
    """Distinct rows of a ratings matrix and how many units have each."""

    codes: Codes
    """One row a pattern, one column a rater; -1 is a missing rating."""
    counts: Codes
    """Units with each pattern."""
    clusters: Any = None
    """Clusters x patterns, the units of each, as a scipy sparse array; or None."""

    @property
    def units(self) -> int:
        return int(self.counts.sum())

    @property
    def once(self) -> Counts:
        """The data themselves as one row of counts, shape (1, patterns)."""
        return self.counts[None, :].astype(np.float64)


def find_patterns(codes: Codes, *, clusters: ArrayLike | None = None) -> Patterns:
    """Return the distinct rows of ``codes`` with their counts.

    Neither the order of the units nor anything else but the counts decides what comes
    of it, so a seeded bootstrap does not change when units are put in another order.

    Parameters
    ----------
    codes
        Units x raters, from 0 up; -1 is a missing rating.
    clusters
        Which group each unit belongs to, shape (units,): transcripts that share a
        scenario are not independent, and whole groups are resampled instead.

    Examples
    --------
    >>> found = find_patterns(np.array([[0, 1], [1, 1], [0, 1]]))
    >>> found.codes.tolist(), found.counts.tolist()
    ([[0, 1], [1, 1]], [2, 1])
    """
    base = int(codes.max(initial=-1)) + 2
    distinct = _counted if base ** codes.shape[1] <= len(codes) + ROOM else _sorted
    rows, counts, which = distinct(codes, base)
    by_cluster = None if clusters is None else _by_cluster(clusters, which, len(rows))
    return Patterns(codes=rows, counts=counts, clusters=by_cluster)


def _counted(codes: Codes, base: int) -> tuple[Codes, Codes, Codes]:
    """Count in a table of all patterns there could be: one pass over the units."""
    shape = (base,) * codes.shape[1]
    key = np.ravel_multi_index(tuple(codes.T + 1), shape)
    counts = np.bincount(key, minlength=base ** codes.shape[1])
    found = np.flatnonzero(counts)
    rows = np.stack(np.unravel_index(found, shape), axis=1) - 1
    place = np.zeros(len(counts), dtype=np.int64)
    place[found] = np.arange(len(found))
    return rows.astype(np.int64), counts[found], place[key]


def _sorted(codes: Codes, base: int) -> tuple[Codes, Codes, Codes]:
    """Sort, where there could be too many patterns for a table."""
    key = np.zeros(len(codes), dtype=np.int64)
    reach = 1
    for column in codes.T:
        if reach > np.iinfo(np.int64).max // base:
            distinct, key = np.unique(key, return_inverse=True)
            reach = len(distinct)
        key = key * base + column + 1
        reach *= base
    _, first, which, counts = np.unique(
        key, return_index=True, return_inverse=True, return_counts=True
    )
    return codes[first], counts, which


def _by_cluster(clusters: ArrayLike, which: Codes, patterns: int) -> Any:
    from scipy.sparse import coo_array

    named = np.asarray(clusters)
    if named.shape != which.shape:
        raise UsageError(
            f"clusters name a group for each unit: {named.size} for {which.size} units"
        )
    groups, place = np.unique(named, return_inverse=True)
    ones = np.ones(len(which))
    return coo_array((ones, (place, which)), shape=(len(groups), patterns)).tocsr()


def resampled_counts(
    patterns: Patterns, *, resamples: int = 2000, seed: int = 0
) -> Iterator[Counts]:
    """Yield bootstrap counts, shape (some, patterns), until all resamples are drawn.

    Units are drawn with replacement, or whole clusters where the patterns have them
    (Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapters 6 and 8,
    doi:10.1201/9780429246593).  Where there are nearly as many patterns as units,
    indices are drawn and counted, for that is then the faster.

    Raises
    ------
    UsageError
        There is no unit, or ``resamples`` is below 1.
    """
    if patterns.units < 1 or resamples < 1:
        raise UsageError(
            "a bootstrap needs 1 unit and 1 resample or more, got "
            f"{patterns.units} and {resamples}"
        )
    rng = np.random.default_rng(seed)
    draw = _drawing(patterns)
    rows = max(1, CHUNK // len(patterns.codes))
    for start in range(0, resamples, rows):
        yield draw(rng, min(rows, resamples - start))


def _drawing(patterns: Patterns) -> Callable[[np.random.Generator, int], Counts]:
    if patterns.clusters is not None:
        clusters = patterns.clusters
        own = np.arange(clusters.shape[0])
        return lambda rng, rows: _indices(rng, rows, own, len(own)) @ clusters
    units, kinds = patterns.units, len(patterns.codes)
    if units < WORTH * kinds:
        whose = np.repeat(np.arange(kinds), patterns.counts)
        return lambda rng, rows: _indices(rng, rows, whose, kinds)
    shares = patterns.counts / units
    return lambda rng, rows: rng.multinomial(units, shares, size=rows).astype(
        np.float64
    )


def _indices(rng: np.random.Generator, rows: int, whose: Codes, kinds: int) -> Counts:
    """Draw units by index, and count them by the pattern they have."""
    drawn = np.empty((rows, kinds))
    for row in drawn:
        chosen = rng.integers(0, len(whose), len(whose))
        row[:] = np.bincount(
            chosen if len(whose) == kinds else whose[chosen], minlength=kinds
        )
    return drawn
