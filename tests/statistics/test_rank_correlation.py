"""Rank correlations from joint counts, against scipy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.statistics.agreement.patterns import find_patterns
from judge.statistics.agreement.rank_correlation import (
    kendall,
    kendall_tau_b,
    signed_bias,
    spearman,
    spearman_rho,
    within,
    within_agreement,
)

LEVELS = np.arange(5.0)
PAIRS = st.lists(
    st.tuples(st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=40
)


@settings(max_examples=60, deadline=None)
@given(PAIRS)
def test_counts_give_what_scipy_gives(pairs: list[tuple[int, int]]) -> None:
    codes = np.array(pairs)
    a, b = np.where(codes < 0, np.nan, codes).T
    found = find_patterns(codes)
    rho = spearman(found.codes, 5)(found.once)[0]
    tau = kendall(found.codes, 5)(found.once)[0]
    assert rho == pytest.approx(spearman_rho(a, b), abs=1e-9, nan_ok=True)
    assert tau == pytest.approx(kendall_tau_b(a, b), abs=1e-9, nan_ok=True)


def test_a_harsher_rater_correlates_wholly_and_is_biased() -> None:
    codes = np.array([[0, 1], [1, 2], [2, 3], [3, 4]])
    once = np.ones((1, 4))
    assert spearman(codes, 5)(once) == pytest.approx(1)
    assert kendall(codes, 5)(once) == pytest.approx(1)
    assert signed_bias(codes, LEVELS)(once) == pytest.approx(1)
    assert within(codes, LEVELS)(once) == pytest.approx(0)
    assert within(codes, LEVELS, steps=1)(once) == pytest.approx(1)


def test_many_resamples_are_computed_at_once() -> None:
    codes = np.array([[0, 0], [1, 2], [2, 1], [4, -1]])
    counts = np.array([[1.0, 1, 1, 5], [3, 0, 2, 0]])
    bias = signed_bias(codes, LEVELS)(counts)
    assert bias == pytest.approx([0, -2 / 5])
    exact = within(codes, LEVELS)(counts)
    assert exact == pytest.approx([1 / 3, 3 / 5])


def test_missing_ratings_are_left_out() -> None:
    assert within_agreement([1, None, 2], [1, 3, None]) == 1.0


@pytest.mark.parametrize("of", [spearman_rho, kendall_tau_b])
@pytest.mark.parametrize("a", [[2, 2, 2], [], [1]], ids=["constant", "none", "one"])
def test_what_does_not_vary_correlates_with_nothing(of: Any, a: list[int]) -> None:
    assert np.isnan(of(a, list(range(len(a)))))


def test_different_lengths_are_refused() -> None:
    with pytest.raises(UsageError, match="the same units"):
        spearman_rho([1, 2], [1])
