"""How good probabilities are: proper scores, and the error of their calibration.

``p`` are probabilities, ``y`` what came true: 0 or 1, or the share of labelers who say
yes.  One row each.  Everything is about the rows given: nothing is fitted here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from judge.errors import UsageError
from judge.statistics.checked import (
    Floats,
    Numbers,
    Places,
    probabilities,
    same_length,
    weights_or_ones,
)

__all__ = [
    "Binning",
    "NoiseFloor",
    "brier_score",
    "brier_skill",
    "calibration_error",
    "ece_noise_floor",
    "forecasts",
    "log_loss",
]

Binning = Literal["width", "mass"]

_CELLS = 2_000_000
"""Resampled answers held at a time: 16 MB."""


def brier_score(p: Numbers, y: Numbers, *, weights: Numbers | None = None) -> float:
    """Return the mean of (p - y)^2, 0 at best.

    Brier 1950, Monthly Weather Review 78,
    doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2.

    Raises
    ------
    UsageError
        If there is no row, something is not from 0 to 1, or lengths differ.

    Examples
    --------
    >>> round(brier_score([0.9, 0.2], [1, 0]), 6)
    0.025
    """
    forecast, came, weight = forecasts(p, y, weights)
    return float(np.average((forecast - came) ** 2, weights=weight))


def brier_skill(p: Numbers, y: Numbers, *, weights: Numbers | None = None) -> float:
    """Return 1 - Brier(p) / Brier(base rate): 1 at best, 0 as good as the base rate.

    The base rate is that of the same rows, so it is a strong rival.

    Raises
    ------
    UsageError
        As `brier_score`, and where ``y`` is the same everywhere: nothing to beat.

    Examples
    --------
    >>> round(brier_skill([0.9, 0.2, 0.1, 0.6], [1, 0, 0, 1]), 6)
    0.78
    """
    forecast, came, weight = forecasts(p, y, weights)
    base = float(np.average(came, weights=weight))
    reference = brier_score(np.full(len(came), base), came, weights=weight)
    if reference == 0:
        raise UsageError(f"no skill to tell: every label is {base:g}; label both kinds")
    return 1 - brier_score(forecast, came, weights=weight) / reference


def log_loss(
    p: Numbers, y: Numbers, *, weights: Numbers | None = None, clip: float = 1e-3
) -> float:
    """Return the mean of -(y log p + (1 - y) log(1 - p)), natural logarithm.

    Good 1952, JRSS B 14, doi:10.1111/j.2517-6161.1952.tb00104.x.

    Parameters
    ----------
    clip
        Probabilities are moved to at least this far from 0 and 1, so that one certain
        mistake does not make all the rest invisible.

    Raises
    ------
    UsageError
        As `brier_score`, or if ``clip`` is not above 0 and under 0.5.

    Examples
    --------
    >>> round(log_loss([0.5, 1.0], [1, 0]), 4)
    3.8005
    """
    if not 0 < clip < 0.5:
        raise UsageError(f"clip must be above 0 and under 0.5, got {clip}")
    forecast, came, weight = forecasts(p, y, weights)
    held = np.clip(forecast, clip, 1 - clip)
    cost = -(came * np.log(held) + (1 - came) * np.log1p(-held))
    return float(np.average(cost, weights=weight))


def calibration_error(
    p: Numbers,
    y: Numbers,
    *,
    bins: int = 10,
    by: Binning = "width",
    weights: Numbers | None = None,
) -> float:
    """Return the expected calibration error: the bins' mean gap between p and y.

    ECE = sum over bins of (share of rows) * abs(mean p - mean y).  It depends on the
    bins and is never 0 on few rows: tell it only beside `ece_noise_floor` (Naeini,
    Cooper and Hauskrecht 2015, AAAI, doi:10.1609/aaai.v29i1.9602; Bröcker and Smith
    2007, Weather and Forecasting 22, doi:10.1175/WAF993.1).

    Parameters
    ----------
    by
        ``width``: bins of equal width, the row of p in bin floor(p * bins).  ``mass``:
        bins of about equally many rows in the order of p, equal p kept in that order.

    Raises
    ------
    UsageError
        As `brier_score`, or for less than one bin.

    Examples
    --------
    >>> round(calibration_error([0.1, 0.1, 0.9, 0.9], [0, 0, 1, 0], bins=2), 6)
    0.25
    """
    forecast, came, weight = forecasts(p, y, weights)
    place = _bins(forecast, bins, by)
    gaps = np.bincount(place, weight * (forecast - came), bins)
    return float(np.abs(gaps).sum() / weight.sum())


@dataclass(frozen=True, slots=True)
class NoiseFloor:
    """What the calibration error would be were every probability right."""

    ece: float
    """Of the labels given."""
    expected: float
    """Mean over resamples in which each p is true."""
    high: float
    """What 95 % of those resamples stay under."""
    p_value: float
    """Share of resamples with an error as large as the one seen, itself counted."""
    n: int
    bins: int
    draws: int
    seed: int


def ece_noise_floor(
    p: Numbers,
    y: Numbers,
    *,
    bins: int = 10,
    by: Binning = "width",
    draws: int = 2000,
    seed: int = 0,
) -> NoiseFloor:
    """Return the calibration error beside what perfect calibration would show.

    Labels are drawn anew with y ~ Bernoulli(p), ``draws`` times (Bröcker and Smith
    2007, Weather and Forecasting 22, doi:10.1175/WAF993.1).  Assumes independent rows.
    p = (1 + resamples with an error at least as large) / (1 + draws).

    Raises
    ------
    UsageError
        As `calibration_error`, or for no draws.

    Examples
    --------
    >>> floor = ece_noise_floor([0.1, 0.3, 0.5, 0.7, 0.9] * 6, [0, 0, 1, 1, 1] * 6)
    >>> f"{floor.ece:.2f} {floor.expected:.2f} {floor.p_value < 0.05}"
    '0.26 0.14 True'
    """
    if draws < 1:
        raise UsageError(f"draws must be 1 or more, got {draws}")
    forecast, came, _ = forecasts(p, y)
    place = _bins(forecast, bins, by)
    seen = calibration_error(forecast, came, bins=bins, by=by)
    random = np.random.default_rng(seed)
    step = max(1, _CELLS // len(forecast))
    parts = [
        _resampled(forecast, place, min(step, draws - start), random)
        for start in range(0, draws, step)
    ]
    errors = np.concatenate(parts)
    as_large = int((errors >= seen - 1e-12).sum())
    return NoiseFloor(
        ece=seen,
        expected=float(errors.mean()),
        high=float(np.quantile(errors, 0.95)),
        p_value=(1 + as_large) / (1 + draws),
        n=len(forecast),
        bins=bins,
        draws=draws,
        seed=seed,
    )


def _resampled(
    forecast: Floats,
    place: Places,
    draws: int,
    random: np.random.Generator,
) -> Floats:
    """Return the calibration error of each resample."""
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    held = forecast[order]
    came = random.random((draws, len(held))) < held
    gaps = np.add.reduceat(held - came, starts, axis=1)
    return np.asarray(np.abs(gaps).sum(axis=1) / len(held), dtype=np.float64)


def _bins(forecast: Floats, bins: int, by: Binning) -> Places:
    if bins < 1:
        raise UsageError(f"bins must be 1 or more, got {bins}")
    if by not in ("width", "mass"):
        raise UsageError(f'by must be "width" or "mass", got {by!r}')
    if by == "width":
        # A hair up: 0.29 * 100 is 28.999999999999996, and belongs into bin 29.
        whole = np.floor(forecast * bins + 1e-9).astype(np.intp)
        return np.minimum(whole, bins - 1)
    place = np.empty(len(forecast), dtype=np.intp)
    parts = np.array_split(np.argsort(forecast, kind="stable"), bins)
    for number, rows in enumerate(parts):
        place[rows] = number
    return place


def forecasts(
    p: Numbers, y: Numbers, weights: Numbers | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return probabilities, outcomes and weights, checked."""
    forecast, came = probabilities(p, "p"), probabilities(y, "y")
    same_length(len(forecast), y=came)
    if not len(forecast):
        raise UsageError("no rows: a score needs at least one probability and label")
    return forecast, came, weights_or_ones(weights, len(forecast))
