"""Places in what the page shows lead back to places in the text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from judge.desk.shown import Shown

MARKS = "\u0301" * 33
TEXTS = st.text(
    st.sampled_from("ab \n\r\t\x00\x1b\u200b\u200d\u202e\u2028é😀\ud83d\U000e0041")
)


@given(TEXTS)
@example(f"e{MARKS}\r\n\x1b")
def test_every_character_is_found_again_where_it_is_shown(text: str) -> None:
    shown = Shown(text)
    for at in range(len(text)):
        start, end = shown.on_page(at, at + 1)
        if text[at : at + 2] == "\r\n":
            assert start == end  # the line break after it is what is seen
        else:
            assert shown.span(start, end) == (at, at + 1)


@given(TEXTS)
def test_no_character_of_the_page_hides(text: str) -> None:
    page = Shown(text).page
    assert all(c.isprintable() or c in "\n\t\u200d" for c in page)


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("a\r\nb", "a\nb"),
        ("a\rb", r"a\rb"),
        ("\r\r\n", "\\r\n"),
        ("\t\x1b", "\t\\x1b"),
        ("plain", "plain"),
        (f"e{MARKS}", f"e{MARKS[:30]}" + r"\u0301" * 3),
    ],
)
def test_what_nobody_could_see_is_shown_as_its_escape(text: str, page: str) -> None:
    assert Shown(text).page == page
