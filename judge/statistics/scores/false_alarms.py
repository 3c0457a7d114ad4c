"""How many false alarms still leave a promise, by the binomial distribution."""

from __future__ import annotations

from judge.errors import UsageError

__all__ = ["allowed_false_alarms", "check_shares"]


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


def _at_most(alarms: int, n: int, rate: float) -> float:
    """Return P(Bin(n, rate) <= alarms)."""
    from scipy.special import betainc

    return float(betainc(n - alarms, alarms + 1, 1 - rate)) if alarms < n else 1.0


def check_shares(**shares: float) -> None:
    """Raise unless each lies between 0 and 1."""
    for name, value in shares.items():
        if not 0 < value < 1:
            raise UsageError(f"{name} must lie between 0 and 1, got {value}")
