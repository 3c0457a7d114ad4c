"""Where a number lies on an axis, and which numbers stand at it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, expm1, floor, log1p, log10

__all__ = [
    "RATE_TICKS",
    "bent",
    "near_zero",
    "near_zero_inverse",
    "percent",
    "signed",
    "span_of_shares",
    "span_over_zero",
    "ticks",
]

_KNEE = 0.01
_STEPS = 60
"""Points on a line across the whole axis."""
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


def bent(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return a curve with points in between where a straight line would be wrong.

    Between two points of a ROC curve lies what a toss between their thresholds does: a
    straight line, which on the axis of `near_zero` is none.
    """
    made = list(points[:1])
    for (x, y), (to_x, to_y) in pairwise(points):
        start, end = near_zero(x), near_zero(to_x)
        steps = max(ceil(_STEPS * (end - start)), 1) if to_y != y else 1
        for k in range(1, steps):
            rate = near_zero_inverse(start + (end - start) * k / steps)
            made.append((rate, y + (to_y - y) * (rate - x) / (to_x - x)))
        made.append((to_x, to_y))
    return made


def percent(share: float) -> str:
    """Return a share as it stands at an axis.

    Examples
    --------
    >>> percent(0.25), percent(0.005)
    ('25 %', '0.5 %')
    """
    return f"{100 * share:.3g} %"


def signed(value: float) -> str:
    """Return a difference as it stands at an axis.

    Examples
    --------
    >>> signed(0.1), signed(-0.25), signed(0)
    ('+0.1', '-0.25', '0')
    """
    return f"{value:+.3g}" if value else "0"


def span_over_zero(values: list[float]) -> tuple[float, float]:
    """Return a span that holds all values, as far below 0 as above."""
    reach = max(map(abs, values), default=0.0) or 1.0
    step = _step(reach / 2)
    top = round(ceil(reach / step - 1e-9) * step, 9)
    return -top, top


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
