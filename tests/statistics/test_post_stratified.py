"""The corrected share over strata: reference values, limits, properties, coverage."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.statistics.intervals import clopper_pearson, jeffreys_interval
from judge.statistics.rates.mover import mover_wilson
from judge.statistics.rates.post_stratified import at_most, post_stratified, posterior
from judge.statistics.rates.posterior import Beta, Posterior, difference, mixture
from judge.statistics.rates.strata import merge_thin
from tests.benchmarks.coverage import Cell, cells, simulate

# Judged present and absent, positives among their labelled, labelled.
FIRST = ([421, 1679], [12, 4], [21, 79])
SECOND = ([300, 2000], [40, 5], [50, 250])


@pytest.mark.parametrize(
    ("counts", "point", "mean", "low", "high"),
    [
        # Double Gauss-Legendre quadrature of the Beta mixture, 200 nodes; tolerance
        # 5e-5.  A Monte Carlo run of 4e6 draws gives 0.159044 [0.104620, 0.220405];
        # the point is the joint MLE of Chen et al. 2026's R code, 0.15504000854.
        (
            FIRST,
            0.15504004133298888,
            0.15902603581005104,
            0.10460969783260066,
            0.2203495556195918,
        ),
        # As before; Monte Carlo: 0.122879 [0.100068, 0.147873].
        (
            SECOND,
            0.12173913043478261,
            0.12288272168137385,
            0.1000819825606736,
            0.14786753054599194,
        ),
    ],
    ids=["few labels", "many labels"],
)
def test_the_posterior_of_two_strata_has_the_reference_values(
    counts: tuple[list[int], list[int], list[int]],
    point: float,
    mean: float,
    low: float,
    high: float,
) -> None:
    known = posterior(*counts)
    assert known.point == pytest.approx(point, abs=1e-12)
    assert known.mean == pytest.approx(mean, abs=1e-9)
    assert known.interval() == pytest.approx((low, high), abs=5e-5)
    estimate = post_stratified(*counts)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=5e-5)
    assert estimate.value == known.point


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        # MOVER with Wilson limits; same source as above, tolerance 5e-5.
        (FIRST, 0.10620801510795116, 0.22430946119971484),
        (SECOND, 0.0995329444404987, 0.14941040117380114),
    ],
    ids=["few labels", "many labels"],
)
def test_mover_has_the_reference_values(
    counts: tuple[list[int], list[int], list[int]], low: float, high: float
) -> None:
    estimate = mover_wilson(*counts)
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=1e-9)
    assert estimate.value == post_stratified(*counts).value


def test_a_single_stratum_is_jeffreys_own_interval() -> None:
    known = posterior([10**9], [15], [50])
    expected = jeffreys_interval(15, 50)
    assert known.interval() == pytest.approx(tuple(expected), abs=1e-5)


def test_four_strata_agree_with_draws_from_the_same_posterior() -> None:
    judged, y, n = [60, 80, 300, 1560], [2, 0, 1, 0], [3, 3, 14, 40]
    rng = np.random.default_rng(4)
    q = rng.dirichlet(np.array(judged) + 1.0, 400_000)
    theta = [
        rng.beta(a + 0.25, m - a + 0.25, 400_000) for a, m in zip(y, n, strict=True)
    ]
    drawn = (q * np.stack(theta, axis=1)).sum(axis=1)
    known = posterior(judged, y, n)
    assert known.mean == pytest.approx(drawn.mean(), abs=2e-4)
    assert known.sd == pytest.approx(drawn.std(), abs=2e-4)
    for level in (0.025, 0.5, 0.975):
        assert known.quantile(level) == pytest.approx(
            np.quantile(drawn, level), abs=6e-4
        )
        assert known.below(known.quantile(level)) == pytest.approx(level, abs=1e-3)


def test_four_strata_take_less_than_fifty_milliseconds() -> None:
    counts = ([60, 80, 300, 1560], [2, 1, 1, 0], [3, 3, 14, 40])
    post_stratified(*counts)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        post_stratified(*counts)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.05


def test_no_positive_label_claims_an_upper_bound_alone() -> None:
    estimate = post_stratified([40, 1960], [0, 0], [10, 90])
    assert (estimate.value, estimate.low, estimate.side) == (0.0, 0.0, "upper")
    assert estimate.high is not None
    assert estimate.high >= at_most([40, 1960], [10, 90])


def test_the_upper_bound_without_positives_is_the_exact_one() -> None:
    # One-sided 95 %: 1 - 0.05 ** (1 / 299), the rule of three; scipy 1.17.1
    assert at_most([2000], [299]) == pytest.approx(0.009969146792899269, abs=1e-9)
    # Labels in proportion: the strata play no part.
    assert at_most([500, 1500], [25, 75]) == pytest.approx(1 - 0.05**0.01, abs=1e-9)
    both_sides = clopper_pearson(0, 100)[1]
    assert at_most([9000], [100], confidence=0.975) == pytest.approx(both_sides)


def test_the_upper_bound_is_the_largest_share_that_could_show_nothing() -> None:
    # Searched by brute force over both strata's shares.
    judged, n = (300, 1700), (40, 60)
    thetas = np.linspace(0, 0.2, 2001)
    allowed = np.log(0.05) - n[0] * np.log1p(-thetas)
    other = 1 - np.exp(allowed / n[1])
    held = other >= 0
    best = ((judged[0] * thetas + judged[1] * other) / 2000)[held].max()
    assert at_most(judged, n) == pytest.approx(best, abs=1e-5)


@pytest.mark.parametrize(
    ("positives", "labelled"), [([0, 1], [0, 50]), ([1, 0], [50, 0])]
)
def test_a_stratum_without_a_label_is_refused(
    positives: list[int], labelled: list[int]
) -> None:
    for found in (
        post_stratified([100, 900], positives, labelled),
        mover_wilson([100, 900], positives, labelled),
    ):
        assert found.status == "refused"
        assert "no label" in found.reason
        assert "every stratum" in found.remedy


def test_a_stratum_in_which_nothing_was_judged_needs_no_label() -> None:
    estimate = post_stratified([0, 900], [0, 5], [0, 50])
    assert estimate.value == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("judged", "positives", "labelled", "what"),
    [
        ([10, 10], [1], [2, 2], "positives has 1 rows"),
        ([0, 0], [0, 0], [0, 0], "judged must be 0 or more"),
        ([10, 10], [3, 0], [2, 2], "positives must be 0 to labelled"),
        ([10, 10], [1, 1], [11, 2], "more are labelled than judged"),
    ],
)
def test_counts_that_do_not_fit_are_refused(
    judged: list[int], positives: list[int], labelled: list[int], what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        post_stratified(judged, positives, labelled)


def test_a_design_effect_below_one_is_refused() -> None:
    with pytest.raises(UsageError, match="design effect is 1 or more"):
        post_stratified(*FIRST, design_effect=0.5)


def test_labels_that_belong_together_widen_it_and_leave_the_point() -> None:
    apart, together = post_stratified(*FIRST), post_stratified(*FIRST, design_effect=3)
    assert together.value == apart.value
    assert together.width is not None
    assert apart.width is not None
    assert together.width > 1.4 * apart.width


COUNTS = st.lists(
    st.integers(1, 400).flatmap(
        lambda judged: st.integers(1, min(judged, 40)).flatmap(
            lambda n: st.tuples(st.just(judged), st.integers(0, n), st.just(n))
        )
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(COUNTS)
def test_the_interval_holds_its_estimate_and_stays_within_the_unit(
    strata: list[tuple[int, int, int]],
) -> None:
    judged, y, n = (list(column) for column in zip(*strata, strict=True))
    for estimate in (post_stratified(judged, y, n), mover_wilson(judged, y, n)):
        assert estimate.value is not None
        assert estimate.low is not None
        assert estimate.high is not None
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1


@settings(max_examples=25, deadline=None)
@given(COUNTS)
def test_absent_for_present_mirrors_the_interval(
    strata: list[tuple[int, int, int]],
) -> None:
    judged, y, n = (list(column) for column in zip(*strata, strict=True))
    if not 0 < sum(y) < sum(n):
        return  # at the ends an upper bound alone is claimed
    here = post_stratified(judged, y, n)
    there = post_stratified(judged, [m - a for a, m in zip(y, n, strict=True)], n)
    assert here.low == pytest.approx(1 - (there.high or 0), abs=2e-4)
    assert here.high == pytest.approx(1 - (there.low or 0), abs=2e-4)


@settings(max_examples=25, deadline=None)
@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_the_strata_changes_nothing(
    strata: list[tuple[int, int, int]], random: object
) -> None:
    judged, y, n = (list(column) for column in zip(*strata, strict=True))
    back = (judged[::-1], y[::-1], n[::-1])
    one, other = post_stratified(judged, y, n), post_stratified(*back)
    assert (one.low, one.value, one.high) == pytest.approx(
        (other.low, other.value, other.high), abs=2e-4
    )


def test_soft_labels_count_by_their_share() -> None:
    soft = post_stratified([421, 1679], [11.5, 4.5], [21, 79])
    assert soft.value == pytest.approx((421 * 11.5 / 21 + 1679 * 4.5 / 79) / 2100)


def test_a_difference_holds_the_difference_of_the_points() -> None:
    a, b = posterior(*FIRST), posterior(*SECOND)
    found = difference(a, b)
    assert found.unit == "points"
    assert found.value == pytest.approx(a.point - b.point)
    rng = np.random.default_rng(0)
    drawn = [np.interp(rng.random(400_000), known.cdf, known.grid) for known in (a, b)]
    low, high = np.quantile(drawn[0] - drawn[1], [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx((low, high), abs=8e-4)
    swapped = difference(b, a)
    assert swapped.low == pytest.approx(-(found.high or 0), abs=5e-5)


def test_a_quantile_of_no_probability_is_refused() -> None:
    known = mixture([1, 1], [Beta(1, 1), Beta(1, 1)], point=0.5)
    with pytest.raises(UsageError, match="a probability lies in 0 to 1"):
        known.quantile(1.5)
    with pytest.raises(UsageError, match="confidence must lie"):
        known.interval(0)


def test_the_same_counts_give_the_same_digits() -> None:
    one, other = posterior(*FIRST), posterior(*FIRST)
    assert isinstance(one, Posterior)
    assert (one.cdf == other.cdf).all()


@pytest.mark.parametrize(
    ("labelled", "parts"),
    [
        ([20, 5, 3, 9], [[0], [1], [2], [3]]),
        ([20, 0, 3, 9], [[0, 1], [2], [3]]),
        ([0, 5, 0, 0], [[0, 1], [2, 3]]),
        ([0, 0, 0, 9], [[0, 1], [2, 3]]),
    ],
)
def test_a_stratum_without_labels_joins_its_neighbour_of_the_same_verdict(
    labelled: list[int], parts: list[list[int]]
) -> None:
    groups = ["absent", "absent", "present", "present"]
    assert merge_thin([90, 30, 20, 40], labelled, groups) == parts


def _cell(labels: int, design: str, judge: str, prevalence: float) -> Cell:
    return next(
        cell
        for cell in cells()
        if (cell.labels, cell.design, cell.judge, cell.prevalence)
        == (labels, design, judge, prevalence)
    )


def test_with_few_positives_the_prior_does_not_carry_the_lower_limit_too_far() -> None:
    # One positive in each stratum, of 15: common at a prevalence of 2 %, which the
    # plain posterior then excludes.
    counts = ([1000, 1000], [1, 1], [15, 15])
    assert posterior(*counts).interval().low > 0.02
    assert (post_stratified(*counts).low or 1) < 0.02


@pytest.mark.parametrize(
    ("labels", "design", "judge", "prevalence", "least"),
    [
        (30, "random", "0.5/0.5", 0.02, 0.90),
        (30, "by_judge", "0.5/0.5", 0.02, 0.90),
        (100, "by_judge", "0.95/0.99", 0.02, 0.92),
        (100, "random", "graded d=2", 0.1, 0.92),
    ],
)
def test_intervals_hold_the_truth_as_often_as_promised_and_are_no_wider_than_labels(
    labels: int, design: str, judge: str, prevalence: float, least: float
) -> None:
    # The whole table: python -m tests.benchmarks.coverage.  Two standard errors of the
    # repeats are allowed.
    reps = 120
    tally = simulate(_cell(labels, design, judge, prevalence), reps, seed=1)
    assert tally.coverage >= least - 2 * (least * (1 - least) / reps) ** 0.5
    assert tally.ratio <= 1.03
