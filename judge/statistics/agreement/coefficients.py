"""Agreement coefficients under their textbook names: ratings in, one number out.

``ratings`` are units x raters; a missing rating is None or NaN.  All are (observed -
expected) / (1 - expected) agreement and differ in what they expect by chance.  A
coefficient is NaN where that is undefined: nothing to compare, or all ratings the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from judge.errors import UsageError
from judge.statistics.agreement.alpha import krippendorff_alpha
from judge.statistics.agreement.coded import Ratings, coded
from judge.statistics.agreement.counted import (
    Chance,
    Weights,
    at_once,
    chance_corrected,
    cohen,
    percent,
    specific,
)

__all__ = [
    "brennan_prediger",
    "cohen_kappa",
    "conger_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "gwet_ac2",
    "krippendorff_alpha",
    "negative_agreement",
    "percent_agreement",
    "positive_agreement",
]

Categories: TypeAlias = Sequence[Any]


def percent_agreement(ratings: Ratings) -> float:
    """Return the share of pairs of ratings that are the same, averaged over units.

    It rises to 1 for rare behaviours whatever the raters do; read it with
    `positive_agreement`.  Units with fewer than two ratings are left out.

    Examples
    --------
    >>> percent_agreement([[1, 1], [0, 1], [0, 0], [1, None]])
    0.6666666666666666
    """
    codes, _ = coded(ratings)
    return at_once(codes, percent(codes))


def positive_agreement(ratings: Ratings, *, positive: Any = 1) -> float:
    """Return how far the raters agree on the positive: 2a / (2a + b + c) for two.

    ``a`` units are positive for both, ``b`` and ``c`` for one alone: of the pairs that
    hold a positive rating, counted once for each, the share that hold two.  For more
    raters the sums run over all pairs within units.  NaN without a positive.

    Source: Cicchetti & Feinstein 1990, Journal of Clinical Epidemiology 43, 551-558,
    doi:10.1016/0895-4356(90)90159-M.

    Examples
    --------
    >>> positive_agreement([[1, 1], [0, 1], [0, 0]])
    0.6666666666666666
    """
    codes, categories = coded(ratings)
    place = categories.index(positive) if positive in categories else len(categories)
    return at_once(codes, specific(codes, place))


def negative_agreement(ratings: Ratings, *, negative: Any = 0) -> float:
    """Return `positive_agreement` of the other category: 2d / (2d + b + c).

    Examples
    --------
    >>> negative_agreement([[1, 1], [0, 1], [0, 0], [0, 0]])
    0.8
    """
    return positive_agreement(ratings, positive=negative)


def cohen_kappa(
    a: Ratings,
    b: Ratings,
    *,
    weights: Weights = None,
    categories: Categories | None = None,
) -> float:
    """Return Cohen's kappa of two raters.

    Expected agreement is that of each rater's own marginals, sum_kl w_kl p_k. p_.l,
    with w the identity, 1 - |k - l| / (q - 1) (linear) or 1 - ((k - l) / (q - 1))^2
    (quadratic).  Assumes two fixed raters and independent units; units that one of
    them did not rate are left out.  Where one class is rare kappa is low at high
    agreement (see `gwet_ac1`); with quadratic weights it is near ICC(2,1) and looks
    high.

    Source: Cohen 1960, Educational and Psychological Measurement 20, 37-46,
    doi:10.1177/001316446002000104; weights: Cohen 1968, Psychological Bulletin 70,
    213-220, doi:10.1037/h0026256.

    Parameters
    ----------
    a, b
        One rating a unit, in the same order; shape (units,).
    categories
        All there are, in order.  Weights count steps along it, so with weights it
        matters; by default those that occur, sorted.

    Raises
    ------
    UsageError
        The lengths differ, a rating is no category, or the weights are not known.

    Examples
    --------
    >>> round(cohen_kappa([1, 1, 0, 0], [1, 0, 0, 0]), 3)
    0.5
    """
    one, other = np.asarray(a), np.asarray(b)
    if one.shape != other.shape or one.ndim != 1:
        raise UsageError(
            f"two raters rate the same units, got shapes {one.shape} and {other.shape}"
        )
    columns: list[Any] = [one.tolist(), other.tolist()]
    table = list(zip(*columns, strict=True)) or np.empty((0, 2))
    codes, found = coded(np.array(table, dtype=_kind(one, other)), categories)
    if not found:
        return float("nan")
    return at_once(codes, cohen(codes, categories=len(found), weights=weights))


def _kind(one: Any, other: Any) -> Any:
    numeric = one.dtype.kind in "iufb" and other.dtype.kind in "iufb"
    return np.result_type(one, other) if numeric else object


def fleiss_kappa(
    ratings: Ratings,
    *,
    weights: Weights = None,
    categories: Categories | None = None,
) -> float:
    """Return Fleiss' kappa: raters are interchangeable, and may differ by unit.

    Expected agreement is sum_kl w_kl p_k p_l, p_k the mean over units of the share of
    ratings in category k.  For two raters it is Scott's pi, not Cohen's kappa.  With
    missing ratings it is Gwet's form: units with one rating count for p_k alone.

    Source: Fleiss 1971, Psychological Bulletin 76, 378-382, doi:10.1037/h0031619;
    Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed., chapter 2.

    Examples
    --------
    >>> round(fleiss_kappa([[1, 1, 1], [0, 0, 1], [0, 0, 0]]), 3)
    0.55
    """
    return _family(ratings, "fleiss", weights, categories)


def conger_kappa(
    ratings: Ratings,
    *,
    weights: Weights = None,
    categories: Categories | None = None,
) -> float:
    """Return Conger's kappa: Cohen's for more than two fixed raters.

    Expected agreement is that of two different raters drawn at random, each with
    marginals of its own.  For two raters and no missing rating it is Cohen's kappa.

    Source: Conger 1980, Psychological Bulletin 88, 322-328,
    doi:10.1037/0033-2909.88.2.322; missing ratings as in Gwet 2014.

    Examples
    --------
    >>> ratings = [[1, 1], [1, 0], [0, 0], [0, 0]]
    >>> round(conger_kappa(ratings), 3)
    0.5
    """
    return _family(ratings, "conger", weights, categories)


def brennan_prediger(
    ratings: Ratings, *, categories: Categories, weights: Weights = None
) -> float:
    """Return the coefficient whose expected agreement is 1 / q (PABAK for q = 2).

    ``categories`` are all that could have been given: q is their number.

    Source: Brennan & Prediger 1981, Educational and Psychological Measurement 41,
    687-699, doi:10.1177/001316448104100307.

    Examples
    --------
    >>> brennan_prediger([[1, 1], [1, 0], [0, 0], [0, 0]], categories=[0, 1])
    0.5
    """
    return _family(ratings, "brennan_prediger", weights, categories)


def gwet_ac1(ratings: Ratings, *, categories: Categories) -> float:
    """Return Gwet's AC1: agreement beyond guessing on the units hard to rate.

    Expected agreement is sum_k p_k (1 - p_k) / (q - 1).  It errs the other way from
    kappa: where one class is rare it approaches percent agreement.  ``categories`` are
    all that could have been given, for q is their number; those that happen to occur
    are too few.

    Source: Gwet 2008, British Journal of Mathematical and Statistical Psychology 61,
    29-48, doi:10.1348/000711006X126600.

    Examples
    --------
    >>> rare = [[1, 1]] * 2 + [[1, 0]] * 2 + [[0, 1]] + [[0, 0]] * 95
    >>> round(gwet_ac1(rare, categories=[0, 1]), 3)
    0.968
    """
    return _family(ratings, "gwet", None, categories)


def gwet_ac2(
    ratings: Ratings, *, categories: Categories, weights: Weights = "ordinal"
) -> float:
    """Return Gwet's AC2, AC1 with weights for categories that partly agree.

    Expected agreement is sum(w) sum_k p_k (1 - p_k) / (q (q - 1)).  The ordinal weights
    are 1 - C(|k - l| + 1, 2) / C(q, 2); they are not Krippendorff's ordinal metric.

    Source: Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed., chapter 4.

    Examples
    --------
    >>> round(gwet_ac2([[0, 0], [1, 2], [2, 2], [2, 1]], categories=[0, 1, 2]), 3)
    0.593
    """
    return _family(ratings, "gwet", weights, categories)


def _family(
    ratings: Ratings,
    chance: Chance,
    weights: Weights,
    categories: Categories | None,
) -> float:
    codes, found = coded(ratings, categories)
    if not found:
        return float("nan")
    made = chance_corrected(
        codes, categories=len(found), chance=chance, weights=weights
    )
    return at_once(codes, made)
