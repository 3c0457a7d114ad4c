"""Ratings reduced to patterns, and the bootstraps that draw their counts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from judge.errors import UsageError
from judge.statistics.agreement import patterns as module
from judge.statistics.agreement.coded import coded
from judge.statistics.agreement.patterns import find_patterns, resampled_counts

CODES = arrays(
    np.int64,
    st.tuples(st.integers(1, 30), st.integers(1, 4)),
    elements=st.integers(-1, 3),
)


@given(CODES)
def test_patterns_and_their_counts_are_the_units_again(codes: Any) -> None:
    found = find_patterns(codes)
    again = np.repeat(found.codes, found.counts, axis=0)
    assert sorted(map(tuple, again.tolist())) == sorted(map(tuple, codes.tolist()))
    assert len({tuple(row) for row in found.codes.tolist()}) == len(found.codes)


@given(CODES)
def test_counting_and_sorting_find_the_same_patterns(codes: Any) -> None:
    base = int(codes.max()) + 2
    for one, other in zip(
        module._counted(codes, base), module._sorted(codes, base), strict=True
    ):
        assert one.tolist() == other.tolist()


def test_patterns_are_found_where_all_possible_ones_would_not_fit_a_number() -> None:
    codes = np.random.default_rng(0).integers(0, 10_000, (50, 12))
    twice = np.concatenate([codes, codes])
    found = find_patterns(twice)
    assert found.counts.tolist() == [2] * 50
    assert found.codes.tolist() == sorted(codes.tolist())


@pytest.mark.parametrize("units", [60, 6000])
def test_each_resample_draws_as_many_units_as_there_are(units: int) -> None:
    codes = np.random.default_rng(1).integers(0, 3, (units, 3))
    found = find_patterns(codes)
    drawn = np.concatenate(list(resampled_counts(found, resamples=300, seed=2)))
    assert drawn.shape == (300, len(found.codes))
    assert set(drawn.sum(axis=1)) == {units}
    # On average each pattern comes as often as it is there, within 5 standard errors.
    error = np.sqrt(found.counts / 300)
    assert (np.abs(drawn.mean(axis=0) - found.counts) < 5 * error).all()


def test_a_seed_gives_the_same_resamples_whatever_the_order_of_units() -> None:
    codes = np.random.default_rng(1).integers(0, 9, (40, 2))
    ways = [
        np.concatenate(list(resampled_counts(find_patterns(x), resamples=20, seed=3)))
        for x in (codes, codes[::-1])
    ]
    assert (ways[0] == ways[1]).all()


def test_memory_stays_bounded_and_the_chunks_add_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CHUNK", 40)
    found = find_patterns(np.arange(12)[:, None])
    sizes = [len(chunk) for chunk in resampled_counts(found, resamples=10)]
    assert sizes == [3, 3, 3, 1]


def test_clusters_are_drawn_whole() -> None:
    codes = np.array([[0], [0], [0], [1], [2], [2]])
    found = find_patterns(codes, clusters=["a", "a", "a", "b", "c", "c"])
    drawn = np.concatenate(list(resampled_counts(found, resamples=50, seed=0)))
    times = drawn / [3, 1, 2]
    assert (times == times.round()).all()
    assert (times.sum(axis=1) == 3).all()


def test_clusters_for_other_units_are_refused() -> None:
    with pytest.raises(UsageError, match="a group for each unit: 2 for 3"):
        find_patterns(np.zeros((3, 1), dtype=np.int64), clusters=[1, 2])


def test_nothing_cannot_be_resampled() -> None:
    nothing = find_patterns(np.zeros((0, 2), dtype=np.int64))
    with pytest.raises(UsageError, match="1 unit and 1 resample or more, got 0"):
        next(resampled_counts(nothing))


@pytest.mark.parametrize(
    "ratings",
    [
        [["a", None], ["b", "a"]],
        [["a", float("nan")], ["b", "a"]],
        np.array([["a", None], ["b", "a"]], dtype=object),
    ],
    ids=["none", "nan", "array"],
)
def test_missing_ratings_are_found_among_strings(ratings: Any) -> None:
    if isinstance(ratings[0][1], float):
        ratings = np.array(ratings, dtype=object)
    codes, categories = coded(ratings)
    assert codes.tolist() == [[0, -1], [1, 0]]
    assert categories == ("a", "b")


def test_a_data_frame_with_its_own_missing_values_is_read() -> None:
    import pandas as pd

    frame = pd.DataFrame({"ann": [1, None], "bob": [2, 1]}, dtype="Int64")
    codes, categories = coded(frame)
    assert codes.tolist() == [[0, 1], [-1, 0]]
    assert categories == (1, 2)


@pytest.mark.parametrize(
    ("ratings", "categories", "message"),
    [
        ([1, 2], None, "a matrix of units x raters, got 1"),
        ([[1.0, float("inf")]], None, "infinite"),
        ([[1, 7]], [1, 2], "rating 7 is none of the categories"),
        ([["x", "y"]], ["x"], "rating 'y' is none"),
        ([[1, 1]], [1, 1], "named twice"),
    ],
)
def test_ratings_that_cannot_be_are_named(
    ratings: Any, categories: Any, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        coded(ratings, categories)
