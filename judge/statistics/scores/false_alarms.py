"""How many labels a promise on false alarms takes, by the binomial distribution."""

from __future__ import annotations

from judge.errors import UsageError

__all__ = [
    "allowed_false_alarms",
    "benign_labels_needed",
    "check_shares",
    "smallest_certifiable_rate",
]


def allowed_false_alarms(
    benign: int, rate: float, *, delta: float = 0.05
) -> int | None:
    """Return the most false alarms among ``benign`` that still certify ``rate``.

    The largest k with P(Bin(benign, rate) <= k) <= delta; None where not even 0 do.

    Examples
    --------
    >>> allowed_false_alarms(473, 0.01), allowed_false_alarms(298, 0.01)
    (1, None)
    """
    check_shares(rate=rate, delta=delta)
    if benign < 0:
        raise UsageError(f"benign labels are 0 or more, got {benign}")
    low, high = -1, benign
    while high - low > 1:
        middle = (low + high) // 2
        fits = _at_most(middle, benign, rate) <= delta
        low, high = (middle, high) if fits else (low, middle)
    return low if low >= 0 else None


def benign_labels_needed(alarms: int, rate: float, *, delta: float = 0.05) -> int:
    """Return how many benign labels certify ``rate`` in spite of so many false alarms.

    Examples
    --------
    >>> [benign_labels_needed(k, 0.01) for k in (0, 1, 2)]
    [299, 473, 628]
    """
    check_shares(rate=rate, delta=delta)
    if alarms < 0:
        raise UsageError(f"false alarms are 0 or more, got {alarms}")
    low, high = alarms, alarms + 1
    while _at_most(alarms, high, rate) > delta:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        enough = _at_most(alarms, middle, rate) <= delta
        low, high = (low, middle) if enough else (middle, high)
    return high


def smallest_certifiable_rate(benign: int, *, delta: float = 0.05) -> float:
    """Return 1 - delta^(1/n): the least rate that ``benign`` labels can certify.

    Examples
    --------
    >>> round(smallest_certifiable_rate(100), 4)
    0.0295
    """
    if benign < 1:
        return 1.0
    check_shares(delta=delta)
    return float(1 - delta ** (1 / benign))


def _at_most(alarms: int, n: int, rate: float) -> float:
    """Return P(Bin(n, rate) <= alarms)."""
    from scipy.special import betainc

    return float(betainc(n - alarms, alarms + 1, 1 - rate)) if alarms < n else 1.0


def check_shares(**shares: float) -> None:
    """Raise unless each lies between 0 and 1."""
    for name, value in shares.items():
        if not 0 < value < 1:
            raise UsageError(f"{name} must lie between 0 and 1, got {value}")
