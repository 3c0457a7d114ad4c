"""Dawid-Skene: how each observer errs, and what is true, when nobody knows the truth.

A diagnostic of observers only.  It assumes that, given the truth, observers err
independently of one another: labelers who share a misunderstanding look accurate here,
and so does a judge that shares it, so a judge must never be one of the observers.  It
is degenerate with fewer than 3 observers, about 50 items, or a class that hardly
occurs; no estimate with an interval may rest on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judge.errors import UsageError

__all__ = ["DawidSkene", "dawid_skene"]

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class DawidSkene:
    """Class marginals, each observer's errors, and what each item probably is."""

    marginals: Floats
    """Share of items of each class, shape (classes,)."""
    confusion: Floats
    """``[o, j, l]``: the probability that observer o says l of an item of class j."""
    posteriors: Floats
    """Of each item, shape (items, classes)."""
    log_likelihood: float
    rounds: int
    converged: bool


def dawid_skene(  # noqa: PLR0913 - three columns and three settings
    item: ArrayLike,
    observer: ArrayLike,
    response: ArrayLike,
    *,
    classes: int | None = None,
    smoothing: float = 0.01,
    tolerance: float = 1e-9,
    rounds: int = 2000,
) -> DawidSkene:
    r"""Estimate observers' error rates by expectation and maximisation.

    With ``n_iol`` the times observer o said l of item i, each round takes the class
    marginals ``p_j = mean_i T_ij`` and the errors ``pi_ojl ~ sum_i T_ij n_iol``, then
    the posteriors ``T_ij ~ p_j prod_o prod_l pi_ojl^n_iol``.  It starts from each
    item's shares of responses, which ties a class to the majority that names it.

    Parameters
    ----------
    item, observer, response
        One row a response, each coded from 0 without gaps; several responses of one
        observer to one item are all counted.  Observers need not see every item.
    classes
        How many there are; by default one more than the largest response.
    smoothing
        A Dirichlet prior's pseudo-count added to each cell of the errors and of the
        marginals; 0 is the published method, which can reach probabilities of 0.
    tolerance
        It ends when no posterior moves by more.
    rounds
        It ends after so many in any case; ``converged`` is then false.

    Raises
    ------
    UsageError
        If the columns differ in length, are empty, or are no codes.

    References
    ----------
    Dawid and Skene 1979, "Maximum likelihood estimation of observer error-rates using
    the EM algorithm", Applied Statistics 28, 20-28, doi:10.2307/2346806.

    Examples
    --------
    >>> fit = dawid_skene([0, 0, 0, 1, 1, 1], [0, 1, 2] * 2, [0, 0, 0, 1, 1, 0])
    >>> fit.posteriors.round(2).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    if not smoothing >= 0:
        raise UsageError(f"smoothing must be 0 or more, got {smoothing}")
    counts = _counts(item, observer, response, classes)
    items, observers, every = counts.shape
    flat = counts.reshape(items, observers * every)
    said = counts.sum(axis=1)
    posteriors: Floats = said / said.sum(axis=1, keepdims=True)
    moved, done = np.inf, 0
    marginals, confusion = _maximised(flat, posteriors, smoothing)
    while moved > tolerance and done < rounds:
        before = posteriors
        posteriors, _ = _expected(flat, marginals, confusion)
        marginals, confusion = _maximised(flat, posteriors, smoothing)
        moved = float(np.abs(posteriors - before).max())
        done += 1
    posteriors, total = _expected(flat, marginals, confusion)
    return DawidSkene(
        marginals=marginals,
        confusion=confusion,
        posteriors=posteriors,
        log_likelihood=total,
        rounds=done,
        converged=moved <= tolerance,
    )


def _counts(
    item: ArrayLike, observer: ArrayLike, response: ArrayLike, classes: int | None
) -> Floats:
    columns = [_codes(x) for x in (item, observer, response)]
    if len({len(column) for column in columns}) != 1 or not len(columns[0]):
        told = ", ".join(str(len(column)) for column in columns)
        raise UsageError(f"item, observer and response differ or are empty: {told}")
    shape = [int(column.max()) + 1 for column in columns]
    if classes is not None and classes < shape[2]:
        raise UsageError(f"a response is {shape[2] - 1}, of {classes} classes from 0")
    shape[2] = max(shape[2], classes or 0)
    if len(np.unique(columns[0])) != shape[0]:
        raise UsageError("items are coded from 0 without gaps; an item has no response")
    place = np.ravel_multi_index(columns, shape)
    counts = np.bincount(place, minlength=int(np.prod(shape)))
    return counts.reshape(shape).astype(float)


def _codes(column: ArrayLike) -> Codes:
    codes = np.asarray(column)
    if codes.ndim != 1 or (codes.size and codes.dtype.kind not in "iub"):
        raise UsageError(f"codes are whole numbers from 0, got {codes.dtype} values")
    if codes.size and codes.min() < 0:
        raise UsageError(f"codes are whole numbers from 0, got {codes.min()}")
    return codes.astype(np.int64)


def _maximised(
    flat: Floats, posteriors: Floats, smoothing: float
) -> tuple[Floats, Floats]:
    every = posteriors.shape[1]
    marginals = posteriors.sum(axis=0) + smoothing
    errors = (posteriors.T @ flat).reshape(every, -1, every).swapaxes(0, 1) + smoothing
    whole = errors.sum(axis=2, keepdims=True)
    # An observer who met no item of a class tells nothing of how it is mistaken.
    rates = np.divide(
        errors, whole, out=np.full_like(errors, 1 / every), where=whole > 0
    )
    return marginals / marginals.sum(), rates


def _expected(
    flat: Floats, marginals: Floats, confusion: Floats
) -> tuple[Floats, float]:
    every = len(marginals)
    # The smallest double in place of 0, for 0 times the logarithm of 0 is none.
    tiny = np.finfo(float).tiny
    by_class = np.log(np.maximum(confusion, tiny)).swapaxes(1, 2).reshape(-1, every)
    joint = flat @ by_class + np.log(np.maximum(marginals, tiny))
    most = joint.max(axis=1, keepdims=True)
    share = np.exp(joint - most)
    whole = share.sum(axis=1, keepdims=True)
    return share / whole, float((most + np.log(whole)).sum())
