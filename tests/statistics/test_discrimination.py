"""Rates of the 2x2 table, ROC and AUC: against pROC, scikit-learn and simulation."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from random import Random
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from judge.errors import UsageError
from judge.statistics.estimate import Estimate
from judge.statistics.intervals import wilson_interval
from judge.statistics.scores.discrimination import (
    Confusion,
    auc,
    average_precision,
    compare_auc,
    partial_auc,
    roc_points,
)
from judge.statistics.scores.precision import estimated_precision

# aSAH of R's pROC 1.18.0 (Turck et al. 2010, Intensive Care Medicine 36): the outcome,
# s100b and ndka of 113 patients.
OUTCOME = (
    "00001101001011001011101000000000100110110000000001100010001010011101101111000110"
    "100000010000000000001111110001000"
)
S100B = (
    "0.13 0.14 0.1 0.04 0.13 0.1 0.47 0.16 0.18 0.1 0.12 0.1 0.44 0.71 0.04 0.08 0.49 "
    "0.04 0.07 0.33 0.09 0.09 0.07 0.11 0.07 0.17 0.07 0.11 0.13 0.19 0.05 0.16 0.41 "
    "0.14 0.34 0.35 0.48 0.09 0.96 0.25 0.5 0.46 0.16 0.07 0.43 0.45 0.11 0.08 0.09 "
    "0.86 0.52 0.08 0.06 0.13 2.07 0.1 0.14 0.15 0.07 0.06 0.77 0.05 0.09 0.3 0.03 "
    "0.09 0.04 0.23 0.7 0.09 0.27 0.71 0.08 0.26 0.08 0.16 0.09 0.13 0.1 0.08 0.11 "
    "0.33 0.11 0.28 0.07 0.1 0.32 0.22 0.07 0.05 0.24 0.38 0.1 0.15 0.08 0.14 0.1 "
    "0.07 0.04 0.19 0.56 0.14 0.58 0.32 0.82 0.74 0.15 0.47 0.17 0.44 0.15 0.5 0.48"
)
NDKA = (
    "3.01 8.54 8.09 10.42 17.4 12.75 6 13.2 15.54 6.01 15.96 17.86 5.18 8.9 13.41 "
    "20.75 11.6 16.11 32.37 54.82 32.41 49.94 40.34 9.47 6.29 12.53 6.54 6.3 80.3 "
    "12.8 9.8 9.81 9.85 18.21 5.03 14.04 21.93 8.02 7.42 8.38 6.59 9.63 13.12 7.96 "
    "14.34 41.43 7.63 7.06 12.59 13.56 3.87 9.44 7.66 12.98 419.19 27.19 22.27 9.95 "
    "21.22 11.73 10.4 58.83 6.39 11.09 12.22 13.67 17.21 22.63 12.9 9.7 21.57 8.23 "
    "72.57 15.54 10.51 10.6 14.57 5.19 9.63 4.61 21.48 17.3 12.71 9.44 11.07 19.46 "
    "10.83 5.37 11.97 7.75 9.83 10.55 28.49 8.53 12.57 12.9 46.83 11.68 12.67 9.01 "
    "9.57 34.06 11.72 14.26 47.61 11.67 24.58 10.33 13.87 15.89 22.43 6.79 13.45"
)

Y = [int(digit) for digit in OUTCOME]
X1 = [float(each) for each in S100B.split()]
X2 = [float(each) for each in NDKA.split()]

ROWS = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=4, max_size=60)


def _split(rows: list[tuple[int, bool]]) -> tuple[list[float], list[int]]:
    # Two of each class always, so that an AUC exists.
    rows = [*rows, (1, True), (2, True), (3, False), (4, False)]
    return [float(score) for score, _ in rows], [int(is_so) for _, is_so in rows]


@pytest.mark.parametrize(
    ("scores", "value", "low", "high"),
    [
        (X1, 0.73136856369, 0.63011821176, 0.83261891561),
        (X2, 0.61195799458, 0.50124499927, 0.72267098989),
    ],
    ids=["s100b", "ndka"],
)
def test_the_auc_has_the_interval_of_proc(
    scores: list[float], value: float, low: float, high: float
) -> None:
    # R pROC 1.18.0 ci.auc(method="delong"), tolerance 1e-7
    made = auc(scores, Y)
    assert (made.value, made.low, made.high) == pytest.approx(
        (value, low, high), abs=1e-7
    )
    assert (made.method, made.n, made.status) == ("delong", 113, "good")


def test_the_paired_comparison_has_the_values_of_proc() -> None:
    # R pROC 1.18.0 roc.test(paired=TRUE, method="delong"), tolerance 1e-7
    told = compare_auc(X1, X2, Y)
    assert told.z == pytest.approx(1.3907700257, abs=1e-7)
    assert told.p_value == pytest.approx(0.16429517522, abs=1e-7)
    assert told.difference.value == pytest.approx(0.73136856369 - 0.61195799458)


def test_the_partial_area_has_the_values_of_proc() -> None:
    # R pROC 1.18.0 auc(partial.auc=c(1, .9), partial.auc.correct=TRUE), 1e-7;
    # scikit-learn roc_auc_score(max_fpr=.1) gives 0.64609186 too
    told = partial_auc(X1, Y, max_false_alarms=0.1)
    assert told.area == pytest.approx(0.032757452575, abs=1e-7)
    assert told.standardised == pytest.approx(0.64609185566, abs=1e-7)


def test_the_twelve_points_have_their_auc() -> None:
    # scikit-learn 1.9.1 roc_auc_score, tolerance 1e-9
    p = [0.05, 0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95, 0.95]
    y = [0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 1, 1]
    assert auc(p, y).value == pytest.approx(0.9166666666666667, abs=1e-9)


@given(ROWS)
def test_curve_area_and_precision_are_those_of_scikit_learn(
    rows: list[tuple[int, bool]],
) -> None:
    scores, y = _split(rows)
    weights = [1 + index % 3 for index in range(len(y))]
    ours = roc_points(scores, y, weights=weights)
    fpr, tpr, thresholds = roc_curve(
        y, scores, sample_weight=weights, drop_intermediate=False
    )
    assert ours.false_alarms == pytest.approx(fpr)
    assert ours.sensitivity == pytest.approx(tpr)
    assert ours.thresholds[1:] == pytest.approx(thresholds[1:])
    assert auc(scores, y, weights=weights).value == pytest.approx(
        roc_auc_score(y, scores, sample_weight=weights)
    )
    assert average_precision(scores, y, weights=weights) == pytest.approx(
        average_precision_score(y, scores, sample_weight=weights)
    )


@given(ROWS, st.sampled_from([0.05, 0.1, 0.5, 1.0]))
def test_the_partial_area_is_that_of_scikit_learn(
    rows: list[tuple[int, bool]], limit: float
) -> None:
    scores, y = _split(rows)
    told = partial_auc(scores, y, max_false_alarms=limit)
    theirs = roc_auc_score(y, scores, max_fpr=limit)
    # At 1 scikit-learn gives the whole area, which is what the formula gives too.
    assert told.standardised == pytest.approx(theirs)


@given(ROWS)
def test_an_auc_lies_in_its_interval_and_turns_with_the_labels(
    rows: list[tuple[int, bool]],
) -> None:
    scores, y = _split(rows)
    made, turned = auc(scores, y), auc(scores, [1 - each for each in y])
    assert made.value is not None
    assert made.low is not None
    assert made.high is not None
    assert turned.value is not None
    assert turned.high is not None
    assert 0 <= made.low <= made.value <= made.high <= 1
    assert made.high - made.low > 0.05
    assert turned.value == pytest.approx(1 - made.value)
    assert turned.high == pytest.approx(1 - made.low, abs=1e-9)


@pytest.mark.parametrize(
    ("scores", "value"),
    [([0.1] * 15 + [0.9] * 15, 1.0), ([0.5] * 30, 0.5), ([0.9] * 15 + [0.1] * 15, 0.0)],
    ids=["apart", "all the same", "the wrong way round"],
)
def test_an_auc_without_spread_still_has_an_interval(
    scores: list[float], value: float
) -> None:
    made = auc(scores, [0] * 15 + [1] * 15)
    assert made.value == value
    assert made.method == "newcombe"
    assert made.width is not None
    assert made.width > 0.1


@pytest.mark.parametrize("few", [0, 1])
@pytest.mark.parametrize("kind", [0, 1])
def test_an_auc_is_refused_under_two_of_a_class(few: int, kind: int) -> None:
    y = [kind] * few + [1 - kind] * 20
    made = auc([0.1 * (i % 7) for i in range(len(y))], y)
    assert made.status == "refused"
    assert str(few) in made.reason
    assert ("positive" if kind else "negative") in made.reason
    told = compare_auc(range(len(y)), range(len(y)), y)
    assert told.difference.status == "refused"
    assert told.p_value == 1


def test_an_auc_of_few_is_told_with_caution() -> None:
    scores = [0.1 * (i % 7) for i in range(29)]
    made = auc(scores, [1] * 9 + [0] * 20)
    assert made.status == "caution"
    assert "9 of 29 labels are positive" in made.reason
    told = compare_auc(scores, scores, [1] * 9 + [0] * 20)
    assert told.difference.status == "caution"
    assert (told.difference.value, told.z, told.p_value) == (0, 0, 1)


@pytest.mark.parametrize("area", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(("yes", "no"), [(5, 50), (20, 60), (40, 80)])
def test_the_interval_covers_the_auc_about_as_often_as_it_says(
    area: float, yes: int, no: int
) -> None:
    from scipy.stats import norm

    random = np.random.default_rng(int(area * 100) + yes)
    apart = float(norm.ppf(area)) * 2**0.5
    draws, covered = 300, 0
    for _ in range(draws):
        scores = np.r_[random.normal(apart, 1, yes), random.normal(0, 1, no)]
        made = auc(scores, [1] * yes + [0] * no)
        assert made.low is not None
        assert made.high is not None
        covered += made.low <= area <= made.high
    assert covered / draws >= 0.91


def test_the_table_counts_each_kind() -> None:
    table = Confusion.of([1, 1, 0, 0, 1], [1, 0, 1, 0, 1])
    assert (table.tp, table.fp, table.fn, table.tn, table.n) == (2, 1, 1, 1, 5)


def test_the_rates_are_shares_of_their_own_class() -> None:
    table = Confusion(tp=12, fp=9, fn=4, tn=75)
    told = {
        "sensitivity": (12 / 16, 16),
        "specificity": (75 / 84, 84),
        "ppv": (12 / 21, 21),
        "miss_rate": (4 / 79, 79),
        "accuracy": (87 / 100, 100),
    }
    for name, (value, n) in told.items():
        rate = getattr(table, name)
        assert (rate.value, rate.n) == (pytest.approx(value), n)
        assert rate.low < value < rate.high


def test_a_rate_of_an_empty_class_is_refused_and_of_a_small_one_doubted() -> None:
    table = Confusion(tp=0, fp=3, fn=0, tn=40)
    assert table.sensitivity.status == "refused"
    assert str(table.sensitivity) == "refused: no label is positive; label more"
    assert table.ppv.status == "caution"
    assert table.specificity.status == "good"
    assert Confusion(0, 0, 0, 0).accuracy.status == "refused"


@pytest.mark.parametrize(
    ("scores", "y", "words"),
    [
        ([0.1, float("nan")], [0, 1], r"scores\[1\] is nan"),
        ([0.1, 0.2], [0, 2], r"truth\[1\] is 2.0; it must be 0 or 1"),
        ([0.1], [0, 1], "truth has 2 rows, expected 1"),
        ([[0.1], [0.2]], [0, 1], "one row of numbers, got 2 axes"),
        (["high", "low"], [0, 1], "scores must be numbers"),
    ],
    ids=["nan", "no label", "length", "table", "words"],
)
def test_rows_that_do_not_fit_are_named(
    scores: list[float], y: list[int], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        auc(scores, y)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: roc_points([1, 2], [1, 1]), "both classes"),
        (lambda: roc_points([1, 2], [1, 0], weights=[1, 0]), "both classes"),
        (lambda: roc_points([1, 2], [1, 0], weights=[1, -1]), "0 or more"),
        (lambda: roc_points([1, 2], [1, 0], weights=[0, 0]), "not all 0"),
        (lambda: average_precision([1, 2], [0, 0]), "a positive label, got none"),
        (lambda: average_precision([1, 2], [1, 0], weights=[0, 1]), "of some weight"),
        (lambda: partial_auc([1, 2], [1, 0], max_false_alarms=0), "at most 1, got 0"),
        (lambda: Confusion(1, 1, -1, 0), "0 or more"),
    ],
)
def test_what_cannot_be_told_raises(call: object, words: str) -> None:
    assert callable(call)
    with pytest.raises(UsageError, match=words):
        call()


def test_weights_that_are_alike_change_no_point_and_hardly_an_interval() -> None:
    few = auc(X1[:40], Y[:40])
    weighted = auc(X1[:40], Y[:40], weights=[3.0] * 40)
    assert few.method == "newcombe"
    assert (weighted.value, weighted.low, weighted.high) == pytest.approx(
        (few.value, few.low, few.high)
    )


def test_classes_apart_leave_an_interval_its_width_whatever_the_weights() -> None:
    scores, y = [0.1] * 30 + [0.9] * 30, [0] * 30 + [1] * 30
    weights = [10.0] * 30 + [1.0] * 30
    for measured in (auc, estimated_precision):
        made = measured(scores, y, weights=weights)
        assert made.value == 1.0
        assert made.low is not None
        assert 0.8 < made.low < 0.95
        together = measured(
            scores, y, weights=weights, clusters=[at // 3 for at in range(60)]
        )
        assert together.low is not None
        assert together.low < made.low


@pytest.mark.parametrize(("apart", "rate", "n"), [(0.5, 0.3, 60), (2.5, 0.1, 100)])
def test_intervals_of_labels_drawn_by_the_judge_hold_the_truth(
    apart: float, rate: float, n: int
) -> None:
    # A third from what is judged present.  AUC of two normal scores: Phi(d / sqrt 2).
    truth = NormalDist().cdf(apart / sqrt(2))
    rng = np.random.default_rng(5)
    held: list[bool] = []
    while len(held) < 150:
        y = rng.random(2000) < rate
        score = rng.normal(size=2000) + np.where(y, apart / 2, -apart / 2)
        yes, no = (rng.permutation(np.flatnonzero(at)) for at in (score > 0, score < 0))
        drawn = np.concatenate((yes[: n // 3], no[: n - n // 3]))
        weights = np.repeat([3 * len(yes), 1.5 * len(no)], [n // 3, n - n // 3])
        if y[drawn].sum() < 5:
            continue
        made = auc(score[drawn], y[drawn], weights=weights)
        assert made.low is not None
        assert made.high is not None
        held.append(made.low <= truth <= made.high)
    assert np.mean(held) > 0.91


def test_average_precision_has_wilsons_interval_at_the_number_of_positives() -> None:
    made = estimated_precision(X1, Y)
    assert made.value == pytest.approx(average_precision(X1, Y))
    low, high = wilson_interval((made.value or 0) * 41, 41)
    assert (made.low, made.high) == pytest.approx((low, high))
    assert (made.n, made.status) == (113, "good")


@given(ROWS, st.randoms(use_true_random=False))
def test_a_precision_lies_in_its_interval_and_rows_may_be_in_any_order(
    rows: list[tuple[int, bool]], random: Random
) -> None:
    made = estimated_precision(*_split(rows))
    assert made.value is not None
    assert made.low is not None
    assert made.high is not None
    assert 0 <= made.low <= made.value <= made.high <= 1
    shuffled = list(zip(*_split(rows), strict=True))
    random.shuffle(shuffled)
    again = estimated_precision(
        *(list(column) for column in zip(*shuffled, strict=True))
    )
    assert (again.value, again.low) == pytest.approx((made.value, made.low))


@pytest.mark.parametrize("measured", [auc, estimated_precision])
def test_clusters_are_one_for_each_row(measured: Callable[..., Estimate]) -> None:
    with pytest.raises(UsageError, match="clusters has 1 rows, expected 4"):
        measured([1, 2, 3, 4], [0, 1, 0, 1], clusters=["a"])
    refused = measured([1, 2, 3], [0, 1, 0])
    assert refused.status == "refused"
    assert "1 of 3 labels are positive" in refused.reason
