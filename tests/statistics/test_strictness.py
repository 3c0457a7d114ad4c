"""How strictly raters grade: found in simulation, and refused where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from judge.errors import UsageError
from judge.statistics.labelers.strictness import rater_strictness

SHIFTS = np.array([0.8, 0.0, -0.8])


def graded(
    seed: int, units: int = 60, shifts: NDArray[np.float64] = SHIFTS
) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    size = (units, len(shifts))
    latent = 2 * rng.normal(size=(units, 1)) + shifts + rng.logistic(size=size)
    return np.digitize(latent, [0, 1.5, 3, 4.5]).astype(float)


def test_intervals_cover_the_strictness_as_often_as_they_say() -> None:
    values, covered = [], []
    for seed in range(40):
        raters = rater_strictness(graded(seed)).raters
        values.append([rater.value or 0.0 for rater in raters])
        covered.append(
            [
                (rater.low or 0) <= true <= (rater.high or 0)
                for rater, true in zip(raters, SHIFTS, strict=True)
            ]
        )
    assert np.mean(values, axis=0) == pytest.approx(SHIFTS, abs=0.15)
    assert np.mean(covered) >= 0.92


def test_raters_of_different_units_are_compared_through_shared_ones() -> None:
    table = graded(1, units=400, shifts=np.array([0.8, 0.0, 0.0, -0.8]))
    table[:200, 3] = np.nan
    table[200:, 0] = np.nan
    found = rater_strictness(table)
    assert [rater.value for rater in found.raters] == pytest.approx(
        [0.8, 0, 0, -0.8], abs=0.3
    )
    assert sum(rater.value or 0 for rater in found.raters) == pytest.approx(0)
    assert [rater.n for rater in found.raters] == [200, 400, 400, 200]
    assert found.spread == pytest.approx(2, abs=0.4)


def test_a_rater_with_few_grades_or_always_at_an_end_is_left_out() -> None:
    table = np.column_stack([graded(2), np.full(60, 4.0), np.full(60, np.nan)])
    table[:5, 4] = 1
    found = rater_strictness(table).raters
    assert all(rater.value is not None for rater in found[:3])
    assert found[3].reason == "always gives 4, which is an end of the scale"
    assert found[4].reason.startswith("only 5 grades where another rater graded too")


@pytest.mark.parametrize(
    ("grades", "reason"),
    [
        (np.full((50, 3), np.nan), "no severity is given"),
        (np.zeros((0, 3)), "no severity is given"),
        (graded(3)[:, :2], "severities to compare: 2, on 60 transcripts"),
        (graded(3, units=29), "severities to compare: 3, on 29 transcripts"),
        (np.ones((50, 3)), "severities to compare: 0"),
    ],
    ids=["none", "empty", "two", "few", "constant"],
)
def test_too_little_is_refused_with_a_remedy(
    grades: NDArray[np.float64], reason: str
) -> None:
    found = rater_strictness(grades)
    assert len(found.raters) == grades.shape[1]
    assert all(rater.status == "refused" for rater in found.raters)
    assert all(reason in rater.reason for rater in found.raters)
    assert all(rater.remedy for rater in found.raters)
    assert found.spread is None


def test_raters_who_are_told_apart_wholly_are_refused() -> None:
    units = np.tile([0.0, 1.0], 20)
    grades = np.column_stack([units, units + 2, units + 4])
    found = rater_strictness(grades).raters[0]
    assert found.reason == "the grades do not tell raters and units apart"


def test_what_is_no_matrix_is_named() -> None:
    with pytest.raises(UsageError, match=r"got \(3,\)"):
        rater_strictness([1, 2, 3])
