"""The bootstrap over clusters: seeded, and as wide as the clusters make it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.statistics.checked import Floats
from judge.statistics.cluster_bootstrap import cluster_bootstrap, design_effect


def share(sums: Floats) -> Floats:
    return np.asarray(sums[..., 0] / sums[..., 1])


def test_the_same_seed_gives_the_same_digits() -> None:
    hits = np.arange(60) % 7 == 0
    rows = [hits, np.ones(60)]
    clusters = np.arange(60) // 3
    first = cluster_bootstrap(share, rows, clusters, seed=4)
    again = cluster_bootstrap(share, rows, clusters, seed=4)
    other = cluster_bootstrap(share, rows, clusters, seed=5)
    assert (first.low, first.high) == (again.low, again.high)
    assert (first.draws != other.draws).any()


def test_it_is_a_loop_over_drawn_clusters() -> None:
    random = np.random.default_rng(1)
    hits, clusters = random.random(200) < 0.2, random.integers(0, 50, 200)
    found = cluster_bootstrap(share, [hits, np.ones(200)], clusters, replicates=4000)
    names = np.unique(clusters)
    looped = []
    for _ in range(4000):
        drawn = random.choice(names, len(names))
        rows = np.concatenate([np.flatnonzero(clusters == name) for name in drawn])
        looped.append(hits[rows].mean())
    low, high = np.quantile(looped, [0.025, 0.975])
    assert found.low == pytest.approx(low, abs=0.006)
    assert found.high == pytest.approx(high, abs=0.006)
    assert found.clusters == len(names)


def test_rows_that_are_copies_count_once() -> None:
    random = np.random.default_rng(2)
    hits = random.random(80) < 0.3
    alone = cluster_bootstrap(share, [hits, np.ones(80)], np.arange(80))
    copied = np.repeat(hits, 5)
    clusters = np.repeat(np.arange(80), 5)
    together = cluster_bootstrap(share, [copied, np.ones(400)], clusters)
    assert (together.low, together.high) == pytest.approx((alone.low, alone.high))
    assert design_effect(copied, clusters) == pytest.approx(5, rel=0.02)


def test_independent_rows_have_no_design_effect() -> None:
    values = np.random.default_rng(3).random(4000)
    assert design_effect(values, np.arange(4000) // 4) == pytest.approx(1, abs=0.1)
    assert design_effect([1, 1, 1, 1], [1, 1, 2, 2]) == 1


def test_replicates_without_a_value_are_left_out_and_counted() -> None:
    rows = [[1.0, 0, 0], [1.0, 0, 0]]
    found = cluster_bootstrap(share, rows, ["a", "b", "c"], replicates=500)
    assert 0 < found.undefined < 500
    assert found.low == found.high == 1
    nothing = cluster_bootstrap(share, [[0.0], [0.0]], ["a"])
    assert np.isnan(nothing.value)
    assert np.isnan(nothing.low)
    assert nothing.p_value == 1


def test_a_difference_of_nothing_has_no_small_p() -> None:
    signs = np.tile([1.0, -1.0], 50)
    found = cluster_bootstrap(share, [signs, np.ones(100)], np.arange(100))
    assert found.p_value > 0.5
    apart = cluster_bootstrap(share, [np.ones(100), np.ones(100)], np.arange(100))
    assert apart.p_value == pytest.approx(2 / 2001)


def test_intervals_over_clusters_cover_where_rows_would_not() -> None:
    random = np.random.default_rng(8)
    clusters = np.repeat(np.arange(60), 5)
    inside: list[bool] = []
    naive: list[bool] = []
    for seed in range(150):
        rate = random.beta(1, 3, 60)
        hits = random.random(300) < rate[clusters]
        rows = [hits, np.ones(300)]
        for kept, group in ((inside, clusters), (naive, np.arange(300))):
            found = cluster_bootstrap(share, rows, group, replicates=400, seed=seed)
            kept.append(found.low <= 0.25 <= found.high)
    assert np.mean(inside) >= 0.89
    assert np.mean(naive) < np.mean(inside)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=2, max_size=30))
def test_the_order_of_rows_moves_no_sum(rows: list[tuple[bool, int]]) -> None:
    hits = [float(hit) for hit, _ in rows]
    clusters = [cluster for _, cluster in rows]
    ones = [1.0] * len(rows)
    found = cluster_bootstrap(share, [hits, ones], clusters, replicates=20)
    back = cluster_bootstrap(share, [hits[::-1], ones], clusters[::-1], replicates=20)
    assert found.value == back.value
    assert 0 <= found.low <= found.high <= 1


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: cluster_bootstrap(share, [[], []], []), "no row"),
        (lambda: cluster_bootstrap(share, [[1], [1, 2]], ["a"]), "columns\\[1\\]"),
        (lambda: cluster_bootstrap(share, [[1], [1]], ["a"], replicates=0), "replic"),
        (lambda: design_effect([1, 2], ["a", "a"]), "2 clusters"),
    ],
)
def test_what_cannot_be_drawn_from_is_named(call: object, told: str) -> None:
    assert callable(call)
    with pytest.raises(UsageError, match=told):
        call()
