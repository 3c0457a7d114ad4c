"""Proportional odds: one shift of the logistic curve for all cuts of a scale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from judge.errors import UsageError
from judge.statistics.labelers.laplace import Laplace
from judge.statistics.labelers.ordered_logit import Floats, OrderedLogit

__all__ = ["CumulativeLink", "cumulative_link", "cumulative_link_mixed"]

Objective: TypeAlias = Callable[[Floats], tuple[float, Floats]]

WILD = 50.0
"""A standard error on the logit scale beyond which a level is told apart wholly."""
NO_SPREAD = 1e-3
STEP = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeLink:
    """Thresholds and coefficients on the logit scale, with their standard errors."""

    levels: tuple[float, ...]
    """The levels that occur, lowest first; there is a threshold between each two."""
    thresholds: Floats
    coefficients: Floats
    """Positive: the higher the covariate, the higher the level."""
    threshold_errors: Floats
    coefficient_errors: Floats
    covariance: Floats
    """Of thresholds, coefficients and, in a mixed model, the spread, in this order."""
    log_likelihood: float
    n: int
    converged: bool
    """False where the data tell a level or covariate apart wholly: no finite answer."""
    spread: float | None = None
    """Standard deviation of the groups' intercepts; None without groups."""
    groups: tuple[Any, ...] = ()
    effects: Floats | None = None
    """Each group's own shift at its most probable; positive means higher levels."""


def cumulative_link(levels: ArrayLike, covariates: ArrayLike) -> CumulativeLink:
    r"""Fit ``logit P(Y <= j) = theta_j - x beta`` by maximum likelihood.

    Assumes independent rows and that a covariate moves all cuts alike (proportional
    odds).  Standard errors are from the observed information.

    Parameters
    ----------
    levels
        An ordered level a row, as numbers, shape (rows,).
    covariates
        Shape (rows, covariates); without an intercept, which the thresholds are.

    Raises
    ------
    UsageError
        If the shapes do not fit, a number is missing, or only one level occurs.

    References
    ----------
    McCullagh 1980, "Regression models for ordinal data", JRSS B 42, 109-142,
    doi:10.1111/j.2517-6161.1980.tb01109.x.

    Examples
    --------
    >>> fit = cumulative_link([0, 0, 1, 1, 0, 1, 2, 2], [[0]] * 4 + [[1]] * 4)
    >>> fit.thresholds.round(2).tolist(), fit.coefficients.round(2).tolist()
    ([0.21, 2.17], [1.91])
    """
    known, logit = _laid_out(levels, covariates)
    cuts = logit.cuts

    def objective(free: Floats) -> tuple[float, Floats]:
        at = logit.between(_ordered(free, cuts))
        return -float(at.log.sum()), -_freed(at.gradient.sum(axis=0), free, cuts)

    found = _ordered(_descended(objective, _start(logit)), cuts)
    at = logit.between(found)
    return _described(
        known,
        logit,
        found,
        at.information(),
        log_likelihood=float(at.log.sum()),
        gradient=at.gradient.sum(axis=0),
    )


def cumulative_link_mixed(
    levels: ArrayLike, covariates: ArrayLike, groups: ArrayLike
) -> CumulativeLink:
    r"""Fit ``logit P(Y <= j) = theta_j - x beta - b_g`` with ``b_g ~ N(0, spread^2)``.

    The likelihood is Laplace's approximation, whose error shrinks with the rows a
    group: with two or three it understates the spread.  Where the groups do not differ
    more than chance the spread is 0 and the fit that of `cumulative_link`.

    Parameters
    ----------
    levels, covariates
        As for `cumulative_link`.
    groups
        Which group each row belongs to, shape (rows,); anything that can be sorted.

    Raises
    ------
    UsageError
        As for `cumulative_link`.

    References
    ----------
    Tutz and Hennevogl 1996, "Random effects in ordinal regression models",
    Computational Statistics & Data Analysis 22, 537-557,
    doi:10.1016/0167-9473(96)00004-7.

    Examples
    --------
    >>> level = [0, 1, 1, 2, 0, 0, 1, 0, 2, 1, 2, 2]
    >>> fit = cumulative_link_mixed(level, [[0], [1]] * 6, list("aaaabbbbcccc"))
    >>> fit.groups, int(fit.effects.argmax())
    (('a', 'b', 'c'), 2)
    """
    known, logit = _laid_out(levels, covariates)
    named, members = np.unique(np.asarray(groups), return_inverse=True)
    if members.shape != (len(logit.upper),):
        raise UsageError(
            f"groups name one for each of {len(logit.upper)} rows, got {members.shape}"
        )
    laplace = Laplace(logit, members, len(named))
    cuts = logit.cuts

    def objective(free: Floats) -> tuple[float, Floats]:
        top = laplace.top(_ordered(free[:-1], cuts), free[-1])
        gradient = laplace.gradient(top, free[-1])
        by_free = _freed(gradient[:-1], free[:-1], cuts)
        return -laplace.likelihood(top), -np.append(by_free, gradient[-1])

    free = _descended(objective, np.append(_start(logit), 1.0))
    spread = abs(float(free[-1]))  # its sign changes nothing
    if spread < NO_SPREAD:
        flat = cumulative_link(levels, covariates)
        none = np.zeros(len(named))
        return replace(flat, spread=0.0, groups=tuple(named.tolist()), effects=none)
    found = np.append(_ordered(free[:-1], cuts), spread)
    top = laplace.top(found[:-1], spread)
    fit = _described(
        known,
        logit,
        found,
        _curvature(laplace, found),
        log_likelihood=laplace.likelihood(top),
        gradient=laplace.gradient(top, spread),
    )
    return replace(
        fit,
        spread=spread,
        groups=tuple(named.tolist()),
        effects=spread * top.z,
    )


def _laid_out(
    levels: ArrayLike, covariates: ArrayLike
) -> tuple[tuple[float, ...], OrderedLogit]:
    answers = np.asarray(levels, dtype=float)
    table = np.asarray(covariates, dtype=float)
    if answers.ndim != 1 or table.ndim != 2 or len(table) != len(answers):
        raise UsageError(
            "levels have shape (rows,) and covariates (rows, covariates), got "
            f"{answers.shape} and {table.shape}"
        )
    if not (np.isfinite(answers).all() and np.isfinite(table).all()):
        raise UsageError("a level or covariate is missing; leave its row out")
    known, codes = np.unique(answers, return_inverse=True)
    if len(known) < 2:
        raise UsageError(f"levels must be two or more, got only {known.tolist()}")
    return tuple(known.tolist()), OrderedLogit.of(codes, table, len(known))


def _start(logit: OrderedLogit) -> Floats:
    """Begin at the thresholds that fit without covariates, as log gaps."""
    under = np.array([logit.upper[:, k].sum() for k in range(logit.cuts)]).cumsum()
    share = under / len(logit.upper)
    theta = np.log(share / (1 - share))
    free = np.zeros(logit.upper.shape[1])
    free[0] = theta[0]
    free[1 : logit.cuts] = np.log(np.diff(theta))
    return free


def _ordered(free: Floats, cuts: int) -> Floats:
    """Return thresholds and coefficients from the first threshold and log gaps."""
    natural = free.copy()
    natural[1:cuts] = free[0] + np.exp(np.clip(free[1:cuts], -30, 30)).cumsum()
    return natural


def _freed(gradient: Floats, free: Floats, cuts: int) -> Floats:
    """Carry a gradient by the thresholds over to the first and the log gaps."""
    carried = gradient.copy()
    onward = gradient[:cuts][::-1].cumsum()[::-1]
    carried[0] = onward[0]
    carried[1:cuts] = onward[1:] * np.exp(np.clip(free[1:cuts], -30, 30))
    return carried


def _descended(objective: Objective, start: Floats) -> Floats:
    from scipy.optimize import minimize

    found = minimize(
        objective,
        start,
        jac=True,
        method="BFGS",
        options={"gtol": 1e-7, "maxiter": 500},
    )
    return np.asarray(found.x, dtype=np.float64)


def _curvature(laplace: Laplace, found: Floats) -> Floats:
    """Return minus the second derivatives, by central differences of the gradient."""
    columns = []
    for place in range(len(found)):
        step = np.zeros(len(found))
        step[place] = STEP
        up, down = (
            laplace.gradient(laplace.top(x[:-1], x[-1]), x[-1])
            for x in (found + step, found - step)
        )
        columns.append((down - up) / (2 * STEP))
    matrix = np.array(columns)
    symmetric: Floats = (matrix + matrix.T) / 2
    return symmetric


def _described(
    known: tuple[float, ...],
    logit: OrderedLogit,
    found: Floats,
    information: Floats,
    *,
    log_likelihood: float,
    gradient: Floats,
) -> CumulativeLink:
    cuts, fixed = logit.cuts, logit.upper.shape[1]
    covariance = np.asarray(np.linalg.pinv(information, hermitian=True), dtype=float)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0))
    sound = bool(np.linalg.eigvalsh(information).min() > 1 / WILD**2)
    left = float(gradient @ covariance @ gradient)
    return CumulativeLink(
        levels=known,
        thresholds=found[:cuts],
        coefficients=found[cuts:fixed],
        threshold_errors=errors[:cuts],
        coefficient_errors=errors[cuts:fixed],
        covariance=covariance,
        log_likelihood=log_likelihood,
        n=len(logit.upper),
        converged=sound and left < 1e-6,
    )
