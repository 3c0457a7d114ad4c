"""Calibration without bins: the CORP decomposition and the reliability curve.

Consistent, Optimally binned, Reproducible, by the Pool-adjacent-violators algorithm
(Dimitriadis, Gneiting and Jordan 2021, PNAS 118, doi:10.1073/pnas.2016191118).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from judge.errors import UsageError
from judge.statistics.checked import Floats, Numbers, Places
from judge.statistics.scores.scoring_rules import brier_score, forecasts, log_loss

__all__ = ["Decomposition", "ReliabilityCurve", "corp_decomposition", "reliability"]

Rule = Literal["brier", "log"]
_RULES: dict[str, Callable[..., float]] = {"brier": brier_score, "log": log_loss}

LEVELS = 1000
"""Different probabilities above which those within a thousandth count as their mean:
finer than labels can tell, and with 100,000 of them the band would take 2 GB."""


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A mean score in parts: score = miscalibration - discrimination + uncertainty."""

    score: float
    miscalibration: float
    """MCB: what recalibrating would gain; 0 is best."""
    discrimination: float
    """DSC: what the order of the probabilities is worth; more is better."""
    uncertainty: float
    """UNC: the score of the base rate."""
    rule: Rule
    n: int


def corp_decomposition(
    p: Numbers, y: Numbers, *, rule: Rule = "brier", weights: Numbers | None = None
) -> Decomposition:
    """Split a mean score into miscalibration, discrimination and uncertainty.

    With S the mean score, c the isotonic fit of y on p and r the base rate:
    MCB = S(p) - S(c), DSC = S(r) - S(c), UNC = S(r); all three are 0 or more.  In
    sample, so MCB is above 0 by chance too.  The log score is clipped at 1e-3, as
    `log_loss` is.

    Raises
    ------
    UsageError
        If there is no row, something is not from 0 to 1, or lengths differ.

    Examples
    --------
    >>> parts = corp_decomposition([0.2, 0.2, 0.8, 0.8], [0, 0, 1, 1])
    >>> f"{parts.miscalibration:.2f} {parts.discrimination:.2f} {parts.uncertainty:.2f}"
    '0.04 0.25 0.25'
    """
    if rule not in _RULES:
        raise UsageError(f'rule must be "brier" or "log", got {rule!r}')
    score = _RULES[rule]
    forecast, came, weight = forecasts(p, y, weights)
    _, place, mass, hits = _grouped(forecast, came, weight)
    fitted = _pooled(hits / np.maximum(mass, 1e-300), mass)[place]
    base = np.full(len(came), np.average(came, weights=weight))
    whole, best, none = (
        score(each, came, weights=weight) for each in (forecast, fitted, base)
    )
    return Decomposition(
        score=whole,
        miscalibration=max(whole - best, 0.0),
        discrimination=max(none - best, 0.0),
        uncertainty=none,
        rule=rule,
        n=len(forecast),
    )


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """At each distinct probability: how often it came true, and what chance allows.

    ``low`` to ``high`` is where the curve lies if the probabilities are right, for each
    point by itself.
    """

    forecast: Floats
    observed: Floats
    low: Floats
    high: Floats
    n: Floats
    """Rows with that probability."""
    confidence: float
    draws: int
    seed: int

    @property
    def outside(self) -> float:
        """Share of the rows at which the curve lies outside the band."""
        out = (self.observed < self.low - 1e-9) | (self.observed > self.high + 1e-9)
        return float(self.n[out].sum() / self.n.sum())


def reliability(
    p: Numbers,
    y: Numbers,
    *,
    confidence: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> ReliabilityCurve:
    """Return the isotonic reliability curve and its consistency band.

    The band is of quantiles, point by point, of curves fitted to labels drawn anew
    from y ~ Bernoulli(p), the probabilities kept.  Assumes independent rows.  Of more
    than 1,000 different probabilities those within a thousandth count as their mean.

    Raises
    ------
    UsageError
        As `corp_decomposition`, for no draws or a confidence that is none.

    Examples
    --------
    >>> curve = reliability([0.1, 0.1, 0.5, 0.9], [0, 1, 0, 1], draws=200)
    >>> [round(float(share), 3) for share in curve.observed]
    [0.333, 0.333, 1.0]
    """
    if draws < 1 or not 0 < confidence < 1:
        raise UsageError(
            f"draws of 1 or more and a confidence between 0 and 1, got {draws} and "
            f"{confidence}"
        )
    forecast, came, weight = forecasts(p, y)
    levels, _, mass, hits = _grouped(_thinned(forecast), came, weight)
    random = np.random.default_rng(seed)
    redrawn = random.binomial(mass.astype(np.int64), levels, (draws, len(levels)))
    curves = np.stack([_pooled(row, mass) for row in redrawn / mass])
    tail = (1 - confidence) / 2
    low, high = np.quantile(curves, (tail, 1 - tail), axis=0)
    return ReliabilityCurve(
        forecast=levels,
        observed=_pooled(hits / mass, mass),
        low=low,
        high=high,
        n=mass,
        confidence=confidence,
        draws=draws,
        seed=seed,
    )


def _thinned(forecast: Floats) -> Floats:
    if len(np.unique(forecast)) <= LEVELS:
        return forecast
    _, place = np.unique(np.floor(forecast * LEVELS), return_inverse=True)
    means = np.bincount(place, forecast) / np.bincount(place)
    return np.asarray(means[place])


def _pooled(shares: Floats, mass: Floats) -> Floats:
    """Return the nearest values that never fall (pool adjacent violators)."""
    from scipy.optimize import isotonic_regression

    told = mass > 0
    fitted = np.interp(
        np.arange(len(shares)),
        np.flatnonzero(told),
        isotonic_regression(shares[told], weights=mass[told]).x,
    )
    return np.asarray(fitted, dtype=np.float64)


def _grouped(
    forecast: Floats, came: Floats, weight: Floats
) -> tuple[Floats, Places, Floats, Floats]:
    """Return the distinct probabilities, each row's, and their weight and hits."""
    levels, place = np.unique(forecast, return_inverse=True)
    mass = np.bincount(place, weight, len(levels)).astype(np.float64)
    hits = np.bincount(place, weight * came, len(levels)).astype(np.float64)
    return levels, place, mass, hits
