"""Rates of the judge from labels that its own answer drew."""

from __future__ import annotations

import numpy as np
import pytest

from judge.errors import UsageError
from judge.statistics.scores.confusion import Confusion
from judge.statistics.scores.verification_bias import corrected_rates


def test_the_points_are_those_of_the_formula() -> None:
    found = corrected_rates(
        Confusion(tp=40, fp=10, fn=2, tn=48), judged_yes=200, judged_no=1800
    )
    assert found.sensitivity.value == pytest.approx(0.08 / (0.08 + 0.9 * 0.04))
    assert found.specificity.value == pytest.approx(0.9 * 0.96 / (0.9 * 0.96 + 0.02))


def test_labels_in_the_judges_own_proportions_need_no_correction() -> None:
    table = Confusion(tp=30, fp=20, fn=10, tn=140)
    found = corrected_rates(table, judged_yes=500, judged_no=1500)
    assert found.sensitivity.value == pytest.approx(table.sensitivity.value)
    assert found.specificity.value == pytest.approx(table.specificity.value)


@pytest.mark.parametrize(("sensitivity", "prevalence"), [(0.6, 0.3), (0.9, 0.1)])
def test_the_interval_covers_where_the_uncorrected_one_never_does(
    sensitivity: float, prevalence: float
) -> None:
    random = np.random.default_rng(7)
    covered, naive = 0, 0
    for seed in range(150):
        truth = random.random(2000) < prevalence
        said = random.random(2000) < np.where(truth, sensitivity, 0.1)
        yes = random.permutation(np.flatnonzero(said))[:75]
        no = random.permutation(np.flatnonzero(~said))[:75]
        labelled = np.concatenate((yes, no))
        table = Confusion.of(said[labelled], truth[labelled])
        found = corrected_rates(
            table,
            judged_yes=int(said.sum()),
            judged_no=int((~said).sum()),
            draws=2000,
            seed=seed,
        ).sensitivity
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= sensitivity <= found.high
        low, high = table.sensitivity.low or 0, table.sensitivity.high or 0
        naive += low <= sensitivity <= high
    assert covered / 150 >= 0.9
    assert naive < covered


def test_the_same_seed_gives_the_same() -> None:
    table = Confusion(tp=40, fp=10, fn=2, tn=48)
    first, second = (
        corrected_rates(table, judged_yes=200, judged_no=1800, seed=3) for _ in "ab"
    )
    assert first == second


def test_an_answer_that_was_given_and_never_labelled_is_refused() -> None:
    found = corrected_rates(
        Confusion(tp=5, fp=5, fn=0, tn=0), judged_yes=20, judged_no=80
    )
    assert found.sensitivity.status == "refused"
    assert "said no 80 times and none is labelled" in str(found.sensitivity)


def test_a_class_that_nobody_found_has_no_rate_and_the_other_has() -> None:
    found = corrected_rates(
        Confusion(tp=0, fp=20, fn=0, tn=40), judged_yes=40, judged_no=400
    )
    assert str(found.sensitivity) == "refused: no label is positive; label more"
    assert found.specificity.value is not None


def test_few_labels_are_told_with_caution() -> None:
    found = corrected_rates(
        Confusion(tp=4, fp=2, fn=1, tn=40), judged_yes=40, judged_no=400
    )
    assert found.sensitivity.status == "caution"
    assert "only 6 of the judge's yes labelled" in found.sensitivity.reason


def test_more_labels_than_judgements_are_a_mistake() -> None:
    with pytest.raises(UsageError, match="judged 3 yes and 9 no"):
        corrected_rates(Confusion(tp=4, fp=2, fn=1, tn=4), judged_yes=3, judged_no=9)
