"""p-values that hold for several claims together."""

from __future__ import annotations

__all__ = ["holm"]


def holm(p_values: list[float]) -> list[float]:
    """Return p-values that hold for all of the claims together, in the same order.

    Source: Holm 1979, Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    ranked = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    for rank, index in enumerate(ranked):
        largest = max(largest, min(1.0, (len(ranked) - rank) * p_values[index]))
        adjusted[index] = largest
    return adjusted
