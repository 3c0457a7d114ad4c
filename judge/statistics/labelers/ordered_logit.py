"""The likelihood of ordered levels under a logistic curve, and its derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Between", "Codes", "Floats", "OrderedLogit"]

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int64]

SMALLEST = 1e-300


@dataclass(frozen=True, slots=True, eq=False)
class OrderedLogit:
    """Rows of a level and covariates, laid out as two bounds on the logistic scale.

    A row's bounds are ``upper @ parameters`` and ``lower @ parameters``, the parameters
    being the thresholds and then the coefficients.
    """

    upper: Floats
    lower: Floats
    highest: NDArray[np.bool_]
    """Rows of the highest level, which have no upper bound."""
    lowest: NDArray[np.bool_]
    cuts: int

    @classmethod
    def of(cls, codes: Codes, covariates: Floats, levels: int) -> OrderedLogit:
        """Lay out rows whose levels are coded from 0."""
        thresholds = np.eye(levels + 1)
        # Column 0 would be the bound below the lowest level, the last that above all.
        cut = slice(1, levels)
        return cls(
            upper=np.hstack([thresholds[codes + 1][:, cut], -covariates]),
            lower=np.hstack([thresholds[codes][:, cut], -covariates]),
            highest=codes == levels - 1,
            lowest=codes == 0,
            cuts=levels - 1,
        )

    def between(self, parameters: Floats, shift: Floats | float = 0.0) -> Between:
        """Evaluate with each row's location moved up by ``shift``."""
        return Between(
            self,
            np.where(self.highest, np.inf, self.upper @ parameters - shift),
            np.where(self.lowest, -np.inf, self.lower @ parameters - shift),
        )


class Between:
    """Each row's probability ``p = F(u) - F(l)`` between its bounds, with derivatives.

    With f the logistic density, ``d log p / du = f(u) / p`` and ``d log p / dl =
    -f(l) / p``; moving both bounds together gives ``1 - F(u) - F(l)``, and from there
    on no probability is in the denominator.
    """

    def __init__(self, logit: OrderedLogit, upper: Floats, lower: Floats) -> None:
        from scipy.special import expit

        self._logit = logit
        self.to_upper: Floats = expit(upper)
        self.to_lower: Floats = expit(lower)
        self.at_upper = self.to_upper * expit(-upper)
        self.at_lower = self.to_lower * expit(-lower)
        # F(u) - F(l) as a product, which loses nothing to cancellation.
        product = self.to_upper * expit(-lower) * -np.expm1(lower - upper)
        self.probability: Floats = np.maximum(product, SMALLEST)

    @property
    def log(self) -> Floats:
        return np.log(self.probability)

    @property
    def first(self) -> Floats:
        """Derivative of the log by a move of both bounds."""
        return 1 - self.to_upper - self.to_lower

    @property
    def second(self) -> Floats:
        return -self.at_upper - self.at_lower

    @property
    def bends(self) -> tuple[Floats, Floats]:
        """Derivatives of the densities at the two bounds."""
        return (
            self.at_upper * (1 - 2 * self.to_upper),
            self.at_lower * (1 - 2 * self.to_lower),
        )

    @property
    def gradient(self) -> Floats:
        """Each row's derivatives of the log by the parameters."""
        return self.carried(
            self.at_upper / self.probability, -self.at_lower / self.probability
        )

    def carried(self, by_upper: Floats, by_lower: Floats) -> Floats:
        """Carry derivatives by the two bounds to the parameters, row by row."""
        logit = self._logit
        return by_upper[:, None] * logit.upper + by_lower[:, None] * logit.lower

    def information(self) -> Floats:
        """Return minus the second derivatives of the log-likelihood by parameters."""
        upper, lower = self._logit.upper, self._logit.lower
        bend_upper, bend_lower = self.bends
        p, u, low = self.probability, self.at_upper, self.at_lower
        both = (upper * (u * low / p**2)[:, None]).T @ lower
        hessian: Floats = (
            (upper * (bend_upper / p - (u / p) ** 2)[:, None]).T @ upper
            + (lower * (-bend_lower / p - (low / p) ** 2)[:, None]).T @ lower
            + both
            + both.T
        )
        return -hessian
