"""Severity from the judge's answer: a cut is never likelier than one below it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from judge.errors import UsageError
from judge.statistics.calibrators.severity_cuts import SeverityCuts, fit_severity_cuts

LEVELS = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=10, max_size=80
)


@given(LEVELS)
@settings(max_examples=80, deadline=None)
def test_cuts_never_cross_and_rise_with_the_level(data: list[tuple[int, int]]) -> None:
    cuts = fit_severity_cuts([said for said, _ in data], [true for _, true in data])
    if cuts is None:
        return
    told = cuts.predict(range(5))
    assert told.shape == (5, len(cuts.levels))
    assert np.all(np.diff(told, axis=1) <= 1e-12)
    assert np.all(np.diff(told, axis=0) >= -1e-12)


def test_a_cut_with_four_labels_on_one_side_is_left_out() -> None:
    severe = [0] * 10 + [2] * 10 + [4] * 4
    cuts = fit_severity_cuts([0] * 10 + [2] * 10 + [4] * 4, severe)
    assert cuts is not None
    assert cuts.levels == (1, 2)
    assert [(cut.n, cut.at_or_above) for cut in cuts.cuts] == [(24, 14), (24, 14)]
    assert fit_severity_cuts([0] * 30, [0] * 30) is None


def test_the_share_at_each_cut_is_found_again() -> None:
    random = np.random.default_rng(2)
    said = random.integers(0, 5, 3000)
    true = np.clip(said + random.integers(-1, 2, 3000), 0, 4)
    cuts = fit_severity_cuts(said, true)
    assert cuts is not None
    expected = [(true >= at).mean() for at in cuts.levels]
    assert cuts.predict(said).mean(axis=0) == pytest.approx(expected, abs=0.02)


def test_cuts_can_be_read_from_the_score() -> None:
    random = np.random.default_rng(2)
    scores = random.random(300)
    cuts = fit_severity_cuts(scores, np.round(4 * scores), of="score")
    assert cuts is not None
    assert cuts.predict([0.9])[0, 3] > 0.5 > cuts.predict([0.5])[0, 3]


def test_cuts_come_back_from_json_as_they_were() -> None:
    cuts = fit_severity_cuts([0] * 10 + [4] * 10, [0] * 10 + [3] * 10)
    assert cuts is not None
    assert SeverityCuts.model_validate_json(cuts.model_dump_json()) == cuts
    turned = cuts.model_dump() | {"cuts": cuts.model_dump()["cuts"][::-1]}
    with pytest.raises(ValidationError, match="ascend"):
        SeverityCuts.model_validate(turned)


@pytest.mark.parametrize(
    ("said", "severe", "message"),
    [
        ([0, 9], [0, 1], "levels must lie between 0 and 4"),
        ([0, 1], [0, 9], "severities must lie between 0 and 4"),
        ([0, 1], [0], "severities has 1 rows"),
    ],
)
def test_a_level_off_the_scale_is_named(
    said: list[int], severe: list[int], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        fit_severity_cuts(said, severe)
