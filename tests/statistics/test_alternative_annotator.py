"""The alternative annotator test: what passes, what must not, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from judge.errors import UsageError
from judge.statistics.agreement.alternative_annotator import alternative_annotator

Table = NDArray[np.float64]
PLAIN = {"balanced": False, "gated": False}


def people(
    rng: np.random.Generator, n: int, prevalence: float, *, error: float, count: int = 3
) -> tuple[Table, Table]:
    """Return what is true of ``n`` items and what humans who err say."""
    truth = rng.random(n) < prevalence
    wrong = rng.random((n, count)) < error
    return truth.astype(float), (truth[:, None] ^ wrong).astype(float)


@pytest.mark.parametrize("n", [100, 200])
def test_a_judge_that_always_says_no_passes_only_the_published_form(n: int) -> None:
    rng = np.random.default_rng(20250101)
    plain, fair = [], []
    for _ in range(150):
        _, humans = people(rng, n, 0.05, error=0.05)
        never = np.zeros(n)
        plain.append(alternative_annotator(never, humans, **PLAIN))
        fair.append(alternative_annotator(never, humans))
    assert np.mean([test.passes for test in plain]) >= 0.95
    assert np.mean([test.advantage or 0 for test in plain]) > 0.9
    assert not any(test.passes for test in fair)
    assert all(test.judge_sensitivity[1] in (0.0, None) for test in plain)


@pytest.mark.parametrize("answer", [0.0, 1.0])
@pytest.mark.parametrize("prevalence", [0.02, 0.1, 0.5, 0.9, 1.0])
def test_no_constant_judge_passes_balanced_and_gated(
    answer: float, prevalence: float
) -> None:
    rng = np.random.default_rng(7)
    for _ in range(30):
        _, humans = people(rng, 120, prevalence, error=0.08)
        assert not alternative_annotator(np.full(120, answer), humans).passes


def test_a_judge_equal_to_the_worst_human_goes_through_the_gate() -> None:
    truth = np.repeat([0.0, 1.0], [100, 60])
    worst = truth.copy()
    worst[100:107] = 0
    humans = np.column_stack([truth, truth, worst])
    assert alternative_annotator(worst, humans).passes


def test_a_judge_as_good_as_the_people_passes() -> None:
    rng = np.random.default_rng(3)
    passed = []
    for _ in range(60):
        truth, humans = people(rng, 200, 0.3, error=0.1)
        judge = np.abs(truth - (rng.random(200) < 0.03))
        passed.append(alternative_annotator(judge, humans).passes)
    assert np.mean(passed) >= 0.9


def test_at_the_edge_of_the_null_it_claims_no_more_often_than_it_should() -> None:
    """Two humans' worth of ties among negatives, 30 points worse among positives."""
    rng = np.random.default_rng(11)
    rejected = []
    for _ in range(300):
        truth = np.repeat([0.0, 1.0], [90, 10])
        humans = np.column_stack([truth, truth, truth])
        judge = np.where(truth == 1, rng.random(100) >= 0.30, 0).astype(float)
        test = alternative_annotator(judge, humans, gated=False, epsilon=0.15)
        rejected.append((test.winning_rate or 0) > 0)
    assert np.mean(rejected) <= 0.08


def test_the_published_form_is_the_textbook_test_written_out() -> None:
    rng = np.random.default_rng(5)
    truth, humans = people(rng, 60, 0.4, error=0.15)
    judge = np.abs(truth - (rng.random(60) < 0.2))
    test = alternative_annotator(judge, humans, epsilon=0.2, **PLAIN)
    raw, advantage = [], []
    for j in range(3):
        others = np.delete(humans, j, axis=1)
        by_judge = (others == judge[:, None]).mean(axis=1)
        by_human = (others == humans[:, [j]]).mean(axis=1)
        d = (by_human >= by_judge).astype(float) - (by_judge >= by_human)
        raw.append(stats.ttest_1samp(d, 0.2, alternative="less").pvalue)
        advantage.append((by_judge >= by_human).mean())
    # Benjamini & Yekutieli as scipy adjusts it
    held = stats.false_discovery_control(raw, method="by")
    assert [seat.p_value for seat in test.seats] == pytest.approx(held.tolist())
    assert test.advantage == pytest.approx(np.mean(advantage))
    assert test.winning_rate == np.mean(held <= 0.05)


def test_a_judge_equal_to_every_human_has_no_variance_and_passes() -> None:
    humans = np.tile([[0.0] * 3, [1.0] * 3], (20, 1))
    for form in ({}, PLAIN):
        test = alternative_annotator(humans[:, 0], humans, **form)
        assert test.passes
        assert test.winning_rate == test.advantage == 1


def test_a_judge_that_is_always_wrong_has_no_variance_and_does_not() -> None:
    humans = np.tile([[0.0] * 3, [1.0] * 3], (20, 1))
    test = alternative_annotator(1 - humans[:, 0], humans, **PLAIN)
    assert test.verdict == "does not pass"
    assert [seat.p_value for seat in test.seats] == [1, 1, 1]


def test_finding_fewer_positives_than_the_worst_human_shuts_the_gate() -> None:
    truth = np.repeat([0.0, 1.0], [100, 100])
    humans = np.column_stack([truth] * 3)
    judge = truth.copy()
    judge[100:105] = 0
    assert alternative_annotator(judge, humans, gated=False).passes
    test = alternative_annotator(judge, humans)
    assert test.verdict == "does not pass"
    assert test.reason == (
        "the judge finds 95 % of the positives, the worst labeler 100 %"
    )
    assert test.judge_sensitivity == pytest.approx((1.0, 0.95))
    assert test.worst_human_sensitivity == (1.0, 1.0)


def test_split_items_have_no_class_and_two_humans_do_with_a_caution() -> None:
    humans = np.tile([[0.0, 0.0], [1.0, 1.0]], (30, 1))
    test = alternative_annotator(humans[:, 0], humans)
    assert test.passes
    assert test.caution == "two labelers; three or more are better"
    three = np.column_stack([humans, humans[:, 0]])
    three[0] = (1, 0, 1)
    assert [
        seat.class_counts for seat in alternative_annotator(humans[:, 0], three).seats
    ] == [(29, 30), (29, 31), (29, 30)]


@pytest.mark.parametrize(
    ("judge", "humans", "said"),
    [
        (np.zeros(40), np.zeros((40, 1)), "labelers that can be tested: 0"),
        (np.zeros(20), np.zeros((20, 3)), "20 items shared with the judge"),
        (np.zeros(40), np.zeros((40, 3)), "the others call every item the same"),
        (np.full(40, np.nan), np.zeros((40, 3)), "0 items shared"),
        (np.zeros(0), np.zeros((0, 3)), "0 items shared"),
        (np.zeros(0), np.zeros((0, 0)), "labelers that can be tested: 0"),
        (
            np.zeros(40),
            np.repeat([0.0, 1.0], [37, 3])[:, None] * np.ones(3),
            "only 3 items of the rarer class",
        ),
    ],
    ids=["one", "few", "constant", "silent", "none", "nobody", "rare"],
)
def test_too_little_is_refused_with_a_remedy(
    judge: Table, humans: Table, said: str
) -> None:
    test = alternative_annotator(judge, humans)
    assert test.verdict == "refused"
    assert said in test.reason
    assert test.remedy
    assert test.winning_rate is None


def test_the_gate_alone_is_refused_where_nothing_is_positive() -> None:
    test = alternative_annotator(np.zeros(40), np.zeros((40, 3)), balanced=False)
    assert test.verdict == "refused"
    assert test.reason == "only 0 items are positive by majority, 5 are needed"


def test_a_human_with_few_items_is_left_out_and_still_judges_the_others() -> None:
    humans = np.tile([[0.0] * 4, [1.0] * 4], (20, 1))
    humans[5:, 3] = np.nan
    test = alternative_annotator(humans[:, 0], humans)
    assert test.passes
    assert [seat.tested for seat in test.seats] == [True, True, True, False]


def test_wrong_shapes_and_rates_are_named() -> None:
    with pytest.raises(UsageError, match=r"got \(3,\) and \(4, 2\)"):
        alternative_annotator(np.zeros(3), np.zeros((4, 2)))
    with pytest.raises(UsageError, match=r"epsilon=1\.5"):
        alternative_annotator(np.zeros(4), np.zeros((4, 2)), epsilon=1.5)
    with pytest.raises(UsageError, match="minimum_items must be 2 or more, got 0"):
        alternative_annotator(np.zeros(4), np.zeros((4, 2)), minimum_items=0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_neither_the_order_of_items_nor_of_humans_matters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth, humans = people(rng, 60, 0.4, error=0.2)
    humans[rng.random(humans.shape) < 0.1] = np.nan
    judge = np.abs(truth - (rng.random(60) < 0.2))
    order, who = rng.permutation(60), rng.permutation(3)
    one = alternative_annotator(judge, humans)
    other = alternative_annotator(judge[order], humans[order][:, who])
    assert (one.verdict, one.winning_rate) == (other.verdict, other.winning_rate)
    assert one.advantage == pytest.approx(other.advantage)
