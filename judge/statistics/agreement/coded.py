"""Ratings of any kind as codes: whole numbers from 0, -1 where a rating is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from judge.errors import UsageError

__all__ = ["Codes", "Ratings", "coded"]

Codes: TypeAlias = NDArray[np.int64]
"""Units (or patterns) x raters, from 0 up; -1 is a missing rating."""
Ratings: TypeAlias = ArrayLike | Sequence[Any]
"""Of any kind, None and NaN where one is missing."""


def coded(
    ratings: Ratings, categories: Sequence[Any] | None = None
) -> tuple[Codes, tuple[Any, ...]]:
    """Return ratings as codes, and the category that each code stands for.

    Parameters
    ----------
    ratings
        Units x raters: numbers, strings or booleans; None or NaN is a missing rating.
    categories
        All that could have been given, in order; by default those that occur, sorted.

    Raises
    ------
    UsageError
        The ratings are no matrix, one is infinite, or one is no category.

    Examples
    --------
    >>> codes, categories = coded([["b", "a"], ["a", None]])
    >>> codes.tolist(), categories
    ([[1, 0], [0, -1]], ('a', 'b'))
    """
    table = np.asarray(ratings)
    if table.ndim != 2:
        raise UsageError(
            f"ratings are a matrix of units x raters, got {table.ndim} dimensions"
        )
    if table.dtype.kind in "iufb":
        return _coded_numbers(table, categories)
    return _coded_objects(np.asarray(ratings, dtype=object), categories)


def _coded_numbers(
    table: NDArray[Any], categories: Sequence[Any] | None
) -> tuple[Codes, tuple[Any, ...]]:
    given = ~np.isnan(table) if table.dtype.kind == "f" else np.ones(table.shape, bool)
    if np.isinf(table[given]).any():
        raise UsageError("a rating is infinite; leave it out as missing (NaN)")
    found, inverse = np.unique(table[given], return_inverse=True)
    values = tuple(found.tolist())
    place = _places(values, values if categories is None else categories)
    codes = np.full(table.shape, -1, dtype=np.int64)
    codes[given] = place[inverse] if values else place
    return codes, values if categories is None else tuple(categories)


def _coded_objects(
    table: NDArray[Any], categories: Sequence[Any] | None
) -> tuple[Codes, tuple[Any, ...]]:
    flat = [None if _is_missing(value) else value for value in table.ravel()]
    present = {value for value in flat if value is not None}
    values = tuple(sorted(present, key=lambda value: (type(value).__name__, value)))
    places = _places(values, values if categories is None else categories)
    place = dict(zip(values, places.tolist(), strict=True))
    codes = [-1 if value is None else place[value] for value in flat]
    shaped = np.array(codes, dtype=np.int64).reshape(table.shape)
    return shaped, values if categories is None else tuple(categories)


def _is_missing(value: object) -> bool:
    try:
        return value is None or bool(value != value)  # noqa: PLR0124 (NaN alone differs from itself)
    except TypeError:
        return True  # pandas.NA does not say whether it equals itself


def _places(values: Sequence[Any], categories: Sequence[Any]) -> Codes:
    order = {category: place for place, category in enumerate(categories)}
    if len(order) != len(categories):
        raise UsageError(f"a category is named twice in {list(categories)}")
    unknown = [value for value in values if value not in order]
    if unknown:
        raise UsageError(
            f"rating {unknown[0]!r} is none of the categories {list(categories)}; "
            "name all that could be given"
        )
    return np.array([order[value] for value in values], dtype=np.int64)
