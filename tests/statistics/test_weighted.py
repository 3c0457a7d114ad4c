"""Shares from labels drawn with unequal, known probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.statistics.rates.weighted import hajek, kish


def test_each_label_stands_for_those_that_were_not_drawn() -> None:
    # (2/.5 + 1/.1) / (4/.5 + 5/.1), by hand
    found = hajek([1, 1, 0, 0, 1, 0, 0, 0, 0], [0.5] * 4 + [0.1] * 5)
    assert found.value == pytest.approx(14 / 58)
    assert found.n == 9


def test_the_same_seed_gives_the_same_interval() -> None:
    y, drawn = [1] * 12 + [0] * 88, [0.5] * 20 + [0.05] * 80
    assert hajek(y, drawn, seed=3) == hajek(y, drawn, seed=3)


def test_members_of_a_cluster_tell_less_than_as_many_apart() -> None:
    y = ([1] * 5 + [0] * 15) * 5
    alike = [number // 5 for number in range(100)]
    apart, together = hajek(y, [0.1] * 100), hajek(y, [0.1] * 100, clusters=alike)
    assert apart.width is not None
    assert together.width is not None
    assert together.width > 1.5 * apart.width


def test_no_positive_label_claims_an_upper_bound_alone() -> None:
    found = hajek([0] * 100, [0.5] * 100)
    assert found.side == "upper"
    assert found.high == pytest.approx(1 - 0.05**0.01)


def test_kish_counts_labels_of_equal_weight() -> None:
    assert kish([2.0] * 7) == pytest.approx(7)
    assert kish([1, 1, 2]) == pytest.approx(16 / 6)
    assert kish([1, 1, 2], ["a", "a", "b"]) == pytest.approx(2)
    for weights in ([], [0, 0], [1, -1]):
        with pytest.raises(UsageError, match="not all 0"):
            kish(weights)


@pytest.mark.parametrize(
    ("y", "drawn", "what"),
    [
        ([], [], "no labelled transcript"),
        ([1, 0], [0.5, 0.0], r"inclusion\[1\] is 0"),
        ([1, 0], [0.5], "inclusion has 1 rows"),
        ([1, 0], [0.5, 1.5], "must be 0 to 1"),
    ],
)
def test_rows_that_cannot_be_are_refused(
    y: list[int], drawn: list[float], what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        hajek(y, drawn)


def test_clusters_of_another_length_are_refused() -> None:
    with pytest.raises(UsageError, match="clusters has 1 rows, expected 2"):
        hajek([1, 0], [0.5, 0.5], clusters=["a"])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.floats(0.01, 1)), min_size=1, max_size=40))
def test_the_interval_holds_its_estimate(rows: list[tuple[bool, float]]) -> None:
    y, drawn = zip(*rows, strict=True)
    found = hajek([float(a) for a in y], list(drawn), resamples=100)
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_intervals_hold_the_truth_as_often_as_promised() -> None:
    prevalence, rng = 0.05, np.random.default_rng(0)
    held = 0
    for _ in range(200):
        y = rng.random(2000) < prevalence
        flagged = rng.random(2000) < np.where(y, 0.8, 0.1)
        drawn = np.where(flagged, 0.2, 0.05)
        picked = rng.random(2000) < drawn
        found = hajek(y[picked], drawn[picked], resamples=200)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= prevalence <= found.high
    assert held / 200 >= 0.93
