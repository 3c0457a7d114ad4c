"""Intervals and paired tests, against published values and by simulation."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.statistics.comparison.paired import mcnemar_exact
from judge.statistics.intervals import (
    Interval,
    clopper_pearson,
    jeffreys_interval,
    wilson_interval,
)
from judge.statistics.multiplicity import holm


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_score_interval_has_the_published_values(
    count: int, n: int, low: float, high: float
) -> None:
    assert wilson_interval(count, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.3])
@pytest.mark.parametrize("n", [30, 100])
def test_the_interval_covers_rates_near_zero_about_as_often_as_it_says(
    rate: float, n: int
) -> None:
    draw = random.Random(f"{rate} {n}")
    draws = 1500
    covered = sum(
        rate in wilson_interval(sum(draw.random() < rate for _ in range(n)), n)
        for _ in range(draws)
    )
    assert covered / draws >= 0.92


@given(st.integers(1, 500), st.data())
def test_an_interval_holds_its_rate_and_stays_inside_the_unit(
    n: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, n))
    interval = wilson_interval(count, n)
    assert 0 <= interval.low <= count / n <= interval.high <= 1
    assert count / n in interval


@given(st.integers(2, 300), st.data())
def test_fewer_independent_groups_never_narrow_it(n: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, n))
    groups = data.draw(st.integers(1, n))
    whole, grouped = (
        wilson_interval(count, n),
        wilson_interval(count, n, clusters=groups),
    )
    assert grouped.low <= whole.low + 1e-12
    assert grouped.high >= whole.high - 1e-12


# R 4.2.2: binom.test, prop.test(correct=FALSE), qbeta; statsmodels 0.15.0 agrees; 1e-8
BINOMIAL = [
    (
        (0, 30),
        (0, 0.11570330822),
        (0, 0.11351339317),
        (1.6231861223e-05, 0.079678173817),
    ),
    (
        (3, 100),
        (0.0062299715383, 0.085176052974),
        (0.010254524024, 0.084519364291),
        (0.0085202831074, 0.077887569426),
    ),
    (
        (15, 50),
        (0.17861784566, 0.44608232566),
        (0.19103553501, 0.43750350464),
        (0.18687713254, 0.4355279077),
    ),
]


@pytest.mark.parametrize(("seen", "exact", "wilson", "jeffreys"), BINOMIAL)
def test_the_intervals_have_the_values_of_r(
    seen: tuple[int, int],
    exact: tuple[float, float],
    wilson: tuple[float, float],
    jeffreys: tuple[float, float],
) -> None:
    assert clopper_pearson(*seen) == pytest.approx(exact, abs=1e-8)
    assert wilson_interval(*seen) == pytest.approx(wilson, abs=1e-8)
    assert jeffreys_interval(*seen, equal_tails=True) == pytest.approx(
        jeffreys, abs=1e-8
    )


def test_three_alarms_in_a_thousand_have_their_exact_interval() -> None:
    # scipy 1.17.1 beta (exact), tolerance 1e-10
    assert clopper_pearson(3, 1000) == pytest.approx(
        (0.0006190999316495713, 0.008742023238478303), abs=1e-10
    )
    # 95 % one-sided is the upper end of a 90 % interval
    assert clopper_pearson(3, 1000, confidence=0.9).high == pytest.approx(
        0.007735244718479458, abs=1e-10
    )
    assert clopper_pearson(0, 299, confidence=0.9).high == pytest.approx(
        0.009969146792899269, abs=1e-10
    )


@given(st.integers(1, 500), st.data())
def test_the_exact_and_the_jeffreys_interval_hold_their_rate(
    n: int, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, n))
    exact, jeffreys = clopper_pearson(count, n), jeffreys_interval(count, n)
    assert exact.low <= jeffreys.low <= count / n <= jeffreys.high <= exact.high
    other = clopper_pearson(n - count, n)
    assert (1 - other.high, 1 - other.low) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.4])
def test_the_exact_interval_never_covers_less_often_than_it_says(rate: float) -> None:
    from scipy.stats import binom

    n = 60
    covered = sum(
        binom.pmf(count, n, rate)
        for count in range(n + 1)
        if rate in clopper_pearson(count, n)
    )
    assert covered >= 0.95


@pytest.mark.parametrize("interval", [clopper_pearson, jeffreys_interval])
def test_the_other_intervals_refuse_what_cannot_be(
    interval: Callable[..., Interval],
) -> None:
    with pytest.raises(UsageError, match="a count of 0 to n"):
        interval(3, 2)
    with pytest.raises(UsageError, match="confidence must lie between 0 and 1, got 1"):
        interval(1, 2, confidence=1)


@pytest.mark.parametrize(("count", "n"), [(0, 0), (3, 2), (-1, 5)])
def test_a_count_that_cannot_be_is_refused(count: int, n: int) -> None:
    with pytest.raises(UsageError, match="a count of 0 to n"):
        wilson_interval(count, n)


def test_something_that_is_no_number_is_in_no_interval() -> None:
    assert not Interval(0, 1).__contains__("0.5")


def test_the_paired_test_has_the_value_of_a_coin() -> None:
    # 0 of 8 discordant pairs: 2 * 0.5 ** 8; 1 of 10: 2 * 11 / 1024
    assert mcnemar_exact(0, 8) == pytest.approx(0.0078125)
    assert mcnemar_exact(1, 9) == pytest.approx(22 / 1024)
    assert mcnemar_exact(9, 1, one_sided=True) == pytest.approx(11 / 1024)
    assert mcnemar_exact(1, 9, one_sided=True) == pytest.approx(1023 / 1024)


def test_equal_counts_are_no_difference() -> None:
    assert mcnemar_exact(4, 4) == 1.0


def test_negative_counts_are_refused() -> None:
    with pytest.raises(UsageError, match="0 or more"):
        mcnemar_exact(-1, 3)


def test_holm_has_the_values_of_its_definition() -> None:
    adjusted = holm([0.01, 0.02, 0.03, 0.005])
    assert adjusted == pytest.approx([0.03, 0.04, 0.04, 0.02])


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_never_lowers_a_p_value_and_keeps_the_order(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(new >= old for new, old in zip(adjusted, values, strict=True))
    pairs = sorted(zip(values, adjusted, strict=True))
    assert [b for _, b in pairs] == sorted(b for _, b in pairs)
