"""Paired answers and scores: tests, intervals and power."""

from __future__ import annotations

from math import comb, isclose

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.statistics.comparison.paired import (
    mcnemar_chi2,
    mcnemar_exact,
    mcnemar_power,
    newcombe_independent,
    newcombe_paired,
    signed_rank,
)

counts = st.integers(0, 60)


def test_mcnemar_is_that_of_r() -> None:
    # Table [[101, 121], [59, 33]]: R 4.2.2 mcnemar.test and binom.test, both run;
    # statsmodels gives the same.
    assert mcnemar_chi2(121, 59) == pytest.approx(
        (20.6722222222, 5.4500948254e-06), rel=1e-10, abs=1e-10
    )
    assert mcnemar_chi2(121, 59, correction=False) == pytest.approx(
        (21.3555555556, 3.8151358651e-06), rel=1e-10, abs=1e-10
    )
    assert mcnemar_exact(121, 59) == pytest.approx(4.4344492638e-06, rel=1e-9)
    assert mcnemar_exact(2, 9) == pytest.approx(0.0654296875, abs=1e-12)


def test_without_a_changed_pair_no_test_finds_anything() -> None:
    assert mcnemar_exact(0, 0) == 1
    assert mcnemar_chi2(0, 0) == (0, 1)


def test_one_sided_is_about_the_first_alone() -> None:
    assert mcnemar_exact(0, 600, one_sided=True) == 1
    assert mcnemar_exact(600, 0, one_sided=True) < 1e-100


def test_many_pairs_give_what_whole_numbers_give() -> None:
    exact = 2 * sum(comb(700, k) for k in range(390, 701)) / 2**700
    assert mcnemar_exact(390, 310) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("bad", [(-1, 2), (2, -1)])
def test_a_negative_count_is_named(bad: tuple[int, int]) -> None:
    for test in (mcnemar_exact, mcnemar_chi2):
        with pytest.raises(UsageError, match="-1"):
            test(*bad)


@given(counts, counts)
def test_mcnemar_does_not_care_which_is_called_first(b: int, c: int) -> None:
    assert mcnemar_exact(b, c) == mcnemar_exact(c, b)
    assert mcnemar_chi2(b, c) == mcnemar_chi2(c, b)


@pytest.mark.parametrize(
    ("n", "up", "down", "power"),
    [
        # Summed by two loops over all outcomes with the exact test; a simulation of
        # 20,000 gives 0.270, 0.759 and 0.984 for the first three.
        pytest.param(50, 0.10, 0.01, 0.2751168617, id="50 anchors"),
        pytest.param(100, 0.10, 0.01, 0.7581853959, id="100 anchors"),
        pytest.param(200, 0.10, 0.01, 0.9844138677, id="200 anchors"),
        pytest.param(50, 0.05, 0.01, 0.0247, id="50, fewer flips"),
        pytest.param(100, 0.05, 0.01, 0.1963, id="100, fewer flips"),
        pytest.param(200, 0.05, 0.01, 0.5623, id="200, fewer flips"),
    ],
)
def test_power_is_the_sum_over_all_outcomes(
    n: int, up: float, down: float, power: float
) -> None:
    assert mcnemar_power(n, up, down) == pytest.approx(power, abs=1e-4)


def test_power_agrees_with_a_loop_over_the_test_itself() -> None:
    n, up, down = 30, 0.3, 0.05
    total = 0.0
    for b in range(n + 1):
        for c in range(n + 1 - b):
            if mcnemar_exact(b, c) <= 0.05:
                ways = comb(n, b) * comb(n - b, c)
                total += ways * up**b * down**c * (1 - up - down) ** (n - b - c)
    assert mcnemar_power(n, up, down) == pytest.approx(total, rel=1e-9)


def test_five_anchors_can_show_nothing() -> None:
    assert mcnemar_power(5, 1.0, 0.0) == 0
    assert mcnemar_power(6, 1.0, 0.0) == 1
    assert mcnemar_power(100, 0.0, 0.0) == 0


def test_power_needs_shares() -> None:
    with pytest.raises(UsageError, match="at most 1 together"):
        mcnemar_power(10, 0.7, 0.6)


# Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10.
@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        pytest.param((56, 70, 48, 80), 0.0524, 0.3339, id="a"),
        pytest.param((9, 10, 3, 10), 0.1705, 0.8090, id="b"),
        pytest.param((6, 7, 2, 7), 0.0582, 0.8062, id="c"),
        pytest.param((5, 56, 0, 29), -0.0381, 0.1926, id="d"),
        pytest.param((0, 10, 0, 20), -0.1611, 0.2775, id="e"),
        pytest.param((10, 10, 0, 20), 0.6791, 1.0000, id="h"),
    ],
)
def test_the_difference_of_independent_shares_is_newcombes(
    table: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert newcombe_independent(*table) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, 2635-2650, method 10.
        pytest.param((36, 12, 2, 0), 0.0569, 0.3404, id="newcombe"),
        # Fagerland, Lydersen, Laake 2014, Statistics in Medicine 33: airways data.
        pytest.param((1, 1, 7, 12), -0.507, -0.026, id="airways"),
    ],
)
def test_the_difference_of_paired_shares_is_newcombes(
    table: tuple[int, int, int, int], low: float, high: float
) -> None:
    assert newcombe_paired(*table) == pytest.approx((low, high), abs=5e-4)


@given(counts, counts, counts, st.integers(1, 60))
def test_a_paired_interval_holds_the_difference_and_mirrors(
    both: int, first: int, second: int, neither: int
) -> None:
    low, high = newcombe_paired(both, first, second, neither)
    apart = (first - second) / (both + first + second + neither)
    assert -1 <= low <= apart + 1e-12
    assert apart - 1e-12 <= high <= 1
    mirrored = newcombe_paired(both, second, first, neither)
    assert mirrored == pytest.approx((-high, -low), abs=1e-12)


def test_paired_intervals_cover_as_often_as_they_say() -> None:
    random = np.random.default_rng(3)
    chances = [0.10, 0.12, 0.04, 0.74]
    tables = random.multinomial(80, chances, 1500)
    intervals = [newcombe_paired(*map(int, table)) for table in tables]
    assert 0.93 <= np.mean([low <= 0.08 <= high for low, high in intervals]) <= 0.98


@pytest.mark.parametrize(
    ("n", "decimals"),
    [(12, 9), (60, 9), pytest.param(300, 2, id="many, with ties")],
)
def test_signed_ranks_are_those_of_scipy(n: int, decimals: int) -> None:
    from scipy.stats import wilcoxon

    random = np.random.default_rng(n)
    before = random.normal(size=n).round(decimals)
    after = (before + random.normal(0.2, 1, n)).round(decimals)
    if n > 100:
        known = wilcoxon(after, before, method="approx", correction=True)
    else:
        known = wilcoxon(after, before, method="exact")
    found = signed_rank(before, after)
    assert isclose(found.p_value, known.pvalue, rel_tol=1e-9)


def test_tied_changes_are_counted_out() -> None:
    # Seven rises and a fall, all of one size: 2 (1 + 8) / 256.
    found = signed_rank([0] * 9, [5, 5, 5, 5, 5, 5, 5, -5, 0])
    assert found.p_value == pytest.approx(18 / 256)
    assert (found.n, found.changed, found.median) == (9, 8, 5)


def test_nothing_changed_is_no_difference() -> None:
    assert signed_rank([1, 2], [1, 2]).p_value == 1
    assert signed_rank([], []).p_value == 1


def test_values_that_do_not_pair_are_refused() -> None:
    with pytest.raises(UsageError, match="after has 1 rows"):
        signed_rank([1, 2], [1])


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_signed_ranks_do_not_care_which_is_called_before(
    pairs: list[tuple[int, int]],
) -> None:
    a, b = [x for x, _ in pairs], [y for _, y in pairs]
    there, back = signed_rank(a, b), signed_rank(b, a)
    assert there.p_value == pytest.approx(back.p_value)
    assert 0 <= there.p_value <= 1
    assert there.median == -back.median
