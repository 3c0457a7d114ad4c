"""From score to probability: published values, monotone, plain and hostile JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from judge.errors import UsageError
from judge.statistics.calibrators.fits import (
    fit_beta,
    fit_calibrator,
    fit_isotonic,
    fit_platt,
    fit_sigmoid_logit_map,
    fit_temperature,
    fit_venn_abers,
)
from judge.statistics.calibrators.maps import METHODS, Calibrator, VennAbers
from judge.statistics.scores.scoring_rules import log_loss

SCORES = [
    0.02, 0.08, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40, 0.45,
    0.50, 0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.97,
]  # fmt: skip
LABELS = [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1]
GRID = np.arange(101) / 100
STORED: TypeAdapter[Any] = TypeAdapter(Calibrator)


def test_platt_has_the_coefficients_of_two_other_implementations() -> None:
    # scikit-learn 1.9.1 _sigmoid_calibration; statsmodels GLM on Platt's targets
    # agrees to 6 digits (A -4.207853103, B 2.268977474)
    fitted = fit_platt(SCORES, LABELS)
    assert -fitted.slope == pytest.approx(-4.207853237450586, abs=1e-5)
    assert -fitted.intercept == pytest.approx(2.2689775772258855, abs=1e-5)
    expected = [0.13608528925334967, 0.45883068353440914, 0.8202571037293411]
    assert fitted.predict([0.1, 0.5, 0.9]) == pytest.approx(expected, abs=1e-5)


def test_unregularised_beta_has_the_coefficients_of_maximum_likelihood() -> None:
    # statsmodels 0.15.0 Logit; betacal 1.1.0 agrees to 4 digits
    fitted = fit_beta(SCORES, LABELS, regularised=False)
    told = (fitted.a, fitted.b, fitted.c)
    expected = (0.5741127050487642, 1.8114136765004156, -1.1894902228222946)
    assert told == pytest.approx(expected, abs=2e-4)
    at = [0.0894326450002539, 0.4177884798621177, 0.9488726538152531]
    assert fitted.predict([0.1, 0.5, 0.9]) == pytest.approx(at, abs=2e-4)


def test_the_temperature_is_the_textbooks_and_not_half_of_it() -> None:
    # scipy 1.17.1 minimize_scalar; scikit-learn's two-logit beta is half: 0.5756376
    fitted = fit_temperature(SCORES, LABELS)
    assert fitted.beta == pytest.approx(1.1512752122818537, abs=1e-5)
    assert 1 / fitted.beta == pytest.approx(0.8686020417463668, abs=1e-5)
    # the mean negative log-likelihood there
    assert log_loss(fitted.predict(SCORES), LABELS) == pytest.approx(
        0.47147767922819117, abs=1e-5
    )


def test_isotonic_pools_the_violators() -> None:
    # scikit-learn 1.9.1 IsotonicRegression
    expected = (
        [0.0] * 4 + [0.25] * 4 + [1 / 3] * 3 + [0.5] * 2 + [2 / 3] * 3 + [1.0] * 4
    )
    fitted = fit_isotonic(SCORES, LABELS)
    assert fitted.predict(SCORES) == pytest.approx(expected, abs=1e-9)


def test_the_default_is_where_its_penalised_likelihood_is_least() -> None:
    fitted = fit_sigmoid_logit_map(SCORES, LABELS)
    logits = np.log(np.array(SCORES) / (1 - np.array(SCORES)))

    def loss(intercept: float, slope: float) -> float:
        eta = intercept + slope * logits
        prior = intercept**2 / (2 * 2.0**2) + (slope - 1) ** 2 / (2 * 0.5**2)
        return float(np.sum(np.logaddexp(0, eta) - np.array(LABELS) * eta) + prior)

    best = loss(fitted.intercept, fitted.slope)
    for di, dk in [(1e-3, 0), (-1e-3, 0), (0, 1e-3), (0, -1e-3)]:
        assert loss(fitted.intercept + di, fitted.slope + dk) > best


rows = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        *(st.lists(each, min_size=n, max_size=n) for each in (
            st.integers(0, 20).map(lambda k: k / 20),
            st.integers(0, 1),
            st.floats(0.2, 5),
        ))
    )
)  # fmt: skip


@given(rows)
@settings(max_examples=25, deadline=None)
def test_venn_abers_is_two_isotonic_fits_with_the_score_added(
    data: tuple[list[float], list[int], list[float]],
) -> None:
    from sklearn.isotonic import IsotonicRegression

    scores, labels, weights = data
    low, high = fit_venn_abers(scores, labels, weights).interval(GRID[::7])
    scale = np.array(weights) / np.mean(weights)
    for score, *found in zip(GRID[::7], low, high, strict=True):
        for label, got in enumerate(found):
            fitted = IsotonicRegression().fit(
                [*scores, score], [*labels, label], sample_weight=[*scale, 1]
            )
            assert got == pytest.approx(fitted.predict([score])[0], abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
@given(rows)
@settings(max_examples=40, deadline=None)
def test_every_map_rises_with_the_score_and_stays_inside_the_unit(
    method: str, data: tuple[list[float], list[int], list[float]]
) -> None:
    fitted = fit_calibrator(method, data[0], data[1], weights=data[2])
    told = fitted.predict(GRID)
    assert np.all(np.diff(told) >= -1e-12)
    assert np.all((told >= 0) & (told <= 1))


@pytest.mark.parametrize("method", METHODS)
def test_a_map_comes_back_from_json_as_it_was(method: str) -> None:
    fitted = fit_calibrator(method, SCORES, LABELS)
    again = STORED.validate_json(fitted.model_dump_json())
    assert again == fitted
    assert again.predict(GRID).tolist() == fitted.predict(GRID).tolist()


@pytest.mark.parametrize("method", METHODS)
def test_a_row_of_weight_two_is_two_rows(method: str) -> None:
    halves = [1, 2] * 10
    doubled = np.repeat(np.arange(20), halves)
    once = fit_calibrator(method, SCORES, LABELS, weights=halves)
    twice = fit_calibrator(method, np.array(SCORES)[doubled], np.array(LABELS)[doubled])
    # A prior, and the row that Venn-Abers adds, count against rows, not weights.
    room = 1e-6 if method in {"raw", "isotonic", "temperature"} else 0.06
    assert once.predict(GRID) == pytest.approx(twice.predict(GRID), abs=room)


@pytest.mark.parametrize("method", METHODS)
def test_a_judge_that_is_the_wrong_way_round_is_never_turned_round(method: str) -> None:
    told = fit_calibrator(method, SCORES, [1 - y for y in LABELS]).predict(GRID)
    assert np.all(np.diff(told) >= -1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_labels_that_one_score_parts_are_fitted_too(method: str) -> None:
    told = fit_calibrator(method, SCORES, [0] * 10 + [1] * 10).predict([0.05, 0.95])
    assert told[0] < 0.2
    assert told[1] > 0.8


def test_a_venn_abers_interval_holds_its_merged_probability() -> None:
    fitted = fit_venn_abers(SCORES, LABELS)
    low, high = fitted.interval(GRID)
    assert np.all(low <= fitted.predict(GRID) + 1e-12)
    assert np.all(fitted.predict(GRID) <= high + 1e-12)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nonsense", [0.5], [1], None), "method must be one of raw, sigmoid_logit"),
        (("platt", [50], [1], None), r"scores\[0\] is 50"),
        (("platt", [0.5], [3], None), r"labels\[0\] is 3"),
        (("platt", [0.5, 0.6], [1], None), "labels has 1 rows, expected 2"),
        (("platt", [], [], None), "no labelled scores"),
        (("platt", [0.5, 0.6], [0, 1], [1, 0]), "a weight is 0"),
        (("platt", [float("nan")], [1], None), r"scores\[0\] is nan"),
    ],
)
def test_what_cannot_be_fitted_is_named(
    arguments: tuple[str, list[float], list[float], Any], said: str
) -> None:
    method, scores, labels, weights = arguments
    with pytest.raises(UsageError, match=said):
        fit_calibrator(method, scores, labels, weights=weights)


@pytest.mark.parametrize("score", [-0.1, 1.5, float("nan"), 50, "high"])
def test_a_probability_of_no_score_is_refused(score: Any) -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        fit_platt(SCORES, LABELS).predict(score)


@pytest.mark.parametrize(
    "stored",
    [
        {"method": "platt", "intercept": 0, "slope": -1},
        {"method": "platt", "intercept": "NaN", "slope": 1},
        {"method": "pickle", "code": "import os"},
        {"method": "isotonic", "scores": [0.5, 0.2], "probabilities": [0, 1]},
        {"method": "isotonic", "scores": [0.2, 0.5], "probabilities": [1, 0]},
        {"method": "isotonic", "scores": [0.2, 0.5], "probabilities": [1]},
        {"method": "isotonic", "scores": [], "probabilities": []},
        {"method": "venn_abers", "scores": [0.2], "lower": [0.2], "upper": [7]},
        {"method": "sigmoid_logit_map", "intercept": 1, "slope": 1, "more": 2},
    ],
    ids=str,
)
def test_parameters_that_no_fit_gives_are_refused(stored: object) -> None:
    with pytest.raises(ValidationError):
        STORED.validate_python(stored)


def test_venn_abers_knows_less_where_there_are_no_labels() -> None:
    fitted = VennAbers(scores=(0.4, 0.6), lower=(0.1, 0.5), upper=(0.4, 0.8))
    low, high = fitted.interval([0.1, 0.5, 0.9])
    assert low.tolist() == [0.0, 0.1, 0.5]
    assert high.tolist() == [0.4, 0.8, 1.0]
