"""Whether two conditions differ on the same transcripts."""

from __future__ import annotations

from math import comb

from judge.errors import UsageError

__all__ = ["mcnemar_exact"]


def mcnemar_exact(
    first_only: int, second_only: int, *, one_sided: bool = False
) -> float:
    """Return the exact p-value that two paired yes-no answers differ in rate.

    Only pairs that answer differently tell anything: under no difference each of them
    falls to either side like a coin (McNemar 1947, Psychometrika 12,
    doi:10.1007/BF02295996).

    Parameters
    ----------
    first_only, second_only
        Pairs with a yes in the first condition alone, and in the second alone.
    one_sided
        Test only whether the first has more.

    Examples
    --------
    >>> mcnemar_exact(5, 0, one_sided=True)
    0.03125
    >>> mcnemar_exact(0, 0)
    1.0
    """
    if first_only < 0 or second_only < 0:
        raise UsageError(f"counts are 0 or more, got {first_only} and {second_only}")
    n = first_only + second_only
    if one_sided:
        return _tail(n, first_only)
    return min(1.0, 2 * _tail(n, max(first_only, second_only)))


def _tail(n: int, at_least: int) -> float:
    """Return P(X >= at_least) of n coins, in whole numbers until the last step."""
    return float(sum(comb(n, k) for k in range(at_least, n + 1)) / 2**n)
