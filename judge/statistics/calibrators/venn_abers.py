"""The two step tables of a Venn-Abers predictor, without a regression for each score.

The value isotonic regression gives a point is the slope of the greatest convex minorant
of the running sums over it.  An added point shifts all sums after it, so its value is
that of the common tangent of two minorants that do not change: of the sums before it,
and of those after.
"""

from __future__ import annotations

import numpy as np

from judge.statistics.checked import Floats

__all__ = ["venn_abers_tables"]

Corners = list[tuple[float, float]]


def venn_abers_tables(
    scores: Floats, labels: Floats, weights: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return distinct scores, and p0 and p1 at each; see `VennAbers` for between.

    The added point has weight 1.  Takes time in the number of distinct scores times the
    square of the minorants' corners, of which there are few.
    """
    knots, where = np.unique(scores, return_inverse=True)
    weight = np.bincount(where, weights).astype(np.float64)
    yes = np.bincount(where, weights * labels).astype(np.float64)
    upper = _with_a_yes(weight, yes)
    # A no from above is a yes from below, with labels and scores turned round.
    lower = 1 - _with_a_yes(weight[::-1], (weight - yes)[::-1])[::-1]
    return knots, _rising(lower), _rising(upper)


def _with_a_yes(weight: Floats, yes: Floats) -> Floats:
    """Return the isotonic value at each position, had it one more row, labelled 1."""
    sums = list(zip([0.0, *np.cumsum(weight)], [0.0, *np.cumsum(yes)], strict=True))
    after: list[Floats] = []
    corners: Corners = []
    for point in reversed(sums[1:]):
        _add_corner(corners, point, turn=-1)
        after.append(np.array(corners))
    after.reverse()
    values, before = [], Corners()
    for position, point in enumerate(sums[:-1]):
        _add_corner(before, point, turn=1)
        values.append(_tangent(np.array(before) - 1.0, after[position]))
    return np.array(values)


def _tangent(left: Floats, right: Floats) -> float:
    """Slope of the line that has both chains above it."""
    run = right[None, :, 0] - left[:, None, 0]
    rise = right[None, :, 1] - left[:, None, 1]
    return float((rise / run).min(axis=1).max())


def _add_corner(corners: Corners, point: tuple[float, float], *, turn: int) -> None:
    """Extend a lower convex chain, dropping the corners that are now above it."""
    while len(corners) > 1:
        (x0, y0), (x1, y1) = corners[-2:]
        cross = (x1 - x0) * (point[1] - y0) - (y1 - y0) * (point[0] - x0)
        if turn * cross > 0:
            return corners.append(point)
        corners.pop()
    return corners.append(point)


def _rising(values: Floats) -> Floats:
    """Return them without what rounding took away: they never fall."""
    return np.maximum.accumulate(np.clip(values, 0.0, 1.0))
