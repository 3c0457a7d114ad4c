"""Logistic regression small enough to be exact: priors, weights, signs held.

Two or three coefficients, fitted by Newton's method.  The objective is convex, so a
coefficient that must not be negative is either free or 0, and the better is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np

from judge.statistics.checked import Floats

__all__ = ["Logistic", "logit", "sigmoid"]

WEAKEST = 1e-8
"""Precision of the prior where there is none: data that is separable has a fit too."""
STEPS = 200
CLOSE = 1e-10


def sigmoid(x: Floats) -> Floats:
    """Return ``1 / (1 + exp(-x))``, without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)), dtype=np.float64)


def logit(p: Floats) -> Floats:
    """Return ``ln(p / (1 - p))`` for p inside 0 and 1."""
    return np.asarray(np.log(p) - np.log1p(-p), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Logistic:
    """``P(y = 1) = sigmoid(features @ coefficients)``, with a normal prior on each.

    Minimises ``sum w (ln(1 + exp(eta)) - y eta) + sum ((b - mean) / sd)^2 / 2``.
    Targets may lie between 0 and 1.  A standard deviation of infinity is no prior.
    """

    features: Floats
    """Rows by coefficients."""
    targets: Floats
    weights: Floats
    means: Sequence[float]
    sds: Sequence[float]

    def fit(self, *, nonnegative: Sequence[int] = ()) -> Floats:
        """Return the coefficients; those of ``nonnegative`` are 0 or more."""
        every = range(self.features.shape[1])
        fits = []
        for zeros in (
            held for k in range(len(nonnegative) + 1)
            for held in combinations(nonnegative, k)
        ):  # fmt: skip
            lost, found = self._newton([index for index in every if index not in zeros])
            if all(found[index] >= 0 for index in nonnegative):
                if not zeros:
                    return found  # the best there is, and allowed
                fits.append((lost, found))
        return min(fits, key=lambda fit: fit[0])[1]

    def _newton(self, free: Sequence[int]) -> tuple[float, Floats]:
        """Minimise over the free coefficients, the others 0; return the loss too."""
        columns = list(free)
        x, prior = self.features[:, columns], self._prior(columns)
        found = prior.means.copy()
        here = self._objective(x, found, prior)
        for _ in range(STEPS):
            step = self._step(x, found, prior)
            size, there = 1.0, self._objective(x, found - step, prior)
            while there > here and size > CLOSE:
                size /= 2
                there = self._objective(x, found - size * step, prior)
            if there > here:
                break  # no step is better: as near as the floats allow
            found, here = found - size * step, there
            if size * np.abs(step).max(initial=0.0) < CLOSE:
                break
        every = np.zeros(self.features.shape[1])
        every[columns] = found
        whole = self._prior(list(range(len(every))))
        return self._objective(self.features, every, whole), every

    def _step(self, x: Floats, at: Floats, prior: _Prior) -> Floats:
        p = sigmoid(x @ at)
        gradient = x.T @ (self.weights * (p - self.targets))
        gradient += prior.precision * (at - prior.means)
        curvature = (x * (self.weights * p * (1 - p))[:, None]).T @ x
        curvature[np.diag_indices_from(curvature)] += prior.precision
        return np.asarray(np.linalg.solve(curvature, gradient), dtype=np.float64)

    def _objective(self, x: Floats, at: Floats, prior: _Prior) -> float:
        eta = x @ at
        loss = self.weights @ (np.logaddexp(0.0, eta) - self.targets * eta)
        return float(loss + 0.5 * prior.precision @ (at - prior.means) ** 2)

    def _prior(self, columns: list[int]) -> _Prior:
        means = np.array([self.means[index] for index in columns], dtype=np.float64)
        sds = np.array([self.sds[index] for index in columns], dtype=np.float64)
        return _Prior(means, np.maximum(sds**-2.0, WEAKEST))


class _Prior(NamedTuple):
    means: Floats
    precision: Floats
