"""Intervals of agreement: covering, seeded, and refused where they would mislead."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from judge.errors import UsageError
from judge.statistics.agreement.alpha_counted import alpha
from judge.statistics.agreement.counted import (
    chance_corrected,
    cohen,
    percent,
    specific,
)
from judge.statistics.agreement.interval import (
    Measure,
    agreement_intervals,
    bootstrap,
    rarer_ratings,
    ratings_of,
)
from judge.statistics.agreement.patterns import find_patterns

TWO = np.arange(2.0)
KAPPA = Measure(make=partial(cohen, categories=2))
AC1 = Measure(make=partial(chance_corrected, categories=2, chance="gwet"))
PERCENT = Measure(make=percent, corrected=False, unit="share")
POSITIVE = Measure(
    make=partial(specific, category=1),
    corrected=False,
    needs=partial(ratings_of, category=1),
    unit="share",
)
ALL = {
    "kappa": KAPPA,
    "alpha": Measure(make=partial(alpha, values=TWO)),
    "ac1": AC1,
    "percent": PERCENT,
    "positive": POSITIVE,
}


def table(both: int, first: int, second: int, neither: int) -> Any:
    cells = [[1, 1], [1, 0], [0, 1], [0, 0]]
    return np.repeat(cells, (both, first, second, neither), axis=0)


def drawn(random: Any, n: int, prevalence: float, error: float) -> Any:
    truth = random.random((n, 1)) < prevalence
    return (truth ^ (random.random((n, 2)) < error)).astype(np.int64)


@pytest.mark.parametrize(
    ("n", "prevalence", "error", "least"),
    [(30, 0.3, 0.1, 0.88), (100, 0.3, 0.1, 0.91), (100, 0.1, 0.03, 0.88)],
)
def test_the_interval_of_kappa_covers_it_about_as_often_as_it_says(
    n: int, prevalence: float, error: float, least: float
) -> None:
    # In 1,200 draws at kappa .6 and prevalence .3 it was .930 (n 30), and .940 at
    # prevalence .1 and n 100; 200 draws leave a standard error of .018.
    random = np.random.default_rng([n, int(100 * prevalence)])
    many = drawn(random, 300_000, prevalence, error)
    true = float(cohen(many, categories=2)(np.ones((1, len(many))))[0])
    found = [
        agreement_intervals(
            drawn(random, n, prevalence, error), {"k": KAPPA}, resamples=300
        )["k"]
        for _ in range(200)
    ]
    given = [x for x in found if x.low is not None and x.high is not None]
    covered = sum(x.low <= true <= x.high for x in given)  # type: ignore[operator] # not None
    assert covered / len(given) >= least


def test_raters_who_never_differed_do_not_get_an_interval_without_width() -> None:
    found = agreement_intervals(table(20, 0, 0, 20), ALL)
    for name, estimate in found.items():
        assert estimate.value == 1.0, name
        assert estimate.high == 1.0
        assert estimate.low is not None
        assert 0.75 < estimate.low < 0.95, name
    # Wilson: none of 40 differ, so at most 8.8 % do
    assert found["percent"].low == pytest.approx(1 - 0.0876, abs=1e-4)


def test_raters_who_never_differ_in_few_units_could_yet_differ() -> None:
    # Two raters with a true kappa of .8: a sample without a difference is frequent,
    # and its interval must still reach down to there.
    random = np.random.default_rng(5)
    alike = [
        x
        for x in (drawn(random, 20, 0.4, 0.05) for _ in range(300))
        if (x[:, 0] == x[:, 1]).all() and rarer_ratings(x) >= 5
    ]
    assert len(alike) > 10
    found = [agreement_intervals(x, {"k": KAPPA}, resamples=50)["k"] for x in alike]
    assert all(x.low is not None and x.low < 0.79 for x in found)


@pytest.mark.parametrize(
    ("ratings", "status"),
    [
        (table(5, 0, 0, 50), "good"),
        (table(4, 4, 1, 50), "good"),
        (table(4, 4, 0, 50), "caution"),
        (table(2, 0, 9, 50), "caution"),
        (table(1, 0, 9, 50), "refused"),
        (table(0, 9, 1, 50), "refused"),
        (table(0, 0, 0, 50), "refused"),
        (table(50, 0, 0, 0), "refused"),
        (table(50, 1, 0, 1), "refused"),
    ],
)
def test_few_ratings_of_the_rarer_class_are_doubted_or_refused(
    ratings: Any, status: str
) -> None:
    found = agreement_intervals(ratings, ALL, resamples=50)
    assert {found[x].status for x in ("kappa", "alpha", "ac1")} == {status}
    assert found["percent"].status == "good"
    if status != "good":
        assert "rarer answer" in found["kappa"].reason
        assert found["kappa"].remedy


def test_positive_agreement_needs_positives_of_both() -> None:
    common = agreement_intervals(table(50, 1, 0, 1), {"p": POSITIVE})["p"]
    assert common.status == "good"
    rare = agreement_intervals(table(1, 0, 9, 50), {"p": POSITIVE})["p"]
    assert rare.status == "refused"


def test_resamples_with_all_ratings_the_same_count_as_1_and_are_counted() -> None:
    codes = table(2, 0, 0, 12)
    found = agreement_intervals(codes, {"k": KAPPA}, resamples=1000)["k"]
    # (12 / 14) ** 14 = 11.5 % of resamples have no positive
    share = int(found.method.split(", ")[2].split(" of them")[0]) / 1000
    assert share == pytest.approx(0.115, abs=0.035)
    assert "counted as 1" in found.method


def test_what_counts_as_1_pulls_the_interval_up_and_not_down() -> None:
    codes = table(2, 0, 1, 14)
    found = agreement_intervals(codes, {"k": KAPPA}, resamples=1000, confidence=0.2)[
        "k"
    ]
    patterns = find_patterns(codes)
    kappa = cohen(patterns.codes, categories=2)
    values = bootstrap(patterns, {"k": kappa}, resamples=1000)["k"]
    assert np.isnan(values).any()
    assert found.value is not None
    values = np.append(np.nan_to_num(values, nan=1.0), found.value)
    limits = np.quantile(values, [0.4, 0.6])
    assert (found.low, found.high) == pytest.approx(tuple(limits))


def test_units_with_one_rating_are_left_out_and_n_says_so() -> None:
    codes = np.concatenate([table(20, 3, 2, 20), [[1, -1]] * 7])
    found = agreement_intervals(codes, ALL, resamples=50)
    assert {estimate.n for estimate in found.values()} == {45}
    whole = agreement_intervals(codes[:45], ALL, resamples=50)
    assert found == whole


def test_nothing_rated_by_two_is_refused_with_the_remedy() -> None:
    found = agreement_intervals(np.array([[1, -1], [-1, 0]]), ALL)
    assert {x.status for x in found.values()} == {"refused"}
    assert "let two rate the same" in str(found["kappa"])


def test_units_that_come_in_clusters_have_wider_intervals() -> None:
    codes = np.repeat(table(10, 2, 2, 10), 8, axis=0)
    groups = np.repeat(np.arange(24), 8)
    alone = agreement_intervals(codes, ALL)
    together = agreement_intervals(codes, ALL, clusters=groups)
    for name, estimate in together.items():
        assert estimate.value == pytest.approx(alone[name].value)
        assert (estimate.width or 0) > 1.8 * (alone[name].width or 0)
        assert "clusters" in estimate.method


def test_clusters_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError, match="for each unit: 3 for 4"):
        agreement_intervals(table(1, 1, 1, 1), ALL, clusters=[1, 2, 3])


def test_the_same_seed_gives_the_same_interval_in_any_order_of_units() -> None:
    codes = table(20, 5, 4, 30)
    one = agreement_intervals(codes, ALL, resamples=200, seed=4)
    other = agreement_intervals(codes[::-1], ALL, resamples=200, seed=4)
    assert one == other
    assert one != agreement_intervals(codes, ALL, resamples=200, seed=5)


@settings(max_examples=30, deadline=None)
@given(
    arrays(
        np.int64,
        st.tuples(st.integers(1, 25), st.integers(2, 3)),
        elements=st.integers(-1, 1),
    )
)
def test_an_interval_contains_its_estimate(codes: Any) -> None:
    measures = {name: each for name, each in ALL.items() if name != "kappa"}
    for estimate in agreement_intervals(codes, measures, resamples=30).values():
        if estimate.value is not None:
            assert estimate.low is not None
            assert estimate.high is not None
            assert estimate.low <= estimate.value <= estimate.high
