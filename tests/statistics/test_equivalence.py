"""Two one-sided tests of two shares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.statistics.comparison.equivalence import equivalent_shares
from judge.statistics.comparison.paired import newcombe_independent


def test_the_interval_is_that_of_one_minus_two_alpha() -> None:
    found = equivalent_shares(90, 100, 88, 100, margin=0.1)
    assert found.interval == newcombe_independent(90, 100, 88, 100, confidence=0.9)
    assert found.equivalent
    assert not equivalent_shares(90, 100, 88, 100, margin=0.05).equivalent


def test_few_labels_show_nothing_however_alike() -> None:
    assert not equivalent_shares(10, 10, 10, 10, margin=0.1).equivalent
    unseen = equivalent_shares(0, 0, 50, 50, margin=0.1)
    assert unseen.difference is None
    assert not unseen.equivalent


def test_shares_a_margin_apart_are_rarely_called_equivalent() -> None:
    random = np.random.default_rng(5)
    a, b = random.binomial(200, 0.9, 1500), random.binomial(200, 0.8, 1500)
    called = [
        equivalent_shares(int(x), 200, int(y), 200, margin=0.1).equivalent
        for x, y in zip(a, b, strict=True)
    ]
    assert np.mean(called) <= 0.065


@given(st.integers(0, 50), st.integers(0, 50))
def test_it_does_not_care_which_is_called_a(a: int, b: int) -> None:
    there = equivalent_shares(a, 50, b, 50, margin=0.2)
    back = equivalent_shares(b, 50, a, 50, margin=0.2)
    assert there.equivalent == back.equivalent


@pytest.mark.parametrize("margin", [0, 1, -0.1])
def test_a_margin_is_a_share(margin: float) -> None:
    with pytest.raises(UsageError, match="margin"):
        equivalent_shares(1, 2, 1, 2, margin=margin)
