"""Which map from score to probability so many labels can carry, and which is best.

Decisions from a simulation over eight distortions of a calibrated judge: the sigmoid
with a prior has the least log loss from 30 to 300 labels, beta with a prior draws level
from 100, isotonic never wins below some 1,000, and where the judge is calibrated
already nothing beats its score as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from judge.errors import UsageError
from judge.statistics.calibrators.cross_fitting import FOLDS, OutOfFold, cross_fit
from judge.statistics.calibrators.fits import LabelledScores, fit_calibrator
from judge.statistics.calibrators.maps import METHODS, Calibrator, Method
from judge.statistics.checked import Floats, Numbers

__all__ = [
    "DEFAULT",
    "FEWEST",
    "Choice",
    "choose_calibrator",
    "cross_fit_calibrator",
    "methods_offered",
    "pooled_log_loss",
]

DEFAULT: Method = "sigmoid_logit_map"
FEWEST = 5
"""Labels of each class below which nothing is fitted."""
SURE = 1e-3
"""A probability nearer to 0 or 1 than this counts as this, in the log loss."""
CHOICE_REPEATS = 2
"""Repeats of the folds a method is chosen by; within a fold of the test, 1."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A fitted map, how it was chosen, and what its rivals lost by."""

    calibrator: Calibrator
    log_losses: Mapping[str, float] = field(default_factory=dict)
    """Out-of-fold log loss by method, in nats; empty where none was chosen from."""

    @property
    def method(self) -> Method:
        return self.calibrator.method


def methods_offered(n: int, fewest: int) -> tuple[Method, ...]:
    """Return the maps that ``n`` labels, ``fewest`` of the rarer class, can carry.

    Examples
    --------
    >>> methods_offered(200, 40)
    ('raw', 'sigmoid_logit_map', 'beta')
    >>> methods_offered(40, 4)
    ()
    """
    if fewest < FEWEST:
        return ()
    offered: list[Method] = ["raw", DEFAULT]
    if n >= 100 and fewest >= 20:
        offered.append("beta")
    if n >= 1000:
        offered.append("isotonic")
    return tuple(offered)


def choose_calibrator(
    scores: Numbers,
    labels: Numbers,
    *,
    weights: Numbers | None = None,
    groups: Any = None,
    seed: int = 0,
) -> Choice:
    """Fit each map the labels can carry, and keep the one with least log loss.

    Losses are out of fold.  The raw score is kept unless another is better.

    Raises
    ------
    UsageError
        If a class has fewer than 5 labels.

    Examples
    --------
    >>> # sure of itself, and wrong in a fifth of the cases
    >>> sure = [0.02] * 20 + [0.98] * 20
    >>> wrong = [0] * 16 + [1] * 4 + [1] * 16 + [0] * 4
    >>> choose_calibrator(sure, wrong).method
    'sigmoid_logit_map'
    """
    rows = LabelledScores.checked(scores, labels, weights)
    yes, no = _classes(rows)
    if min(yes, no) < FEWEST:
        raise UsageError(
            f"calibration needs {FEWEST} labels of each class, got {yes} present and "
            f"{no} absent"
        )
    return _choose(rows, groups, seed, repeats=CHOICE_REPEATS)


def cross_fit_calibrator(
    method: str,
    scores: Numbers,
    labels: Numbers,
    *,
    weights: Numbers | None = None,
    groups: Any = None,
    seed: int = 0,
) -> OutOfFold:
    """Return out-of-fold probabilities of a method; ``"auto"`` chooses in each fold.

    Raises
    ------
    UsageError
        For an unknown method, or arrays that cannot be used.
    """
    if method != "auto" and method not in METHODS:
        known = ", ".join(("auto", *METHODS))
        raise UsageError(f"method must be one of {known}, got {method!r}")

    def fit(rows: LabelledScores, together: Any) -> Calibrator:
        if method == "auto":
            return _choose(rows, together, seed + 1, repeats=1).calibrator
        return fit_calibrator(method, rows.scores, rows.labels, weights=rows.weights)

    return cross_fit(fit, scores, labels, weights=weights, groups=groups, seed=seed)


def pooled_log_loss(done: OutOfFold) -> float:
    """Weighted log loss over all rows and repeats, in nats."""
    p = np.clip(done.probabilities, SURE, 1 - SURE)
    losses = -(done.labels * np.log(p) + (1 - done.labels) * np.log1p(-p))
    return float(np.average(losses.mean(axis=0), weights=done.weights))


def _choose(rows: LabelledScores, groups: Any, seed: int, *, repeats: int) -> Choice:
    # A fold of 5 in all has 4 left: it chooses between these two all the same.
    offered = methods_offered(len(rows.scores), min(_classes(rows))) or ("raw", DEFAULT)
    losses: dict[str, float] = {
        name: _loss(name, rows, groups, seed, repeats) for name in offered
    }
    # The first of equals is kept: raw, then the default.
    best = min(offered, key=losses.__getitem__)
    fitted = fit_calibrator(best, rows.scores, rows.labels, weights=rows.weights)
    return Choice(fitted, losses)


def _loss(
    name: str, rows: LabelledScores, groups: Any, seed: int, repeats: int
) -> float:
    if name == "raw":
        as_is: Floats = rows.scores[None, :]
        return pooled_log_loss(OutOfFold(as_is, rows.labels, rows.weights, FOLDS))
    done = cross_fit(
        lambda rest, _: fit_calibrator(
            name, rest.scores, rest.labels, weights=rest.weights
        ),
        rows.scores,
        rows.labels,
        weights=rows.weights,
        groups=groups,
        repeats=repeats,
        seed=seed,
    )
    return pooled_log_loss(done)


def _classes(rows: LabelledScores) -> tuple[int, int]:
    yes = int((rows.labels >= 0.5).sum())
    return yes, len(rows.labels) - yes
