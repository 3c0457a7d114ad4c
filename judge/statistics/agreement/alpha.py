"""Krippendorff's alpha: ratings in, one number out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from judge.errors import UsageError
from judge.statistics.agreement.alpha_counted import Level, alpha
from judge.statistics.agreement.coded import Ratings, coded
from judge.statistics.agreement.counted import Values, at_once

__all__ = ["as_numbers", "krippendorff_alpha"]


def krippendorff_alpha(ratings: Ratings, *, level: Level = "nominal") -> float:
    """Return Krippendorff's alpha, 1 - observed / expected disagreement.

    Observed is the mean over pairs of ratings within units (each unit's pairs weigh
    1 / (ratings - 1)), expected that over all pairs of the n ratings in units with two
    or more; units with one are dropped, any others may be missing.  Disagreement of c
    and k is 1 if they differ (nominal), (c - k)^2 (interval), ((c - k) / (c + k))^2
    (ratio), or (ordinal) the square of how many ratings lie between them, counting
    half of those at c and at k.

    Assumes independent units; raters are interchangeable.  Like kappa it is low where
    one class is rare.

    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability,
    https://repository.upenn.edu/asc_papers/43; Hayes & Krippendorff 2007,
    Communication Methods and Measures 1, 77-89, doi:10.1080/19312450709336664.

    Parameters
    ----------
    ratings
        Units x raters (some packages take them the other way round).  Numbers, except
        for the nominal level.
    level
        ``nominal``, ``ordinal``, ``interval`` or ``ratio``.

    Raises
    ------
    UsageError
        The level is not known, or needs numbers and is given something else.

    Examples
    --------
    >>> round(krippendorff_alpha([[1, 1], [1, 2], [3, 3], [2, None]]), 3)
    0.545
    """
    codes, categories = coded(ratings)
    return at_once(codes, alpha(codes, as_numbers(categories, level), level=level))


def as_numbers(categories: Sequence[Any], level: Level) -> Values:
    """Return what the codes stand for as numbers; any will do for the nominal level."""
    if level == "nominal":
        return np.arange(float(len(categories)))
    try:
        return np.array(categories, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"level {level!r} needs ratings that are numbers, got {categories[-1]!r}; "
            "use level='nominal'"
        ) from error
