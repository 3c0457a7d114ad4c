"""How much less a judge agrees with people than they do: value, interval, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from judge.errors import UsageError
from judge.statistics.agreement.coefficients import krippendorff_alpha
from judge.statistics.agreement.gap import agreement_gap
from judge.statistics.agreement.unseen_error import WithUnseen

Table = NDArray[np.float64]


def world(
    rng: np.random.Generator, n: int, prevalence: float, human: float, judge: float
) -> tuple[Table, Table]:
    """What a judge and three people say who err independently, at these rates."""
    truth = rng.random(n) < prevalence
    said = truth ^ (rng.random(n) < judge)
    people = truth[:, None] ^ (rng.random((n, 3)) < human)
    return said.astype(float), people.astype(float)


def population_alpha(p: float, one: float, other: float) -> float:
    """Alpha of two raters of prevalence p with error rates, over all units."""
    apart = one * (1 - other) + other * (1 - one)
    yes = [p * (1 - e) + (1 - p) * e for e in (one, other)]
    pooled = sum(yes) / 2
    return 1 - apart / (2 * pooled * (1 - pooled))


def test_the_difference_is_that_of_the_mean_alphas() -> None:
    judge, people = world(np.random.default_rng(1), 120, 0.3, 0.1, 0.2)
    people[:15, 2] = np.nan
    gap = agreement_gap(judge, people, resamples=50)
    with_judge = [
        krippendorff_alpha(np.column_stack([judge, person])) for person in people.T
    ]
    among = [krippendorff_alpha(people[:, pair]) for pair in ([0, 1], [0, 2], [1, 2])]
    assert gap.with_judge.value == pytest.approx(np.mean(with_judge))
    assert gap.among_people.value == pytest.approx(np.mean(among))
    assert gap.difference.value == pytest.approx(np.mean(with_judge) - np.mean(among))
    assert [person.with_judge for person in gap.people] == pytest.approx(with_judge)
    assert gap.people[0].with_others == pytest.approx((among[0] + among[1]) / 2)
    assert [person.n for person in gap.people] == [120, 120, 105]
    assert (gap.units, gap.pairs) == (120, 3)


@pytest.mark.parametrize(
    ("prevalence", "human", "judge", "n"),
    [(0.3, 0.1, 0.1, 100), (0.1, 0.03, 0.06, 100), (0.05, 0.02, 0.02, 200)],
)
def test_the_interval_covers_and_claims_too_much_seldom(
    prevalence: float, human: float, judge: float, n: int
) -> None:
    rng = np.random.default_rng(17)
    true = population_alpha(prevalence, human, judge)
    true -= population_alpha(prevalence, human, human)
    covered, above = [], []
    for seed in range(150):
        table = world(rng, n, prevalence, human, judge)
        gap = agreement_gap(*table, resamples=300, seed=seed).difference
        if gap.low is not None and gap.high is not None:
            covered.append(gap.low <= true <= gap.high)
            above.append(gap.low > true)
    assert np.mean(covered) >= 0.91
    assert np.mean(above) <= 0.05


def test_a_judge_that_was_never_seen_to_err_may_still_err() -> None:
    yes, no = [1.0] * 4, [0.0] * 4
    rows = np.array([yes] * 8 + [no] * 50)
    gap = agreement_gap(rows[:, 0], rows[:, 1:]).difference
    assert gap.value == 0
    assert gap.low is not None
    assert gap.low < -0.1


def test_a_judge_that_always_says_no_is_inferior_not_refused() -> None:
    _, people = world(np.random.default_rng(2), 200, 0.2, 0.05, 0.0)
    gap = agreement_gap(np.zeros(200), people).difference
    assert gap.high is not None
    assert gap.high < -0.5
    assert gap.status == "good"


def test_clusters_that_repeat_units_widen_the_interval_as_fewer_units_would() -> None:
    judge, people = world(np.random.default_rng(3), 60, 0.3, 0.1, 0.15)
    once = agreement_gap(judge, people).difference
    five = np.repeat(judge, 5), np.repeat(people, 5, axis=0)
    blind = agreement_gap(*five).difference
    aware = agreement_gap(*five, clusters=np.repeat(np.arange(60), 5)).difference
    assert once.width is not None
    assert blind.width is not None
    assert aware.width == pytest.approx(once.width, rel=0.15)
    assert blind.width < 0.6 * once.width
    assert "clusters" in aware.method


def test_grades_are_compared_by_the_ordinal_alpha() -> None:
    rng = np.random.default_rng(4)
    latent = rng.normal(size=(150, 1)) * 1.5 + rng.normal(size=(150, 4)) * 0.6
    grades = np.digitize(latent, [-1, 0, 1, 2]).astype(float)
    gap = agreement_gap(grades[:, 0], grades[:, 1:], level="ordinal")
    expected = [
        krippendorff_alpha(grades[:, [0, j]], level="ordinal") for j in (1, 2, 3)
    ]
    assert gap.with_judge.value == pytest.approx(np.mean(expected))
    assert gap.difference.low is not None
    assert gap.difference.high is not None
    assert gap.difference.low < 0 < gap.difference.high


@pytest.mark.parametrize(
    ("judge", "people", "reason"),
    [
        (np.zeros(40), np.zeros((40, 1)), "no two labelers share 10 transcripts"),
        (np.zeros(8), np.eye(8)[:, :3], "no two labelers share 10 transcripts"),
        (np.full(40, np.nan), np.eye(40)[:, :3], "no two labelers share"),
        (np.zeros(0), np.zeros((0, 3)), "no two labelers share"),
        (np.zeros(0), np.zeros((0, 0)), "no two labelers share"),
        (np.zeros(40), np.zeros((40, 3)), "the rarer answer on 0 of 40"),
        (
            np.zeros(40),
            np.vstack([np.ones((1, 3)), np.zeros((39, 3))]),
            "the rarer answer on 1 of 40",
        ),
    ],
    ids=["one", "few", "silent", "none", "nobody", "constant", "once"],
)
def test_too_little_is_refused_with_a_remedy(
    judge: Table, people: Table, reason: str
) -> None:
    gap = agreement_gap(judge, people)
    assert gap.difference.status == "refused"
    assert reason in gap.difference.reason
    assert gap.difference.remedy
    assert len(gap.people) == people.shape[1]


def test_few_of_the_rarer_answer_is_doubted() -> None:
    people = np.vstack([np.ones((3, 3)), np.zeros((60, 3))])
    gap = agreement_gap(people[:, 0], people).difference
    assert gap.status == "caution"
    assert gap.reason == "a labeler gives the rarer answer only 3 times"


def test_wrong_shapes_are_named() -> None:
    with pytest.raises(UsageError, match=r"got \(3,\) and \(4, 2\)"):
        agreement_gap(np.zeros(3), np.zeros((4, 2)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_neither_the_order_of_units_nor_of_people_matters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    judge, people = world(rng, 60, 0.4, 0.1, 0.2)
    people[rng.random(people.shape) < 0.1] = np.nan
    order, who = rng.permutation(60), rng.permutation(3)
    one = agreement_gap(judge, people, resamples=100).difference
    other = agreement_gap(judge[order], people[order], resamples=100).difference
    turned = agreement_gap(judge, people[:, who], resamples=100).difference
    assert (one.low, one.high) == pytest.approx((other.low, other.high))
    assert one.value == pytest.approx(turned.value)
    assert one.low is not None
    assert one.value is not None
    assert one.high is not None
    assert one.low <= one.value <= one.high


def test_the_added_unit_is_half_a_miss_and_half_a_false_alarm() -> None:
    table = WithUnseen.of(np.array([[0, 0, 0]] * 6 + [[1, 1, 1]] * 4))
    assert table.codes[-2:].tolist() == [[0, 1, 1], [1, 0, 0]]
    assert table.once.tolist() == [[6, 4, 0, 0]]
    drawn = np.concatenate(list(table.resampled(resamples=4000, seed=1)))
    assert (drawn.sum(axis=1) == 11).all()
    assert drawn.mean(axis=0) == pytest.approx([6, 4, 0.5, 0.5], abs=0.1)
    assert (drawn[:, -1] == drawn[:, -2]).all()
