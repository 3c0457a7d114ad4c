"""The CORP decomposition and curve: identities, scikit-learn's fit, the band."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from judge.errors import UsageError
from judge.statistics.scores.corp import corp_decomposition, reliability
from judge.statistics.scores.scoring_rules import brier_score

S = [round(0.05 * i, 2) for i in range(4, 20)]
SCORES = [0.02, 0.08, 0.1, 0.15, *S[:15], 0.97]
LABELS = [0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1]

ROWS = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=60)


def test_the_curve_is_the_isotonic_fit() -> None:
    # scikit-learn 1.9.1 IsotonicRegression, tolerance 1e-9
    fit = [0] * 4 + [1 / 4] * 4 + [1 / 3] * 3 + [1 / 2] * 2 + [2 / 3] * 3 + [1] * 4
    curve = reliability(SCORES, LABELS, draws=10)
    assert curve.forecast.tolist() == SCORES
    assert curve.observed == pytest.approx(fit, abs=1e-9)


@given(ROWS)
def test_the_parts_add_up_and_none_is_negative(rows: list[tuple[int, bool]]) -> None:
    p, y = [a / 20 for a, _ in rows], [int(b) for _, b in rows]
    for rule in ("brier", "log"):
        parts = corp_decomposition(p, y, rule=rule)
        assert parts.score == pytest.approx(
            parts.miscalibration - parts.discrimination + parts.uncertainty, abs=2e-3
        )
        assert parts.miscalibration >= 0
        assert 0 <= parts.discrimination <= parts.uncertainty + 1e-9
    exact = corp_decomposition(p, y)
    base = np.mean(y)
    assert exact.uncertainty == pytest.approx(base * (1 - base))
    fitted = IsotonicRegression().fit(p, y).predict(p)
    assert exact.miscalibration == pytest.approx(
        brier_score(p, y) - brier_score(np.clip(fitted, 0, 1), y), abs=1e-9
    )


@given(ROWS)
def test_a_weight_counts_as_so_many_rows(rows: list[tuple[int, bool]]) -> None:
    p, y = [a / 20 for a, _ in rows], [int(b) for _, b in rows]
    weights = [index % 3 for index in range(len(y))]
    weights[0] = 2
    whole = corp_decomposition(p, y, weights=weights)
    repeated = corp_decomposition(np.repeat(p, weights), np.repeat(y, weights))
    assert whole.miscalibration == pytest.approx(repeated.miscalibration, abs=1e-9)
    assert whole.discrimination == pytest.approx(repeated.discrimination, abs=1e-9)


def test_a_recalibrated_score_has_no_miscalibration_left() -> None:
    curve = reliability(SCORES, LABELS, draws=10)
    again = corp_decomposition(curve.observed, LABELS)
    assert again.miscalibration == pytest.approx(0, abs=1e-12)
    before = corp_decomposition(SCORES, LABELS)
    assert again.discrimination == pytest.approx(before.discrimination)


@given(ROWS)
def test_the_curve_and_its_band_never_fall(rows: list[tuple[int, bool]]) -> None:
    curve = reliability([a / 20 for a, _ in rows], [b for _, b in rows], draws=40)
    for line in (curve.observed, curve.low, curve.high):
        assert (np.diff(line) >= -1e-12).all()
    assert (curve.low <= curve.high).all()
    assert curve.n.sum() == len(rows)


def test_the_band_holds_a_calibrated_judge_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(7)
    p = np.round(random.random(150), 1)
    inside = []
    for seed in range(60):
        curve = reliability(p, random.random(150) < p, draws=200, seed=seed)
        inside.append(1 - curve.outside)
    assert 0.90 <= np.mean(inside) <= 0.99


def test_the_band_leaves_out_a_judge_that_is_far_too_sure() -> None:
    random = np.random.default_rng(8)
    p = np.round(random.random(300), 1)
    curve = reliability(p, random.random(300) < 0.5, draws=200)
    assert curve.outside > 0.5


def test_a_curve_of_many_probabilities_is_thinned_and_stays_the_same_curve() -> None:
    random = np.random.default_rng(9)
    p = random.random(4000)
    came = random.random(4000) < p
    curve = reliability(p, came, draws=100)
    assert len(curve.forecast) <= 1001
    assert curve.n.sum() == 4000
    assert curve.n @ curve.forecast == pytest.approx(p.sum())
    whole = IsotonicRegression().fit(p, came).predict(curve.forecast)
    assert np.abs(curve.observed - whole).mean() < 0.005  # but for where it jumps
    assert curve.outside < 0.15


def test_the_same_seed_gives_the_same_band() -> None:
    first, same, other = (
        reliability(SCORES, LABELS, draws=50, seed=seed).high for seed in (1, 1, 2)
    )
    assert (first == same).all()
    assert (first != other).any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: reliability([], []), "no rows"),
        (lambda: reliability([0.5], [1], draws=0), "got 0 and 0.95"),
        (lambda: reliability([0.5], [1], confidence=1), "got 1000 and 1"),
        (lambda: corp_decomposition([0.5], [3]), r"y\[0\] is 3.0"),
        (lambda: corp_decomposition([0.5], [1], rule="x"), "got 'x'"),  # type: ignore[arg-type]  # on purpose
    ],
)
def test_what_cannot_be_drawn_raises(call: Callable[[], object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        call()
