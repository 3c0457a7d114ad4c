"""Text from outside, made visible: nothing in it acts on a terminal."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.reports.visible import columns, fit, visible, wrap, wrap_slices

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[2J", r"\x1b[2J", id="clears-the-screen"),
        pytest.param("\x1b]0;owned\x07", r"\x1b]0;owned\x07", id="sets-the-title"),
        pytest.param("\x9b31m", r"\x9b31m", id="c1-control"),
        pytest.param("a\rb", r"a\rb", id="back-to-the-margin"),
        pytest.param("a\nb", r"a\nb", id="forges-a-line"),
        pytest.param("a\u2028b", r"a\u2028b", id="line-separator"),
        pytest.param("\u202egpj.exe", r"\u202egpj.exe", id="turns-the-direction"),
        pytest.param("a\x08b\x7f", r"a\x08b\x7f", id="deletes"),
        pytest.param("\U000e0041", r"\U000e0041", id="tag-character"),
        pytest.param("\ud800", r"\ud800", id="half-a-character"),
        pytest.param("naïve 漢字 👩\u200d🔬", "naïve 漢字 👩\u200d🔬", id="plain-text"),
        pytest.param("[bold]x[/bold]", "[bold]x[/bold]", id="no-markup-is-read"),
    ],
)
def test_what_acts_on_a_terminal_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("mark", ["\u0301", "\u05b8", "\u200d", "\U0001f3fb"])
@pytest.mark.parametrize("before", [0, 1, 29, 30, 31, 32, 63])
def test_thirty_marks_on_a_letter_stay_and_more_are_escapes(
    mark: str, before: int
) -> None:
    text = "x" * before + mark * 33 + "y" + mark * 30
    escapes = visible(mark * 31)[30:] * 3
    assert escapes.startswith("\\")
    assert visible(text) == "x" * before + mark * 30 + escapes + "y" + mark * 30


def test_line_breaks_stay_where_they_are_meant() -> None:
    assert visible("a\r\nb\tc\x1b", lines=True) == "a\nb    c\\x1b"


@given(ANY_TEXT)
def test_nothing_but_visible_characters_is_left(text: str) -> None:
    for char in visible(text):
        assert unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp", "Co", "Cn"}
        assert char.isprintable() or char in "\u200c\u200d" or char.isspace()
    visible(text).encode()


@given(ANY_TEXT)
def test_making_visible_twice_changes_nothing_more(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(ANY_TEXT.map(visible), st.integers(2, 60))
def test_wrapped_lines_fit_and_lose_only_the_blank_they_break_at(
    text: str, room: int
) -> None:
    lines = wrap(text, room)
    assert all(columns(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    places = list(wrap_slices(text, room))
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


@given(ANY_TEXT.map(visible), st.integers(3, 60))
def test_a_cut_text_fits(text: str, room: int) -> None:
    assert columns(fit(text, room)) <= room


def test_a_wide_character_takes_two_columns_and_a_combining_one_none() -> None:
    assert columns("漢e\u0301") == 3


def test_lines_but_the_first_are_indented_within_the_room() -> None:
    lines = wrap("judge: abcdefgh-ijklmnop no", 10, indent="  ")
    assert lines == ["judge:", "  abcdefgh", "  -ijklmno", "  p no"]


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert wrap("abcdefgh ij", 4) == ["abcd", "efgh", "ij"]
