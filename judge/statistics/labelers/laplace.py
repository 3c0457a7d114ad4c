"""A random intercept a group, integrated out by Laplace's approximation.

The intercept of a group's rows is a standard normal z times the spread; the integral
over z is taken as that of the parabola that fits the log integrand at its top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from judge.statistics.labelers.ordered_logit import Between, Codes, Floats, OrderedLogit

__all__ = ["Laplace", "Top"]

ROUNDS = 200
CLOSE = 1e-11
STRIDE = 2.0
"""No longer step: far out the curve is so flat that Newton's method overshoots."""


@dataclass(frozen=True, slots=True, eq=False)
class Top:
    """Where each group's integrand is highest, and how sharply it falls from there."""

    z: Floats
    curvature: Floats
    """Minus the second derivative there, at least 1."""
    rows: Between


class Laplace:
    """The approximate log-likelihood of thresholds, coefficients and spread."""

    def __init__(self, logit: OrderedLogit, members: Codes, groups: int) -> None:
        self._logit = logit
        self._members = members
        self._groups = groups
        self._last = np.zeros(groups)

    def top(self, parameters: Floats, spread: float) -> Top:
        """Climb to the top of every group's integrand at once; each has only one."""
        z = self._last
        for _ in range(ROUNDS):
            rows = self._logit.between(parameters, spread * z[self._members])
            curvature = 1 - spread**2 * self._sum(rows.second)
            step = (-spread * self._sum(rows.first) - z) / curvature
            if np.abs(step).max(initial=0) < CLOSE:
                break
            z = z + np.clip(step, -STRIDE, STRIDE)
        self._last = z
        return Top(z, curvature, rows)

    def likelihood(self, top: Top) -> float:
        return float(
            top.rows.log.sum() - (top.z**2).sum() / 2 - np.log(top.curvature).sum() / 2
        )

    def gradient(self, top: Top, spread: float) -> Floats:
        """Return the derivatives by the parameters and, last, by the spread.

        The tops move with the parameters; that changes nothing to the first order but
        the curvature.
        """
        rows, z = top.rows, top.z
        bend_upper, bend_lower = rows.bends
        third = -self._sum(bend_upper + bend_lower)
        second, first = self._sum(rows.second), self._sum(rows.first)
        # How a group's curvature changes as its top moves, over twice the curvature.
        pull = spread**3 * third / top.curvature**2 / 2
        half = spread**2 / top.curvature / 2
        by_upper, by_lower = half[self._members], (pull * spread)[self._members]
        direct = rows.gradient.sum(axis=0)
        bent = rows.carried(by_upper * bend_upper, by_upper * bend_lower).sum(axis=0)
        moved = rows.carried(by_lower * rows.at_upper, by_lower * rows.at_lower).sum(
            axis=0
        )
        by_spread = (
            -z * first
            - (-2 * spread * second + spread**2 * z * third) / top.curvature / 2
            - pull * (-first + spread * z * second)
        )
        return np.append(direct - bent - moved, by_spread.sum())

    def _sum(self, by_row: Floats) -> Floats:
        summed = np.bincount(self._members, weights=by_row, minlength=self._groups)
        return summed.astype(np.float64)
