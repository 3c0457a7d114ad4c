"""Scores, answers and weights, checked where they come in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from judge.errors import UsageError

__all__ = [
    "Answers",
    "Floats",
    "Numbers",
    "Places",
    "answers",
    "numbers",
    "probabilities",
    "same_length",
    "weights_or_ones",
]

Floats: TypeAlias = NDArray[np.float64]
Places: TypeAlias = NDArray[np.intp]
Answers: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = Sequence[float] | NDArray[Any]


def numbers(values: Numbers, name: str) -> Floats:
    """Return them as a flat array of finite floats."""
    try:
        made = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} must be numbers: {error}") from None
    if made.ndim != 1:
        raise UsageError(f"{name} must be one row of numbers, got {made.ndim} axes")
    bad = np.flatnonzero(~np.isfinite(made))
    if bad.size:
        raise UsageError(
            f"{name}[{bad[0]}] is {made[bad[0]]}; leave out rows without a number"
        )
    return made


def probabilities(values: Numbers, name: str) -> Floats:
    """Return them as floats from 0 to 1."""
    made = numbers(values, name)
    bad = np.flatnonzero((made < 0) | (made > 1))
    if bad.size:
        raise UsageError(f"{name}[{bad[0]}] is {made[bad[0]]}; it must be 0 to 1")
    return made


def answers(values: Numbers, name: str) -> Answers:
    """Return them as yes or no; only 0, 1, True and False are taken."""
    made = numbers(values, name)
    bad = np.flatnonzero((made != 0) & (made != 1))
    if bad.size:
        raise UsageError(f"{name}[{bad[0]}] is {made[bad[0]]}; it must be 0 or 1")
    return np.asarray(made == 1, dtype=np.bool_)


def weights_or_ones(weights: Numbers | None, n: int) -> Floats:
    """Return the weights, all 1 where none are given."""
    if weights is None:
        return np.ones(n)
    made = numbers(weights, "weights")
    same_length(n, weights=made)
    if (made < 0).any() or (n and not made.any()):
        raise UsageError("weights must be 0 or more, and not all 0")
    return made


def same_length(n: int, **arrays: NDArray[Any]) -> None:
    """Raise unless each has ``n`` rows."""
    for name, array in arrays.items():
        if len(array) != n:
            raise UsageError(f"{name} has {len(array)} rows, expected {n}")
