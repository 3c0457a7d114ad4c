"""Where a number lies on an axis, and which numbers stand at it."""

from __future__ import annotations

from math import ceil, expm1, floor, log1p, log10

__all__ = [
    "RATE_TICKS",
    "near_zero",
    "near_zero_inverse",
    "percent",
    "span_of_shares",
    "ticks",
]

_KNEE = 0.01
RATE_TICKS = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0)
"""What stands at the axis of false alarms."""


def near_zero(rate: float) -> float:
    """Return the place, 0 to 1, of a rate on an axis that is wide near 0.

    log(1 + 100 rate) / log(101): the first percent takes as much room as 15 to 30 %,
    since that is where a judge of rare things has to be good.
    """
    return log1p(rate / _KNEE) / log1p(1 / _KNEE)


def near_zero_inverse(place: float) -> float:
    """Return the rate at a place."""
    return _KNEE * expm1(place * log1p(1 / _KNEE))


def percent(share: float) -> str:
    """Return a share as it stands at an axis.

    Examples
    --------
    >>> percent(0.25), percent(0.005)
    ('25 %', '0.5 %')
    """
    return f"{100 * share:.3g} %"


def span_of_shares(shares: list[float]) -> tuple[float, float]:
    """Return the part of 0 to 1 that holds them all, from one tick to another.

    It starts at 0 unless all lie above a half.
    """
    if not shares:
        return 0.0, 1.0
    top, bottom = max(shares), min(shares)
    step = _step(max(top - (bottom if bottom > 0.5 else 0.0), 0.01) / 4)
    low = floor(bottom / step + 1e-9) * step if bottom > 0.5 else 0.0
    high = max(ceil(top / step - 1e-9) * step, low + step)
    over = max(high - 1, 0.0)  # all at 1: the axis ends there, and begins before
    return round(max(low - over, 0.0), 9), round(min(high, 1.0), 9)


def ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers from ``low`` to ``high``.

    Examples
    --------
    >>> ticks(0, 0.3)
    [0.0, 0.1, 0.2, 0.3]
    """
    step = _step((high - low) / 4)
    first = ceil(low / step - 1e-9)
    return [
        round(number * step, 9)
        for number in range(first, floor(high / step + 1e-9) + 1)
    ]


def _step(rough: float) -> float:
    """Return the round number at or above a rough one."""
    scale = 10.0 ** floor(log10(rough))
    for times in (1.0, 2.0, 2.5, 5.0):
        if rough <= times * scale * (1 + 1e-9):
            return times * scale
    return 10 * scale
