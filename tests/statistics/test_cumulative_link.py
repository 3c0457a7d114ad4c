"""Proportional odds with and without groups, against R and on simulated data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from judge.errors import UsageError
from judge.statistics.labelers.cumulative_link import (
    cumulative_link,
    cumulative_link_mixed,
)
from judge.statistics.labelers.laplace import Laplace
from judge.statistics.labelers.ordered_logit import OrderedLogit

# ordinal::wine (Randall 1989): bitterness 1-5 of two bottles each, cold and warm,
# without and with contact, as nine judges found it, eight bottles a judge
WINE = """
23344455 12132354 23325544 32323253 23433333 32322454 11222323 22233334 12323244
"""
RATING = [int(level) for level in "".join(WINE.split())]
WARM = [0, 0, 0, 0, 1, 1, 1, 1] * 9
CONTACT = [0, 0, 1, 1] * 18
JUDGE = np.repeat(np.arange(1, 10), 8)
TREATED = np.column_stack([WARM, CONTACT])

Floats = NDArray[np.float64]


def drawn(
    rng: np.random.Generator, location: Floats, cuts: tuple[float, ...] = (-1, 0.5, 2)
) -> NDArray[np.int64]:
    """Draw a level a row at its location on the logistic scale."""
    latent = location + rng.logistic(size=len(location))
    return np.searchsorted(cuts, latent)


def test_the_wine_fit_is_that_of_r() -> None:
    fit = cumulative_link(RATING, TREATED)
    assert fit.converged
    assert fit.levels == (1, 2, 3, 4, 5)
    # R ordinal 2022.11.16 clm, tolerance 2e-4; statsmodels and MASS::polr within 4e-5
    assert fit.thresholds == pytest.approx(
        [-1.3443834113, 1.2508087984, 3.4668869265, 5.0064042043], abs=1e-6
    )
    assert fit.coefficients == pytest.approx([2.5031020079, 1.5277976581], abs=1e-6)
    assert fit.log_likelihood == pytest.approx(-86.4919233656, abs=1e-8)
    parameters = len(fit.thresholds) + len(fit.coefficients)
    aic = 2 * parameters - 2 * fit.log_likelihood
    assert aic == pytest.approx(184.9838467313, abs=2e-4)
    # Christensen, "Cumulative link models for ordinal regression", the same fit
    assert fit.coefficient_errors == pytest.approx([0.5287, 0.4766], abs=1e-4)


def test_the_wine_fit_with_a_random_intercept_a_judge_is_that_of_r() -> None:
    fit = cumulative_link_mixed(RATING, TREATED, JUDGE)
    assert fit.converged
    # R ordinal 2022.11.16 clmm (Laplace), tolerance 1e-3
    assert fit.thresholds == pytest.approx(
        [-1.6236669241, 1.5133651829, 4.2285266885, 6.0887725585], abs=1e-4
    )
    assert fit.coefficients == pytest.approx([3.0629966258, 1.8348849223], abs=1e-4)
    assert fit.spread == pytest.approx(1.1311325781, abs=1e-4)
    assert fit.log_likelihood == pytest.approx(-81.5654092921, abs=1e-5)
    assert fit.coefficient_errors == pytest.approx([0.5954, 0.5125], abs=1e-3)
    assert fit.effects is not None
    assert fit.groups[int(fit.effects.argmax())] == 1
    assert fit.groups[int(fit.effects.argmin())] == 7


def test_with_two_levels_it_is_logistic_regression() -> None:
    """One binary covariate: the odds are those of the two-by-two table."""
    answer = [0] * 30 + [1] * 10 + [0] * 15 + [1] * 25
    fit = cumulative_link(answer, np.repeat([[0.0], [1.0]], 40, axis=0))
    assert fit.thresholds == pytest.approx([np.log(30 / 10)], abs=1e-6)
    assert fit.coefficients == pytest.approx(
        [np.log(25 / 15) + np.log(30 / 10)], abs=1e-6
    )
    # Woolf 1955: the variance of a log odds ratio
    assert fit.coefficient_errors[0] ** 2 == pytest.approx(
        1 / 30 + 1 / 10 + 1 / 15 + 1 / 25, abs=1e-6
    )


def test_intervals_of_the_coefficient_cover_it_as_often_as_they_say() -> None:
    rng = np.random.default_rng(4)
    covered = []
    for _ in range(150):
        x = rng.normal(size=(120, 1))
        fit = cumulative_link(drawn(rng, 0.8 * x[:, 0]), x)
        covered.append(
            abs(fit.coefficients[0] - 0.8) < 1.96 * fit.coefficient_errors[0]
        )
    assert np.mean(covered) >= 0.90


def test_the_spread_of_simulated_groups_is_found() -> None:
    rng = np.random.default_rng(8)
    spreads, slopes = [], []
    for _ in range(25):
        group = np.repeat(np.arange(30), 12)
        x = rng.normal(size=(360, 1))
        location = x[:, 0] + rng.normal(size=30)[group]
        fit = cumulative_link_mixed(drawn(rng, location), x, group)
        spreads.append(fit.spread or 0.0)
        slopes.append(fit.coefficients[0])
    assert np.mean(spreads) == pytest.approx(1, abs=0.1)
    assert np.mean(slopes) == pytest.approx(1, abs=0.1)


def test_groups_that_do_not_differ_have_no_spread() -> None:
    x = np.tile([[0.0], [1.0]], (24, 1))
    level = np.tile([0, 1, 1, 2, 0, 2, 1, 1], 6)
    fit = cumulative_link_mixed(level, x, np.repeat(np.arange(6), 8))
    flat = cumulative_link(level, x)
    assert fit.spread == 0
    assert fit.log_likelihood == flat.log_likelihood
    assert fit.effects is not None
    assert not fit.effects.any()


@pytest.mark.parametrize("mixed", [False, True])
def test_a_covariate_that_tells_levels_apart_wholly_does_not_converge(
    mixed: bool,  # noqa: FBT001
) -> None:
    level, x = np.repeat([0, 1], 20), np.repeat([[0.0], [1.0]], 20, axis=0)
    fit = (
        cumulative_link_mixed(level, x, np.tile([1, 2, 3, 4], 10))
        if mixed
        else cumulative_link(level, x)
    )
    assert not fit.converged


def test_a_covariate_that_never_changes_does_not_converge() -> None:
    assert not cumulative_link([0, 1, 2, 1], np.zeros((4, 1))).converged


def test_without_covariates_the_thresholds_are_the_marginal_odds() -> None:
    fit = cumulative_link([0, 0, 1, 2], np.empty((4, 0)))
    assert fit.thresholds == pytest.approx([0, np.log(3)], abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_reversing_the_scale_reverses_the_signs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, 2))
    level = drawn(rng, x @ [0.5, -0.5])
    fit, turned = cumulative_link(level, x), cumulative_link(-level, x)
    assert fit.coefficients == pytest.approx(-turned.coefficients, abs=1e-4)
    assert fit.thresholds == pytest.approx(-turned.thresholds[::-1], abs=1e-4)
    assert fit.log_likelihood == pytest.approx(turned.log_likelihood, abs=1e-7)


def test_neither_the_order_of_rows_nor_the_names_of_groups_matter() -> None:
    order = np.random.default_rng(1).permutation(72)
    named = np.array([f"judge {n}" for n in JUDGE])
    one = cumulative_link_mixed(RATING, TREATED, JUDGE)
    other = cumulative_link_mixed(np.array(RATING)[order], TREATED[order], named[order])
    assert one.coefficients == pytest.approx(other.coefficients, abs=1e-5)
    assert one.effects == pytest.approx(other.effects, abs=1e-4)


@pytest.mark.parametrize(
    ("level", "covariates", "said"),
    [
        ([0, 1], np.zeros((3, 1)), r"got \(2,\) and \(3, 1\)"),
        ([0, 1], np.zeros(2), r"got \(2,\) and \(2,\)"),
        ([0.0, np.nan], np.zeros((2, 1)), "is missing; leave its row out"),
        ([1, 1], np.zeros((2, 1)), r"two or more, got only \[1.0\]"),
        ([], np.zeros((0, 1)), r"two or more, got only \[\]"),
    ],
    ids=["rows", "flat", "nan", "one level", "empty"],
)
def test_what_cannot_be_fitted_is_named(
    level: list[float], covariates: Floats, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        cumulative_link(level, covariates)


def test_groups_must_fit_the_rows() -> None:
    with pytest.raises(UsageError, match="one for each of 72 rows"):
        cumulative_link_mixed(RATING, TREATED, JUDGE[:-1])


def test_the_gradient_of_the_laplace_likelihood_is_that_of_its_differences() -> None:
    rng = np.random.default_rng(6)
    group, x = np.repeat(np.arange(8), 5), rng.normal(size=(40, 2))
    logit = OrderedLogit.of(drawn(rng, x[:, 0]), x, 4)
    laplace = Laplace(logit, group, 8)
    at = np.array([-1.0, 0.4, 2.1, 0.9, -0.2, 0.7])

    def likelihood(point: Floats) -> float:
        return laplace.likelihood(laplace.top(point[:-1], point[-1]))

    steps = 1e-5 * np.eye(6)
    slopes = [(likelihood(at + h) - likelihood(at - h)) / 2e-5 for h in steps]
    gradient = laplace.gradient(laplace.top(at[:-1], at[-1]), at[-1])
    assert gradient == pytest.approx(slopes, abs=1e-6)
