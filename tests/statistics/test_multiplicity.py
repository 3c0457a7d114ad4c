"""Adjusted p-values, against R and by their laws."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.statistics.multiplicity import (
    benjamini_hochberg,
    benjamini_yekutieli,
    bonferroni,
    holm,
)

Adjust = Callable[[Sequence[float]], list[float]]
EVERY = [holm, bonferroni, benjamini_hochberg, benjamini_yekutieli]
P = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205]


@pytest.mark.parametrize(
    ("adjust", "expected"),
    [
        # R 4.2.2 p.adjust, to 1e-10; statsmodels multipletests gives the same
        (holm, [0.008, 0.056] + [0.234] * 6),
        (
            benjamini_hochberg,
            [0.008, 0.032, 0.0672, 0.0672, 0.0672, 0.08, 0.084571428571, 0.205],
        ),
        (
            benjamini_yekutieli,
            [
                *(0.021742857143, 0.086971428571, 0.18264, 0.18264, 0.18264),
                *(0.21742857143, 0.22985306122, 0.55716071429),
            ],
        ),
        (bonferroni, [0.008, 0.064, 0.312, 0.328, 0.336, 0.48, 0.592, 1]),
    ],
    ids=["holm", "bh", "by", "bonferroni"],
)
def test_adjusted_p_values_are_those_of_r(
    adjust: Adjust, expected: list[float]
) -> None:
    assert adjust(P) == pytest.approx(expected, abs=1e-10)
    assert adjust(P[::-1]) == pytest.approx(expected[::-1], abs=1e-10)


@pytest.mark.parametrize("adjust", EVERY)
@given(p_values=st.lists(st.floats(0, 1), max_size=12))
def test_adjusting_never_makes_a_p_value_smaller_or_more_than_one(
    adjust: Adjust, p_values: list[float]
) -> None:
    adjusted = adjust(p_values)
    assert len(adjusted) == len(p_values)
    for before, after in zip(p_values, adjusted, strict=True):
        assert before * (1 - 1e-12) <= after <= 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_the_stricter_never_claims_more(p_values: list[float]) -> None:
    for weak, strong in [
        (benjamini_hochberg, holm),
        (holm, bonferroni),
        (benjamini_hochberg, benjamini_yekutieli),
    ]:
        for one, other in zip(weak(p_values), strong(p_values), strict=True):
            assert one <= other * (1 + 1e-12)


@pytest.mark.parametrize("adjust", EVERY)
@pytest.mark.parametrize("wrong", [-0.1, 1.1, float("nan")])
def test_what_is_no_p_value_is_refused(adjust: Adjust, wrong: float) -> None:
    with pytest.raises(UsageError, match="a p-value lies from 0 to 1"):
        adjust([0.5, wrong])
