"""Intraclass correlations against the table everybody prints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from judge.errors import UsageError
from judge.statistics.agreement.intraclass import Intraclass, intraclass_correlation

# Shrout & Fleiss 1979, table 2: 6 targets, 4 judges.
TABLE = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]
FORMS = ("icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k")


@pytest.mark.parametrize(
    ("form", "value", "low", "high"),
    [
        # Shrout & Fleiss 1979, table 4 prints .17 .29 .71 .44 .62 .91;
        # values and limits of R irr 0.84.1 icc
        ("icc1", 0.16574176841, -0.13293232487, 0.72256006233),
        ("icc1k", 0.44279713368, -0.88444215524, 0.91241542034),
        ("icc2", 0.28976377953, 0.018786513375, 0.76108436965),
        ("icc2k", 0.6200505476, 0.039440179921, 0.92857318338),
        ("icc3", 0.71484071484, 0.34246476503, 0.94585825996),
        ("icc3k", 0.90931554238, 0.67567471382, 0.98589167817),
    ],
)
def test_the_six_forms_have_the_published_values(
    form: str, value: float, low: float, high: float
) -> None:
    found = getattr(intraclass_correlation(TABLE), form)
    wanted = pytest.approx((value, low, high), abs=1e-5)
    assert (found.value, found.low, found.high) == wanted
    assert found.n == 6


def test_units_that_are_all_alike_are_refused_though_raters_differ() -> None:
    found = intraclass_correlation([[0, 1], [0, 1], [0, 1]])
    assert found.icc2.status == found.icc3.status == "refused"


def test_limits_that_miss_a_negative_value_are_refused() -> None:
    # ICC(2,k) is -.37 here, and its F limits would both be 12.9
    ratings = [[1, 3, 2, 1], [4, 2, 3, 1], [0, 1, 1, 3]]
    ratings += [[2, 3, 1, 3], [0, 4, 4, 3], [2, 1, 0, 3]]
    found = intraclass_correlation(ratings)
    assert found.icc2k.status == "refused"
    assert found.icc2.value == pytest.approx(-0.0727, abs=1e-4)


def test_raters_who_never_differ_have_1_and_no_interval() -> None:
    found = intraclass_correlation([[1, 1], [2, 2], [4, 4]])
    assert {x.value for x in each(found)} == {1.0}
    assert {x.status for x in each(found)} == {"caution"}
    assert {x.low for x in each(found)} == {None}


def each(found: Intraclass) -> list[Any]:
    return [getattr(found, form) for form in FORMS]


def test_a_harsher_rater_lowers_agreement_and_not_consistency() -> None:
    alike = [[1, 1], [2, 2], [3, 3], [2, 3], [4, 4]]
    harsher = [[a, b + 2] for a, b in alike]
    one, other = intraclass_correlation(alike), intraclass_correlation(harsher)
    assert other.icc3.value == pytest.approx(one.icc3.value)
    assert (other.icc2.value or 0) < (one.icc2.value or 0) - 0.2


@settings(max_examples=50, deadline=None)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(2, 10), st.integers(2, 4)),
        elements=st.integers(0, 4).map(float),
    )
)
def test_an_interval_contains_its_estimate_or_both_are_refused(ratings: Any) -> None:
    for estimate in each(intraclass_correlation(ratings)):
        if estimate.value is None:
            assert estimate.status == "refused"
        elif estimate.low is None:
            assert estimate.value == pytest.approx(1)
            assert "never differ" in estimate.reason
        else:
            assert estimate.low <= estimate.value <= estimate.high
            assert estimate.value <= 1 + 1e-9


@pytest.mark.parametrize("ratings", [[[1, 2]], [[1], [2]], np.empty((0, 2))])
def test_too_few_units_or_raters_are_refused(ratings: Any) -> None:
    assert {x.status for x in each(intraclass_correlation(ratings))} == {"refused"}


def test_scores_that_do_not_vary_are_refused() -> None:
    found = intraclass_correlation([[2, 2], [2, 2], [2, 2]])
    assert {x.status for x in each(found)} == {"refused"}


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        ([[1, 2], [float("nan"), 1]], "unit 1 has no rating by rater 0"),
        ([["high", 2], [1, 1]], "needs numbers"),
        ([1, 2, 3], "got 1 dimensions"),
    ],
)
def test_what_is_no_complete_table_is_named(ratings: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        intraclass_correlation(ratings)
