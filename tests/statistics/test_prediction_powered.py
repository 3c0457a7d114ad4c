"""Means that lean on predictions, and the likelihood estimate: reference values."""

from __future__ import annotations

import numpy as np
import pytest

from judge.errors import UsageError
from judge.statistics.rates.prediction_powered import (
    efficient_share,
    prediction_powered_mean,
)

# 12 true positives, 4 missed, 9 false alarms, 75 rightly absent; 400 of 2000 flagged.
Y = [1] * 16 + [0] * 84
SAID = [1] * 12 + [0] * 4 + [1] * 9 + [0] * 75
OTHERS = [1] * 400 + [0] * 1600


@pytest.mark.parametrize(
    ("tuned", "value", "low", "high"),
    [
        # ppi-python 0.2.3 ppi_mean_ci, run; tolerance 1e-8
        (False, 0.15, 0.07785308944909329, 0.22214691055090674),
        (True, 0.1548687475154168, 0.09557557837735864, 0.21416191665347495),
    ],
    ids=["PPI", "PPI++"],
)
def test_prediction_powered_means_have_the_reference_values(
    tuned: bool,  # noqa: FBT001  # a table's column
    value: float,
    low: float,
    high: float,
) -> None:
    found = prediction_powered_mean(Y, SAID, OTHERS, tuned=tuned, unit="share")
    assert (found.value, found.low, found.high) == pytest.approx(
        (value, low, high), abs=1e-8
    )
    assert found.status == "good"


@pytest.mark.parametrize(
    ("judged", "value", "low", "high"),
    [
        # R, code of Chen et al. 2026 (arXiv:2601.05420), run; tolerance 1e-5.  The
        # efficient influence function weighs by the unlabelled alone, the joint
        # likelihood by all.
        ([400, 1600], 0.1547920434, 0.10514748264, 0.22205938938),
        ([421, 1679], 0.15504000854, 0.10536230786, 0.22231983632),
    ],
    ids=["influence function", "joint likelihood"],
)
def test_efficient_shares_have_the_reference_values(
    judged: list[int], value: float, low: float, high: float
) -> None:
    found = efficient_share(judged, [12, 4], [21, 79])
    assert (found.value, found.low, found.high) == pytest.approx(
        (value, low, high), abs=1e-5
    )


@pytest.mark.parametrize(
    ("y", "few"),
    [([1] * 9 + [0] * 91, "9 of the rarer kind"), ([1] * 30 + [0] * 60, "90 labels")],
)
def test_few_labels_or_positives_come_with_caution(y: list[int], few: str) -> None:
    found = prediction_powered_mean(y, y, OTHERS)
    assert found.status == "caution"
    assert few in found.reason
    assert "label at least 100" in found.remedy


def test_scores_that_tell_nothing_leave_the_mean_of_the_labels() -> None:
    found = prediction_powered_mean(Y, [3.0] * 100, [3.0] * 50)
    assert found.value == pytest.approx(0.16)


def test_graded_means_are_held_as_often_as_promised() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(600):
        truth = rng.poisson(1.2, 1200)
        said = truth + rng.normal(0.3, 1, 1200)
        found = prediction_powered_mean(truth[:150], said[:150], said[150:])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 1.2 <= found.high
    assert held / 600 >= 0.925


def test_a_single_label_is_refused() -> None:
    assert prediction_powered_mean([1], [1], OTHERS).status == "refused"


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(UsageError, match="predicted has 1 rows"):
        prediction_powered_mean([1, 0], [1], OTHERS)


@pytest.mark.parametrize(
    ("positives", "labelled"), [([0, 0], [20, 80]), ([0, 4], [0, 80])]
)
def test_a_share_without_both_kinds_everywhere_is_refused(
    positives: list[int], labelled: list[int]
) -> None:
    assert efficient_share([400, 1600], positives, labelled).status == "refused"
