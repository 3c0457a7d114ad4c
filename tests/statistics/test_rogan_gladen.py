"""Rates behind borrowed error rates: reference values, and when they are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.errors import UsageError
from judge.statistics.rates.rogan_gladen import (
    Errors,
    lang_reiczigel,
    rogan_gladen,
    youden,
)


@pytest.mark.parametrize(
    ("flagged", "judged", "errors", "point", "interval"),
    [
        # R asht 1.0.1 prevSeSp (Lang & Reiczigel 2014, eq. 2, 4, 6, 7, 16, 17), run;
        # the code of Lee et al. 2025 gives the same.  Tolerance 1e-8.  The melded
        # interval of Bayer, Fay and Graubard 2022 (WprevSeSp there) is not offered: its
        # digits are Monte Carlo's, and on the first two it is the wider.
        (480, 2000, Errors(40, 50, 135, 150), 0.2, (0.12783512786, 0.27017308037)),
        (
            120,
            1000,
            Errors(27, 30, 255, 270),
            0.076315789474,
            (0.035719832198, 0.11889606236),
        ),
        (0, 500, Errors(20, 20, 80, 80), 0.0, (0.0, 0.015910126253)),
    ],
    ids=["typical", "moderate", "zero positives"],
)
def test_point_and_interval_have_the_reference_values(
    flagged: int,
    judged: int,
    errors: Errors,
    point: float,
    interval: tuple[float, float],
) -> None:
    assert lang_reiczigel(flagged, judged, errors) == pytest.approx(interval, abs=1e-8)
    found = rogan_gladen(flagged, judged, errors)
    assert (found.value, found.low, found.high) == pytest.approx(
        (point, *interval), abs=1e-8
    )


@pytest.mark.parametrize(
    ("flagged", "errors", "why"),
    [
        (500, Errors(25, 50, 25, 50), "no better than chance"),
        (500, Errors(12, 20, 13, 20), "no better than chance"),
        (500, Errors(580, 1000, 590, 1000), "hardly better than chance"),
        (10, Errors(45, 50, 120, 150), "it errs otherwise here"),
        (990, Errors(30, 50, 145, 150), "it errs otherwise here"),
        (100, Errors(0, 0, 90, 100), "both positives and negatives"),
        (100, Errors(9, 10, 0, 0), "both positives and negatives"),
    ],
    ids=[
        "useless",
        "perhaps useless",
        "hardly better",
        "too few flags",
        "too many flags",
        "no positives",
        "no negatives",
    ],
)
def test_a_rate_that_cannot_be_had_is_refused_with_a_remedy(
    flagged: int, errors: Errors, why: str
) -> None:
    found = rogan_gladen(flagged, 1000, errors)
    assert found.status == "refused"
    assert why in found.reason
    assert found.remedy


def test_the_judges_worth_has_the_interval_of_its_error_rates() -> None:
    found = youden(Errors(40, 50, 135, 150))
    # Wilson limits of 40/50 and 135/150: (0.6696, 0.8876) and (0.8415, 0.9384)
    assert found.value == pytest.approx(0.7)
    assert found.low == pytest.approx(0.7 - (0.1304**2 + 0.0585**2) ** 0.5, abs=2e-4)
    assert found.high == pytest.approx(0.7 + (0.0876**2 + 0.0384**2) ** 0.5, abs=2e-4)


@pytest.mark.parametrize("flagged", [-1, 1001])
def test_counts_that_do_not_fit_are_refused(flagged: int) -> None:
    with pytest.raises(UsageError, match="each count lies between"):
        rogan_gladen(flagged, 1000, Errors(40, 50, 135, 150))


@given(
    st.integers(0, 1000),
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
)
def test_whatever_is_given_holds_its_estimate(
    flagged: int, of_positives: tuple[int, int], of_negatives: tuple[int, int]
) -> None:
    found = rogan_gladen(flagged, 1000, Errors(*of_positives, *of_negatives))
    if found.status == "refused":
        assert found.reason
        return
    assert found.low is not None
    assert found.value is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high
