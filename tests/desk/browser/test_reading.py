"""Reading a long transcript: going on from what is seen, sentences, tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.desk.desk import Desk
from judge.labels.ledger.answer import Answer
from judge.labels.ledger.ledger import Ledger
from judge.transcripts.types import ReasoningPart, ToolResultPart
from tests.support.browser import Tab
from tests.support.builders import message, rubric, transcript
from tests.support.desk import Opened, served

pytestmark = pytest.mark.xdist_group("browser")

LINES = "A line of the prompt.\n" * 60
TABLE = "name | sum | of what\n" + "ann  | 3   | pears and apples and so on\n" * 20
FAR = f"Is it{' ' * 6000}far? It is."
SAID = "\n\nOne thing. Another one,\nover a line.\n\n  \nA last one.\n\n"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """M1 the prompt; M2 and M4 of the AI, M3 and M6 of tools; M5 of the user."""
    talk = transcript(
        message("operator", LINES),
        message("target", ReasoningPart(text="I think.\n" * 60), SAID),
        message("tool", ToolResultPart(call_id="1", text=TABLE)),
        message("target", "Well.\n" * 60),
        message("user", "Is it?"),
        message("tool", ToolResultPart(call_id="2", text="word " * 200)),
        *(message("user", LINES) for _ in range(3)),
        message("user", FAR),
        id="long",
    )
    with Ledger(tmp_path / "labels.sqlite", timeout=0.2) as ledger:
        desk = Desk.opened(ledger, rubric(), [talk])
        desk.deal(["ann"], overlap=1, repeats=0.0, seed=1)
        with served(desk, "ann") as running:
            yield running


def here(tab: Tab) -> str:
    told: str = tab.page.evaluate(
        "() => { const one = document.querySelector('pre.here');"
        " return one ? `${one.dataset.m}.${one.dataset.p}` : '' }"
    )
    return told


def scroll_to(tab: Tab, message: int, by: int) -> None:
    """Scroll as a wheel does, so that a message's top is above the window's."""
    tab.page.evaluate(
        """([m, by]) => {
          const turn = document.getElementById(`m${m}`);
          for (let n = 0; n < 3; n += 1) scrollTo(0, turn.getBoundingClientRect().top
            + scrollY + by - document.getElementById('bar').offsetHeight);
        }""",
        [message, by],
    )


@pytest.mark.parametrize(
    ("key", "part"),
    [("j", "5.0"), ("k", "4.0"), ("Shift+K", "4.0"), ("v", "4.0"), ("Shift+J", "1.0")],
)
def test_keys_go_on_from_what_is_seen(ann: Tab, key: str, part: str) -> None:
    ann.press("j")
    scroll_to(ann, 4, 300)
    ann.press(key)
    assert here(ann) == part


def test_what_is_stood_on_and_seen_is_gone_on_from(ann: Tab) -> None:
    ann.press("j", "j", "j", "j")
    assert here(ann) == "3.0"
    ann.page.evaluate("() => scrollBy(0, -100)")
    ann.press("j")
    assert here(ann) == "4.0"


def test_selecting_begins_with_the_first_words_that_are_seen(ann: Tab) -> None:
    scroll_to(ann, 4, 300)
    ann.press("v")
    start = ann.page.evaluate("() => getSelection().anchorOffset")
    assert 6 < start < 6 * 59


def test_the_head_says_how_many_messages_there_are_and_which_is_stood_on(
    ann: Tab,
) -> None:
    ann.shown("#bar", "10 messages")
    ann.press("Shift+J")
    ann.shown("#bar", "M2 of 10 messages")


def test_a_sentence_is_whole_wherever_in_it_selecting_begins(ann: Tab) -> None:
    ann.press("/")
    ann.type("thing")
    ann.press("Enter", "s", "e", "v", "s", "e")
    assert ann.marks() == ["One thing."]
    ann.shown("#hint", "marked already")


def test_a_hit_over_more_blanks_than_are_looked_over_is_selected_as_it_is(
    ann: Tab, opened: Opened
) -> None:
    ann.press("/")
    ann.type("it far")
    ann.press("Enter", "s", "e", "0", "Enter")
    ann.page.wait_for_url("**/queue")
    [label] = opened.ledger.labels()
    assert label.span == FAR.partition("?")[0]


def test_a_sentence_ends_at_a_blank_line(ann: Tab) -> None:
    ann.press("Shift+J", "Shift+J", *"ssss")
    ann.shown("#hint", "A blank line ends this; e marks it.")
    ann.press("Enter")
    assert ann.marks() == [SAID.strip().split("\n\n")[0]]


def test_blanks_at_the_ends_of_a_selection_are_no_part_of_the_quote(
    ann: Tab, opened: Opened
) -> None:
    ann.select(2, 1, 0, len(SAID))
    ann.press("e")
    assert ann.marks() == [SAID.strip()]
    ann.press("3", "Enter")
    ann.page.wait_for_url("**/queue")
    [entry] = opened.ledger.entries()
    assert isinstance(entry.body, Answer)
    [item] = entry.body.evidence
    assert (item.quote, item.start) == (SAID.strip(), 2)


def test_marking_moves_no_word(ann: Tab) -> None:
    width = """() => {
      const range = document.createRange();
      range.selectNodeContents(document.querySelector("pre.text[data-m='6']"));
      return range.getBoundingClientRect().width;
    }"""
    ann.press("/")
    ann.type("word")
    ann.press("Enter")
    before = ann.page.evaluate(width)
    ann.press("v", "e")
    assert ann.marks() == ["word"]
    assert ann.page.evaluate(width) == before
    gutter = "() => getComputedStyle(document.querySelector('pre.text')).paddingRight"
    assert ann.page.evaluate(gutter) == "8px"


def test_enter_marks_what_is_selected_and_saves_nothing(
    ann: Tab, opened: Opened
) -> None:
    ann.press("1", "Shift+J", "v", "Enter")
    ann.shown("#hint", "Nothing is selected yet")
    ann.press("e")
    ann.shown("#hint", "Nothing is selected yet")
    ann.press("s", "2", "p")
    assert ann.value("level") == "1"
    ann.press("Enter")
    assert ann.marks() == ["I think."]
    assert list(opened.ledger.entries()) == []
    ann.press("Enter")
    ann.page.wait_for_url("**/queue")


def test_a_table_keeps_its_columns_and_a_key_wraps_all_or_none(ann: Tab) -> None:
    runs = "() => [3, 6, 1].map((m) => getComputedStyle(document.querySelector("
    runs += "`pre.text[data-m='${m}']`)).whiteSpace)"
    assert ann.page.evaluate(runs) == ["pre", "pre-wrap", "pre-wrap"]
    ann.press("\\")
    ann.shown("#hint", "run on")
    assert ann.page.evaluate(runs) == ["pre", "pre", "pre-wrap"]
    ann.press("\\")
    assert ann.page.evaluate(runs) == ["pre-wrap"] * 3


def test_a_caret_in_lines_that_run_on_is_scrolled_to(ann: Tab) -> None:
    ann.press("\\", "/")
    ann.type("word")
    ann.press("Enter", "v", "End")
    seen = ann.page.evaluate(
        """() => {
          const [range] = CSS.highlights.get('caret');
          const box = range.getBoundingClientRect();
          const part = document.querySelector('pre.here').getBoundingClientRect();
          return box.left >= part.left && box.right <= part.right;
        }"""
    )
    assert seen
