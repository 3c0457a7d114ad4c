"""How many labels: the planning table, and what the numbers keep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.statistics.rates.sample_size import (
    clean_labels_needed,
    labels_for_difference,
    labels_for_half_width,
    neyman_shares,
    smallest_certifiable_rate,
    variance_per_label,
)

JUDGES = [(0.8, 0.95), (0.9, 0.9), (0.95, 0.99)]


def _strata(rate: float, judge: tuple[float, float]) -> tuple[list[float], list[float]]:
    sensitivity, specificity = judge
    q = rate * sensitivity + (1 - rate) * (1 - specificity)
    ppv, missed = rate * sensitivity / q, rate * (1 - sensitivity) / (1 - q)
    return [q, 1 - q], [ppv, missed]


# The formulas by hand at z = 1.96: labels alone, random with each judge, by verdict.
@pytest.mark.parametrize(
    ("rate", "half_width", "alone", "random", "by_verdict"),
    [
        pytest.param(0.02, 0.01, 753, [617, 661, 287], [305, 272, 78], id="2 %"),
        pytest.param(0.10, 0.03, 385, [207, 235, 57], [156, 139, 40], id="10 %"),
        pytest.param(0.30, 0.05, 323, [132, 130, 34], [131, 117, 34], id="30 %"),
    ],
)
def test_labels_for_a_half_width(
    rate: float, half_width: float, alone: int, random: list[int], by_verdict: list[int]
) -> None:
    assert labels_for_half_width(half_width, variance_per_label([1], [rate])) == alone
    for judge, n_random, n_best in zip(JUDGES, random, by_verdict, strict=True):
        weights, rates = _strata(rate, judge)
        best = neyman_shares(weights, rates)
        plain = variance_per_label(weights, rates)
        least = variance_per_label(weights, rates, best)
        assert labels_for_half_width(half_width, plain) == n_random
        assert labels_for_half_width(half_width, least) == n_best


@pytest.mark.parametrize(
    ("judge", "share"), list(zip(JUDGES, [0.31, 0.50, 0.30], strict=True))
)
def test_the_best_share_of_judge_positives(
    judge: tuple[float, float], share: float
) -> None:
    for rate in (0.02, 0.1, 0.3):
        best = neyman_shares(*_strata(rate, judge))
        assert best[0] == pytest.approx(share, abs=0.005)


def test_clean_labels_for_one_percent() -> None:
    # The smallest n with P(Bin(n, 1 %) <= k) <= 5 %: 299, 473, 628 for k = 0, 1, 2.
    assert [clean_labels_needed(0.01, found=k) for k in (0, 1, 2)] == [299, 473, 628]
    assert smallest_certifiable_rate(100) == pytest.approx(0.0295, abs=5e-5)
    assert smallest_certifiable_rate(0) == 1


@given(st.integers(0, 5), st.floats(0.002, 0.5))
def test_the_number_needed_is_the_smallest_that_is_enough(
    found: int, rate: float
) -> None:
    n = clean_labels_needed(rate, found=found)
    assert smallest_certifiable_rate(n, found=found) <= rate
    assert n == found + 1 or smallest_certifiable_rate(n - 1, found=found) > rate


@given(
    st.lists(st.floats(0.05, 1), min_size=2, max_size=4),
    st.lists(st.floats(0.01, 0.99), min_size=4, max_size=4),
)
def test_no_allocation_beats_neymans(raw: list[float], rates: list[float]) -> None:
    weights = [x / sum(raw) for x in raw]
    rates = rates[: len(weights)]
    best = variance_per_label(weights, rates, neyman_shares(weights, rates))
    even = [1 / len(weights)] * len(weights)
    assert best <= variance_per_label(weights, rates) + 1e-12
    assert best <= variance_per_label(weights, rates, even) + 1e-12


def test_a_difference_of_two_plain_shares_is_the_textbooks() -> None:
    # (1.95996 + 0.84162)**2 (0.21 + 0.25) / 0.04 = 90.26
    assert labels_for_difference(0.2, 0.21, 0.25) == 91
    assert labels_for_difference(0.2, 0.21, 0.25, power=0.9) == 121


def test_labels_cannot_mend_what_they_do_not_touch() -> None:
    assert labels_for_half_width(0.01, 0.05, fixed=0.01) is None
    assert labels_for_difference(0.01, 0.05, 0.05, fixed=0.01) is None
    more = labels_for_half_width(0.03, 0.05, fixed=0.0001)
    assert more is not None
    assert more > (labels_for_half_width(0.03, 0.05) or 0)


def test_a_stratum_that_varies_and_gets_no_label_is_never_known() -> None:
    unseen = variance_per_label([0.1, 0.9], [0.5, 0.1], [0.0, 1.0])
    assert labels_for_half_width(0.03, unseen) is None
    assert variance_per_label([0.1, 0.9], [0.0, 0.1], [0.0, 1.0]) < 1


def test_where_nothing_varies_labels_go_by_weight() -> None:
    assert neyman_shares([0.2, 0.8], [1.0, 0.0]) == [0.2, 0.8]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: variance_per_label([0.5, 0.4], [0.1, 0.1]), "weights"),
        (lambda: variance_per_label([0.5, 0.5], [0.1]), "one length"),
        (lambda: variance_per_label([0.5, 0.5], [0.1, 1.1]), "rates"),
        (lambda: variance_per_label([1.0], [0.1], [0.7]), "shares"),
        (lambda: labels_for_half_width(0, 0.1), "half-width"),
        (lambda: labels_for_half_width(0.1, -0.1), "variance"),
        (lambda: labels_for_difference(2, 0.1, 0.1), "difference"),
        (lambda: labels_for_difference(0.1, 0.1, 0.1, power=1), "power"),
        (lambda: smallest_certifiable_rate(3, found=4), "4 of 3"),
        (lambda: clean_labels_needed(0), "rate"),
    ],
)
def test_what_cannot_be_planned_is_named(call: object, told: str) -> None:
    assert callable(call)
    with pytest.raises(UsageError, match=told):
        call()


def test_all_found_leaves_every_rate_possible() -> None:
    assert smallest_certifiable_rate(5, found=5) == 1
