"""Intervals where rows belong together: whole clusters are drawn again, never rows.

A statistic that depends on sums over rows needs each cluster's sums only, so that all
replicates are one product: drawn counts (replicates x clusters) times sums (clusters x
columns).  Clusters with the same sums are one kind, drawn by how many there are of it,
so that their order changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from judge.errors import UsageError
from judge.statistics.checked import Floats, Numbers, numbers, same_length

__all__ = ["Bootstrapped", "cluster_bootstrap", "design_effect"]

Statistic: TypeAlias = Callable[[Floats], Floats]
_AT_ONCE = 8_000_000
"""Drawn counts held in memory at a time."""


class Bootstrapped(NamedTuple):
    """What `cluster_bootstrap` found."""

    value: float
    """Of all rows; NaN where the statistic is not defined for them."""
    low: float
    high: float
    p_value: float
    """Two-sided, that the statistic is 0; never below ``2 / (replicates + 1)``."""
    clusters: int
    undefined: int
    """Replicates without a value, left out of the quantiles."""
    draws: Floats
    """The statistic of each replicate that has one, sorted."""


def cluster_bootstrap(  # keyword-only, and each is one decision
    statistic: Statistic,
    columns: Sequence[Numbers] | NDArray[Any],
    clusters: Sequence[object] | NDArray[Any],
    *,
    replicates: int = 2000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Bootstrapped:
    """Return a percentile interval of a statistic over clusters of rows.

    As many clusters as there are, are drawn with replacement, ``replicates`` times; the
    interval is the central part of the statistic's values (Field and Welsh 2007, JRSS B
    69, 369-390, doi:10.1111/j.1467-9868.2007.00593.x; percentiles: Efron 1979, Annals
    of Statistics 7, doi:10.1214/aos/1176344552).  Assumes independent clusters, and
    enough of them: below about 20 it is too narrow.

    Parameters
    ----------
    statistic
        Takes column sums, an array of shape ``(..., len(columns))``, and returns
        ``(...)``; NaN where it is not defined.
    columns
        One row of numbers a column, all of one length.
    clusters
        What each row belongs to; anything that can be compared.

    Raises
    ------
    UsageError
        If columns and clusters differ in length or there is no row.

    Examples
    --------
    >>> hits, rows = [1, 1, 0, 0, 0, 1], [1] * 6
    >>> found = cluster_bootstrap(lambda s: s[..., 0] / s[..., 1], [hits, rows],
    ...                           ["a", "a", "b", "b", "c", "c"])
    >>> found.value, found.clusters
    (0.5, 3)
    """
    if replicates < 1 or not 0 < confidence < 1:
        raise UsageError(
            "replicates must be 1 or more and confidence lie between 0 and 1, got "
            f"{replicates} and {confidence}"
        )
    sums = _sums(columns, clusters)
    groups = len(sums)
    kinds, of_kind = np.unique(sums, axis=0, return_counts=True)
    random = np.random.default_rng(seed)
    chances = of_kind / groups
    made = []
    step = max(1, _AT_ONCE // len(kinds))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(statistic(sums.sum(axis=0)))
        for start in range(0, replicates, step):
            drawn = random.multinomial(groups, chances, min(step, replicates - start))
            made.append(np.asarray(statistic(drawn @ kinds), dtype=np.float64))
    every = np.concatenate(made)
    draws = np.sort(every[np.isfinite(every)])
    low, high = _middle(draws, confidence)
    return Bootstrapped(
        value, low, high, _p(draws), groups, replicates - len(draws), draws
    )


def design_effect(values: Numbers, clusters: Sequence[object] | NDArray[Any]) -> float:
    """Return how many times clustering multiplies the variance of a mean.

    The variance between cluster totals around the mean over that of as many
    independent rows; ``n / design_effect`` is the effective number of rows.  About
    ``1 + (m - 1) ICC`` for clusters of ``m`` (Kish 1965, Survey Sampling, chapter 5).
    1.0 where the values do not vary.

    Raises
    ------
    UsageError
        If lengths differ or there are fewer than two clusters.

    Examples
    --------
    >>> round(design_effect([1, 1, 0, 0, 1, 1, 0, 0], [1, 1, 2, 2, 3, 3, 4, 4]), 2)
    2.33
    """
    each = numbers(values, "values")
    mean = each.mean() if each.size else 0.0
    totals = _sums([each - mean], clusters)[:, 0]
    groups, n = len(totals), each.size
    if groups < 2:
        raise UsageError(f"a design effect needs 2 clusters or more, got {groups}")
    alone = float(((each - mean) ** 2).sum() / (n - 1) * n)
    if not alone:
        return 1.0
    return float((totals**2).sum() * groups / (groups - 1) / alone)


def _sums(
    columns: Sequence[Numbers] | NDArray[Any],
    clusters: Sequence[object] | NDArray[Any],
) -> Floats:
    """Return clusters x columns, clusters in the order in which they first come."""
    order: dict[object, int] = {}
    at = np.array([order.setdefault(c, len(order)) for c in clusters], dtype=np.intp)
    if not at.size:
        raise UsageError("there is no row to draw from")
    made = [numbers(column, f"columns[{i}]") for i, column in enumerate(columns)]
    for i, column in enumerate(made):
        same_length(at.size, **{f"columns[{i}]": column})
    return np.stack([np.bincount(at, column, len(order)) for column in made], axis=1)


def _middle(draws: Floats, confidence: float) -> tuple[float, float]:
    if not draws.size:
        return float("nan"), float("nan")
    tails = ((1 - confidence) / 2, (1 + confidence) / 2)
    low, high = np.quantile(draws, tails)
    return float(low), float(high)


def _p(draws: Floats) -> float:
    below = (draws <= 0).sum() + 1
    above = (draws >= 0).sum() + 1
    return float(min(1.0, 2 * min(below, above) / (draws.size + 1)))
