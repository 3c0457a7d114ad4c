"""What probabilities are worth on labels they were not fitted to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from judge.provenance import Frozen
from judge.statistics.calibrators.cross_fitting import OutOfFold
from judge.statistics.cluster_bootstrap import cluster_bootstrap
from judge.statistics.estimate import Estimate
from judge.statistics.scores.corp import corp_decomposition, reliability
from judge.statistics.scores.scoring_rules import ece_noise_floor

__all__ = ["CurvePoint", "Reliability", "reliability_of"]

Floats = NDArray[np.float64]
SURE = 1e-3
DRAWS = 1000


class CurvePoint(Frozen):
    """One probability of the reliability curve."""

    forecast: float
    observed: float
    """How often it came true, by isotonic regression."""
    low: float
    high: float
    """Where the curve lies if the probabilities are right (95 %)."""
    n: int


class Reliability(Frozen):
    """Out of fold, or on labels of their own."""

    tested: str
    """How: ``"10 times 5-fold"``."""
    n: int
    brier: Estimate
    """Mean squared error, 0 at best."""
    brier_skill: Estimate
    """Against the base rate: 1 at best, 0 or less is worthless."""
    log_loss: Estimate
    brier_raw: Estimate
    log_loss_raw: Estimate
    """Of the score as it is."""
    miscalibration: float
    discrimination: float
    uncertainty: float
    """CORP: Brier score = miscalibration - discrimination + uncertainty."""
    ece: float
    """Expected calibration error in 10 bins; mean little by itself."""
    ece_floor: float
    """What it is on average if every probability is right."""
    ece_high: float
    """What it then stays under in 95 % of cases."""
    ece_p: float
    curve: tuple[CurvePoint, ...]

    def rows(self) -> Iterator[tuple[str, Estimate]]:
        """Yield each figure under the words it is written with."""
        yield "Brier score", self.brier
        yield "Brier score of the raw score", self.brier_raw
        yield "Brier skill against the base rate", self.brier_skill
        yield "log loss", self.log_loss
        yield "log loss of the raw score", self.log_loss_raw

    def lines(self) -> list[str]:
        told = [f"  {name}: {figure}, n {figure.n:,}" for name, figure in self.rows()]
        return [
            *told,
            (
                f"  CORP: miscalibration {self.miscalibration:.3f}, discrimination "
                f"{self.discrimination:.3f}, uncertainty {self.uncertainty:.3f}"
            ),
            (
                f"  calibration error (10 bins): {self.ece:.3f}; with perfect "
                f"probabilities it would be {self.ece_floor:.3f}, and up to "
                f"{self.ece_high:.3f}, on {self.n:,} labels"
            ),
        ]


def reliability_of(
    done: OutOfFold,
    scores: Floats,
    *,
    tested: str = "",
    groups: Any = None,
    intervals: bool = True,
    seed: int = 0,
) -> Reliability:
    """Return what the probabilities of rows are worth, beside their raw scores.

    Losses are means over the repeats.  Curve, CORP and calibration error are of each
    row's mean probability; the last and the curve's band do not know of weights.
    """
    y, weights = done.labels, done.weights
    together = np.arange(len(y)) if groups is None else groups

    def mean(losses: Floats, what: str) -> Estimate:
        found = cluster_bootstrap(
            lambda sums: sums[..., 0] / sums[..., 1],
            [weights * losses, weights],
            together,
            seed=seed,
        )
        return _estimate(found, len(y), what, intervals=intervals)

    squared = ((done.probabilities - y) ** 2).mean(axis=0)
    parts = corp_decomposition(done.mean, y, weights=weights)
    floor = ece_noise_floor(done.mean, y, seed=seed)
    curve = reliability(done.mean, y, draws=DRAWS, seed=seed)
    points = zip(
        *(column.tolist() for column in (
            curve.forecast, curve.observed, curve.low, curve.high, curve.n
        )),
        strict=True,
    )  # fmt: skip
    return Reliability(
        tested=tested or f"out of fold, {done}",
        n=len(y),
        brier=mean(squared, "Brier score"),
        brier_skill=_skill(squared, done, together, intervals=intervals, seed=seed),
        log_loss=mean(_log_loss(done.probabilities, y).mean(axis=0), "log loss"),
        brier_raw=mean((scores - y) ** 2, "Brier score"),
        log_loss_raw=mean(_log_loss(scores, y), "log loss"),
        miscalibration=parts.miscalibration,
        discrimination=parts.discrimination,
        uncertainty=parts.uncertainty,
        ece=floor.ece,
        ece_floor=floor.expected,
        ece_high=floor.high,
        ece_p=floor.p_value,
        curve=tuple(
            CurvePoint(forecast=at, observed=seen, low=low, high=high, n=round(n))
            for at, seen, low, high, n in points
        ),
    )


def _skill(
    squared: Floats, done: OutOfFold, groups: Any, *, intervals: bool, seed: int
) -> Estimate:
    y, w = done.labels, done.weights
    found = cluster_bootstrap(
        _skill_of, [w * squared, w, w * y, w * y * y], groups, seed=seed
    )
    return _estimate(found, len(y), "Brier skill", intervals=intervals)


def _skill_of(sums: Floats) -> Floats:
    lost, weight, yes, squares = (sums[..., k] for k in range(4))
    spread = squares / weight - (yes / weight) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 1e-12, 1 - lost / weight / spread, np.nan)


def _log_loss(p: Floats, y: Floats) -> Floats:
    held = np.clip(p, SURE, 1 - SURE)
    return np.asarray(-(y * np.log(held) + (1 - y) * np.log1p(-held)))


def _estimate(found: Any, n: int, what: str, *, intervals: bool) -> Estimate:
    if not np.isfinite(found.value):
        one_kind = "every label is the same"
        return Estimate.refused(one_kind, remedy="label both kinds", n=n, method=what)
    told = Estimate(value=found.value, n=n, method=f"{what}, bootstrap", unit="number")
    if not intervals:
        return told
    return told.model_copy(
        update={
            "low": min(found.low, found.value),
            "high": max(found.high, found.value),
        }
    )
