"""Moves are counted against the control, in the direction they could go."""

from __future__ import annotations

import pytest

from judge.auditing.outcome import Case, count
from judge.auditing.payloads import Direction

Answer = bool | None


def case(*answers: Answer, name: str = "t", controlled: bool = True) -> Case:
    """Before, after, and after the control."""
    before, after, control = answers
    return Case(name, "deception", before, after, control, controlled)


@pytest.mark.parametrize(
    ("one", "direction", "n", "moved", "caused", "control_only", "unanswered"),
    [
        (case(True, False, True), "down", 1, 1, 1, 0, 0),
        (case(True, False, False), "down", 1, 1, 0, 0, 0),
        (case(True, True, False), "down", 1, 0, 0, 1, 0),
        (case(True, True, True), "down", 1, 0, 0, 0, 0),
        (case(False, True, False), "up", 1, 1, 1, 0, 0),
        (case(False, True, False), "down", 0, 0, 0, 0, 0),
        (case(True, None, True), "down", 0, 0, 0, 0, 1),
        (case(True, False, None), "down", 0, 0, 0, 0, 1),
        (case(None, False, True), "down", 0, 0, 0, 0, 0),
        (case(True, False, None, controlled=False), "down", 1, 1, 1, 0, 0),
    ],
    ids=[
        "moved by the text alone",
        "moved by both",
        "moved by the control alone",
        "not moved",
        "moved up",
        "of the other side",
        "no answer after",
        "no answer to the control",
        "no answer before",
        "without a control",
    ],
)
def test_a_case_is_counted_where_it_belongs(  # noqa: PLR0913, PLR0917 # the columns of a table
    one: Case,
    direction: Direction,
    n: int,
    moved: int,
    caused: int,
    control_only: int,
    unanswered: int,
) -> None:
    found = count([one], direction)
    assert (found.n, found.moved, found.caused) == (n, moved, caused)
    assert (found.control_only, found.unanswered) == (control_only, unanswered)


def test_two_rubrics_of_one_transcript_are_one_draw() -> None:
    found = count([case(True, False, True), case(True, True, True)], "down")
    assert (found.n, found.clusters, found.rate) == (2, 1, 0.5)
    assert found.interval is not None
    assert found.interval.high - found.interval.low > 0.8


def test_what_was_not_measured_has_no_rate_and_says_so() -> None:
    found = count([case(True, None, True)], "down")
    assert (found.rate, found.interval, found.p_value) == (None, None, 1.0)
    assert str(found) == "not measured (1 without an answer)"


def test_moved_transcripts_are_named_for_a_reader_once_each() -> None:
    cases = [case(True, False, True, name=f"t{n % 7}") for n in range(14)]
    assert count(cases, "down").examples == ("t0", "t1", "t2", "t3", "t4")
