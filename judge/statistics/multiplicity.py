"""p-values that hold for several claims together.

`holm` and `bonferroni` bound the chance of even one false claim; the two of Benjamini
bound the share of false ones among the claims made, and are for screening.
"""

from __future__ import annotations

from collections.abc import Sequence

from judge.errors import UsageError

__all__ = ["benjamini_hochberg", "benjamini_yekutieli", "bonferroni", "holm"]


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values that hold for all of the claims together, in the same order.

    Adjusted ``p_(i) = max over j <= i of min(1, (m - j + 1) p_(j))``, the smallest
    first.  Holds under any dependence and is never weaker than `bonferroni`.
    Source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70.

    Raises
    ------
    UsageError
        If a p-value is not from 0 to 1.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    _check(p_values)
    ranked = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(ranked):
        largest = max(largest, min(1.0, (len(ranked) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted


def bonferroni(p_values: Sequence[float]) -> list[float]:
    """Return each p-value times their number, at most 1.

    Holds under any dependence; `holm` does too and claims more.  It is for intervals
    that must hold together, where Holm has none.
    Source: Dunn 1961, JASA 56, 52-64, doi:10.1080/01621459.1961.10482090.

    Raises
    ------
    UsageError
        If a p-value is not from 0 to 1.

    Examples
    --------
    >>> bonferroni([0.01, 0.4])
    [0.02, 0.8]
    """
    _check(p_values)
    return [min(1.0, len(p_values) * p) for p in p_values]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Return p-values whose claims at ``q`` are false in at most ``q`` of cases.

    Adjusted ``p_(i) = min over j >= i of min(1, m p_(j) / j)``, the smallest first.
    Assumes tests that are independent or depend positively; else use
    `benjamini_yekutieli`.
    Source: Benjamini and Hochberg 1995, JRSS B 57, 289-300,
    doi:10.1111/j.2517-6161.1995.tb02031.x.

    Raises
    ------
    UsageError
        If a p-value is not from 0 to 1.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.5, 0.25])
    [0.03, 0.5, 0.375]
    """
    return _step_up(p_values, factor=1.0)


def benjamini_yekutieli(p_values: Sequence[float]) -> list[float]:
    """Return what `benjamini_hochberg` does, for tests that depend in any way.

    Those times ``1 + 1/2 + ... + 1/m``, at most 1.
    Source: Benjamini and Yekutieli 2001, Annals of Statistics 29, 1165-1188,
    doi:10.1214/aos/1013699998.

    Raises
    ------
    UsageError
        If a p-value is not from 0 to 1.

    Examples
    --------
    >>> benjamini_yekutieli([0.01, 0.5])
    [0.03, 0.75]
    """
    return _step_up(p_values, factor=sum(1 / k for k in range(1, len(p_values) + 1)))


def _step_up(p_values: Sequence[float], *, factor: float) -> list[float]:
    _check(p_values)
    count = len(p_values)
    ranked = sorted(range(count), key=p_values.__getitem__)
    adjusted = [1.0] * count
    smallest = 1.0
    for rank in range(count, 0, -1):
        index = ranked[rank - 1]
        smallest = min(smallest, factor * count * p_values[index] / rank)
        adjusted[index] = smallest
    return adjusted


def _check(p_values: Sequence[float]) -> None:
    for p in p_values:
        if not 0 <= p <= 1:
            raise UsageError(f"a p-value lies from 0 to 1, got {p}")
