"""Differences of shares that were estimated apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.statistics.comparison.contrast import (
    scaled,
    square_and_add,
    two_sided,
    two_sided_of,
)
from judge.statistics.comparison.paired import newcombe_independent
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval
from judge.statistics.rates.post_stratified import posterior
from judge.statistics.rates.posterior import difference


def _wilson(count: int, n: int) -> Estimate:
    low, high = wilson_interval(count, n)
    return Estimate(value=count / n, low=low, high=high, n=n)


@given(st.integers(0, 40), st.integers(0, 60))
def test_squares_of_wilsons_distances_are_newcombes_interval(a: int, b: int) -> None:
    found = square_and_add(_wilson(a, 40), _wilson(b, 60))
    known = newcombe_independent(a, 40, b, 60)
    assert (found.low, found.high) == pytest.approx(known, abs=1e-12)
    assert found.n == 100


def test_what_has_no_interval_has_no_difference() -> None:
    refused = Estimate.refused("few labels", remedy="label more")
    found = square_and_add(refused, _wilson(1, 5))
    assert (found.status, found.reason, found.remedy) == (
        "refused", "few labels", "label more",
    )  # fmt: skip
    assert square_and_add(_wilson(1, 5), Estimate(value=0.3)).status == "refused"
    assert scaled(refused, 2) == refused
    assert two_sided_of(refused) == 1


@given(st.integers(5, 30), st.integers(0, 10), st.integers(5, 30), st.integers(0, 10))
def test_the_p_value_goes_with_the_interval(a: int, x: int, b: int, y: int) -> None:
    one = posterior([100, 900], [a, x], [40, 60])
    two = posterior([100, 900], [b, y], [40, 60])
    apart = difference(one, two)
    p = two_sided(one, two)
    assert apart.low is not None
    assert apart.high is not None
    if abs(p - 0.05) > 0.002:
        assert (p < 0.05) == (apart.low > 0 or apart.high < 0)
    assert p == pytest.approx(two_sided(two, one), abs=1e-3)


def test_a_wider_spread_needs_a_larger_difference() -> None:
    one = posterior([100, 900], [30, 6], [40, 60])
    two = posterior([100, 900], [10, 1], [40, 60])
    ps = [two_sided(one, two, ratio=ratio) for ratio in (0.7, 1.0, 1.5)]
    assert ps[0] < ps[1] < ps[2]
    apart = difference(one, two)
    same = scaled(apart, 1.0)
    assert (same.low, same.high) == pytest.approx((apart.low, apart.high))
    assert (scaled(apart, 0.5).width or 0) == pytest.approx((apart.width or 0) / 2)


def test_the_normal_p_value_is_five_hundredths_at_the_limit() -> None:
    at_zero = Estimate(value=0.1, low=0.0, high=0.25, n=9, unit="points")
    assert two_sided_of(at_zero) == pytest.approx(0.05)
    turned = Estimate(value=-0.1, low=-0.25, high=0.0, n=9, unit="points")
    assert two_sided_of(turned) == pytest.approx(0.05)
    assert two_sided_of(Estimate(value=0.0, low=-0.1, high=0.1)) == 1
    assert two_sided_of(Estimate(value=0.1, low=0.1, high=0.2)) == 0


def test_equal_shares_are_found_to_differ_as_often_as_the_level_says() -> None:
    random = np.random.default_rng(6)
    found = 0
    for _ in range(300):
        made = []
        for _ in range(2):
            right, missed = random.binomial(30, 0.6), random.binomial(70, 0.02)
            made.append(posterior([300, 1700], [right, missed], [30, 70]))
        found += two_sided(*made) < 0.05
    assert found / 300 <= 0.08
