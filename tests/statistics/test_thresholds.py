"""Certified thresholds: published sizes, and how often the promise is broken."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from judge.errors import UsageError
from judge.statistics.rates.sample_size import (
    clean_labels_needed,
    smallest_certifiable_rate,
)
from judge.statistics.scores.thresholds import (
    allowed_false_alarms,
    certified_threshold,
    conformal_threshold,
    sensitivity_at,
    split,
)

# scipy 1.17.1 binom/beta (exact), tolerance 1e-10; also 1 - 0.05 ** (1 / 299)
SIZES = [
    (0, 299, 0.049536256637662465, 0.05003662286632573),
    (1, 473, 0.049797538819848844, 0.05021260624802868),
    (2, 628, 0.049790154540287915, 0.05015727492673627),
]


@pytest.mark.parametrize(("alarms", "n", "enough", "too_few"), SIZES)
def test_one_percent_takes_the_published_number_of_benign_labels(
    alarms: int, n: int, enough: float, too_few: float
) -> None:
    assert clean_labels_needed(0.01, found=alarms) == n
    assert allowed_false_alarms(n, 0.01) == alarms
    assert allowed_false_alarms(n - 1, 0.01) == (alarms - 1 if alarms else None)
    assert binom.cdf(alarms, n, 0.01) == pytest.approx(enough, abs=1e-10)
    assert binom.cdf(alarms, n - 1, 0.01) == pytest.approx(too_few, abs=1e-10)


def test_the_smallest_rate_is_the_bound_of_no_alarm() -> None:
    # scipy 1.17.1: one-sided upper 95 % limit of 0 in 299, tolerance 1e-10
    assert smallest_certifiable_rate(299) == pytest.approx(
        0.009969146792899269, abs=1e-10
    )
    assert smallest_certifiable_rate(0) == 1


@given(st.integers(0, 800), st.floats(0.005, 0.6), st.floats(0.01, 0.4))
def test_so_many_alarms_are_allowed_and_not_one_more(
    n: int, rate: float, delta: float
) -> None:
    most = allowed_false_alarms(n, rate, delta=delta)
    if most is None:
        assert binom.cdf(0, n, rate) > delta
        return
    assert binom.cdf(most, n, rate) <= delta < binom.cdf(most + 1, n, rate)
    # A hair apart: the one inverts the distribution that the other sums.
    needed = clean_labels_needed(rate + 1e-9, found=most, confidence=1 - delta)
    assert needed <= n


def _draw(random: np.random.Generator, n: int) -> np.ndarray:
    """Benign scores in hundredths, dense near 0: P(score >= t) is (1 - t) ** 4."""
    return np.floor(100 * (1 - random.random(n) ** 0.25)) / 100


@pytest.mark.parametrize(("n", "rate"), [(299, 0.01), (473, 0.01), (150, 0.05)])
def test_the_promise_is_broken_no_more_often_than_it_says(n: int, rate: float) -> None:
    random = np.random.default_rng(n)
    draws, broken = 600, 0
    for _ in range(draws):
        value = certified_threshold(_draw(random, n), np.zeros(n), rate=rate).value
        broken += value is not None and (1 - value) ** 4 > rate
    assert broken / draws <= 0.05 + 2.5 * (0.05 * 0.95 / draws) ** 0.5


def test_the_marginal_threshold_keeps_the_rate_on_average() -> None:
    random = np.random.default_rng(11)
    rates = []
    for _ in range(600):
        value = conformal_threshold(_draw(random, 150), np.zeros(150), rate=0.05).value
        assert value is not None
        rates.append((1 - value) ** 4)
    assert np.mean(rates) <= 0.05 + 2.5 * np.std(rates) / 600**0.5
    # Which is the point of the certified one: single thresholds exceed it often.
    assert np.mean(np.array(rates) > 0.05) > 0.2


def test_too_few_benign_labels_are_told_the_rate_they_could_certify() -> None:
    made = certified_threshold([0.1] * 100, [0] * 100)
    assert made.value is None
    assert made.false_alarms.status == "refused"
    assert made.sensitivity.status == "refused"
    assert "1.0 % needs 299" in made.false_alarms.reason
    assert "2.95 %" in made.false_alarms.reason
    assert str(made).startswith("no threshold for at most 1.0 % false alarms: 100 ")


def test_a_judge_that_always_says_yes_gets_no_threshold() -> None:
    for pick in (certified_threshold, conformal_threshold):
        made = pick([1.0] * 500, [0] * 500)
        assert made.value is None
        assert made.false_alarms.reason == "even at 1 there are 500 false alarms"


def test_marginal_one_percent_takes_99_benign_labels() -> None:
    few = conformal_threshold([0.1] * 98, [0] * 98)
    assert few.value is None
    assert "needs 99" in few.false_alarms.reason
    enough = conformal_threshold([0.1] * 99, [0] * 99)
    assert enough.value == pytest.approx(0.11)
    assert enough.false_alarms.status == "caution"
    assert "on average" in str(enough)


def test_the_sensitivity_is_of_rows_that_did_not_pick() -> None:
    scores = [0.1] * 400 + [0.9] * 10 + [0.05] * 10
    y = [0] * 400 + [1] * 20
    whole = certified_threshold(scores, y)
    assert (whole.value, whole.sensitivity.value) == (0.11, 0.5)
    picks = [1] * 410 + [0] * 10
    half = certified_threshold(scores, y, picked_on=picks)
    assert (half.sensitivity.value, half.sensitivity.n) == (0, 10)
    none = certified_threshold(scores, y, picked_on=[1] * 420)
    assert none.sensitivity.status == "refused"


def test_what_is_promised_is_the_rate_asked_for() -> None:
    scores = [0.3] * 2 + [0.1] * 800
    made = certified_threshold(scores, [0] * 802)
    assert (made.value, made.alarms, made.benign) == (0.11, 2, 802)
    assert made.false_alarms.high == 0.01
    assert str(made.false_alarms) == "at most 1.0 %"
    assert "95 % sure (2 of 802 benign)" in str(made)


@given(st.lists(st.integers(0, 100), min_size=60, max_size=90), st.data())
def test_fewer_alarms_allowed_never_lower_the_threshold(
    hundredths: list[int], data: st.DataObject
) -> None:
    scores, y = [each / 100 for each in hundredths], [0] * len(hundredths)
    low, high = sorted(data.draw(st.tuples(*[st.floats(0.05, 0.5)] * 2)))
    strict = certified_threshold(scores, y, rate=low).value
    loose = certified_threshold(scores, y, rate=high).value
    if strict is not None:
        assert loose is not None
        assert loose <= strict


def test_other_scores_need_their_own_candidates() -> None:
    scores = list(range(-200, 200))
    with pytest.raises(UsageError, match="scores go from -200 to 199"):
        certified_threshold(scores, [0] * 400)
    made = certified_threshold(scores, [0] * 400, candidates=[150, 190, 199, 250])
    assert made.value == 250


def test_a_split_takes_its_share_of_each_class() -> None:
    y = [0] * 90 + [1] * 10
    picks = split(y, share=0.3, seed=2)
    assert (picks[:90].sum(), picks[90:].sum()) == (27, 3)
    assert (picks == split(y, share=0.3, seed=2)).all()
    assert (picks != split(y, share=0.3, seed=3)).any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: allowed_false_alarms(10, 1.5), "rate must lie between 0 and 1"),
        (lambda: allowed_false_alarms(10, 0.1, delta=0), "delta must lie"),
        (lambda: allowed_false_alarms(-1, 0.1), "0 or more, got -1"),
        (lambda: conformal_threshold([0.1], [0], rate=0), "rate must lie"),
        (lambda: split([0, 1], share=1), "share must lie"),
        (
            lambda: certified_threshold([0.1] * 400, [0] * 400, candidates=[]),
            "candidates is empty",
        ),
        (
            lambda: certified_threshold([0.1], [0], picked_on=[1, 0]),
            "picked_on has 2 rows, expected 1",
        ),
    ],
)
def test_what_cannot_be_promised_raises(call: Callable[[], object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        call()


def test_the_sensitivity_of_few_is_doubted() -> None:
    assert sensitivity_at(0.5, [0.9] * 3, [1] * 3).status == "caution"
    assert sensitivity_at(0.5, [0.5] * 12, [1] * 12).value == 1
