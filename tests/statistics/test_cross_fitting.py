"""Out of fold: nothing is tested on what it was fitted to, and the same seed agrees."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from judge.errors import UsageError
from judge.statistics.calibrators.choice import (
    choose_calibrator,
    cross_fit_calibrator,
    methods_offered,
    pooled_log_loss,
)
from judge.statistics.calibrators.cross_fitting import (
    OutOfFold,
    cross_fit,
    fold_numbers,
)
from judge.statistics.calibrators.fits import (
    LabelledScores,
    fit_calibrator,
    fit_isotonic,
    fit_platt,
)
from judge.statistics.calibrators.maps import METHODS, Raw

Drawn = tuple[Any, Any]


def drawn(n: int, *, seed: int = 0, power: float = 1.0, shift: float = 0.0) -> Drawn:
    """Scores, and labels of a judge whose logit is stretched and shifted."""
    random = np.random.default_rng(seed)
    scores = np.round(random.uniform(0.01, 0.99, n), 2).clip(0.01, 0.99)
    logits = power * np.log(scores / (1 - scores)) + shift
    return scores, (random.random(n) < 1 / (1 + np.exp(-logits))).astype(float)


@pytest.mark.parametrize(("n", "yes"), [(30, 5), (100, 7), (101, 50), (500, 480)])
def test_every_fold_gets_its_share_of_both_classes(n: int, yes: int) -> None:
    labels = np.array([1] * yes + [0] * (n - yes))
    plans = fold_numbers(labels, seed=3)
    assert plans.shape == (10, n)
    for plan in plans:
        for value in (0, 1):
            counts = np.bincount(plan[labels == value], minlength=5)
            assert counts.max() - counts.min() <= 1
    assert any((plan != plans[0]).any() for plan in plans[1:])


@pytest.mark.parametrize(
    "labels", [[0] * 15 + [1] * 14, [0] * 96 + [1] * 4], ids=["few", "few of a class"]
)
def test_few_rows_are_left_out_one_at_a_time(labels: list[int]) -> None:
    plan = fold_numbers(labels)
    assert plan.tolist() == [list(range(len(labels)))]


def test_what_belongs_together_is_never_on_both_sides() -> None:
    random = np.random.default_rng(1)
    groups = random.integers(0, 25, 200)
    labels = random.random(200) < 0.3
    for plan in fold_numbers(labels, groups=groups):
        for group in np.unique(groups):
            assert len(np.unique(plan[groups == group])) == 1
        assert np.bincount(plan).max() < 80
        assert np.bincount(plan, weights=labels).min() >= 3


def test_three_scenarios_are_left_out_one_at_a_time() -> None:
    labels = [0, 1] * 50
    plan = fold_numbers(labels, groups=["a"] * 40 + ["b"] * 30 + ["c"] * 30)
    assert plan.shape == (1, 100)
    assert set(plan[0]) == {0, 1, 2}


def test_one_scenario_leaves_nothing_to_test_on() -> None:
    with pytest.raises(UsageError, match="all labels are of one group"):
        cross_fit_calibrator("platt", *drawn(60), groups=["same"] * 60)


def test_a_prediction_does_not_depend_on_its_own_label() -> None:
    scores, labels = drawn(24)
    flipped = labels.copy()
    flipped[5] = 1 - flipped[5]
    first = cross_fit_calibrator("platt", scores, labels)
    second = cross_fit_calibrator("platt", scores, flipped)
    assert first.probabilities[0, 5] == second.probabilities[0, 5]
    assert (first.probabilities[0] != second.probabilities[0]).sum() == 23


def test_the_fit_never_sees_the_rows_it_is_asked_about() -> None:
    scores, labels = drawn(80)
    scores = np.linspace(0.01, 0.99, 80)  # each its own
    seen: list[set[float]] = []

    class Spy(Raw):
        def predict(self, scores: Any) -> Any:
            assert not seen[-1] & set(np.asarray(scores).tolist())
            return super().predict(scores)

    def fit(rows: LabelledScores, groups: Any) -> Any:
        seen.append(set(rows.scores.tolist()))
        return Spy()

    cross_fit(fit, scores, labels)
    assert len(seen) == 50


def test_the_same_seed_gives_the_same_and_another_gives_another() -> None:
    data = drawn(60)
    first, second = (
        cross_fit_calibrator("auto", *data, seed=1).probabilities for _ in "ab"
    )
    assert np.array_equal(first, second)
    other = cross_fit_calibrator("auto", *data, seed=2).probabilities
    assert not np.array_equal(first, other)


def test_isotonic_looks_perfect_on_its_own_labels_and_not_out_of_fold() -> None:
    scores, labels = drawn(60, power=0.5)
    own = fit_isotonic(scores, labels).predict(scores)[None, :]
    in_sample = pooled_log_loss(OutOfFold(own, labels, np.ones(60), 1))
    out_of_fold = pooled_log_loss(cross_fit_calibrator("isotonic", scores, labels))
    assert out_of_fold > in_sample + 0.1


@pytest.mark.parametrize(
    ("n", "fewest", "offered"),
    [
        (300, 4, ()),
        (10, 5, ("raw", "sigmoid_logit_map")),
        (99, 40, ("raw", "sigmoid_logit_map")),
        (100, 19, ("raw", "sigmoid_logit_map")),
        (100, 20, ("raw", "sigmoid_logit_map", "beta")),
        (1000, 20, ("raw", "sigmoid_logit_map", "beta", "isotonic")),
    ],
)
def test_a_map_is_offered_where_the_labels_can_carry_it(
    n: int, fewest: int, offered: tuple[str, ...]
) -> None:
    assert methods_offered(n, fewest) == offered


def test_the_score_of_a_calibrated_judge_is_kept_or_hardly_moved() -> None:
    grid = np.linspace(0.05, 0.95, 19)
    choices = [choose_calibrator(*drawn(100, seed=seed)) for seed in range(12)]
    assert sum(choice.method == "raw" for choice in choices) >= 6
    moved = [
        np.abs(choice.calibrator.predict(grid) - grid).mean() for choice in choices
    ]
    assert np.mean(moved) < 0.03


@pytest.mark.parametrize(("power", "shift"), [(0.4, 0.0), (1.0, -2.0), (2.0, 1.0)])
def test_a_distorted_score_is_not_kept(power: float, shift: float) -> None:
    choice = choose_calibrator(*drawn(200, power=power, shift=shift))
    assert choice.method != "raw"
    assert choice.log_losses[choice.method] == min(choice.log_losses.values())
    assert set(choice.log_losses) == {"raw", "sigmoid_logit_map", "beta"}


def test_weights_bring_back_what_sampling_by_verdict_took() -> None:
    scores, labels = drawn(20_000, shift=-1.5)
    random = np.random.default_rng(5)
    chance = np.where(scores >= 0.5, 0.08, 0.02)
    taken = random.random(20_000) < chance
    weighted = fit_calibrator(
        "sigmoid_logit_map", scores[taken], labels[taken], weights=1 / chance[taken]
    )
    everyone = fit_calibrator("sigmoid_logit_map", scores, labels)
    grid = np.linspace(0.05, 0.95, 10)
    assert weighted.predict(grid) == pytest.approx(everyone.predict(grid), abs=0.05)


def test_four_of_a_class_are_too_few() -> None:
    with pytest.raises(UsageError, match="5 labels of each class, got 4 present"):
        choose_calibrator([0.5] * 50, [1] * 4 + [0] * 46)


def test_five_of_a_class_are_enough_also_within_the_folds() -> None:
    scores, _ = drawn(40)
    done = cross_fit_calibrator("auto", scores, [1] * 5 + [0] * 35)
    assert done.probabilities.shape == (10, 40)
    assert str(done) == "10 times 5-fold"


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_tested_out_of_fold(method: str) -> None:
    done = cross_fit_calibrator(method, *drawn(60))
    assert done.mean.shape == (60,)
    assert np.all((done.mean >= 0) & (done.mean <= 1))


def test_a_method_nobody_knows_is_named() -> None:
    with pytest.raises(UsageError, match="one of auto, raw"):
        cross_fit_calibrator("magic", *drawn(40))


def test_the_default_is_near_the_truth_with_a_hundred_labels() -> None:
    grid = np.linspace(0.05, 0.95, 19)
    off = []
    for seed in range(20):
        scores, labels = drawn(100, seed=seed, power=0.6, shift=-1.0)
        truth = 1 / (1 + np.exp(1 - 0.6 * np.log(grid / (1 - grid))))
        told = fit_calibrator("sigmoid_logit_map", scores, labels).predict(grid)
        off.append(np.abs(told - truth).mean())
    assert np.mean(off) < 0.05
    assert fit_platt(scores, labels).slope > 0
