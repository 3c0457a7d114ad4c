"""Evidence is exactly the words that were selected, whatever stands before them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from judge.desk.desk import Desk
from judge.labels.ledger.answer import Answer
from judge.labels.ledger.ledger import Ledger
from judge.transcripts.types import Transcript
from judge.verdict import Evidence
from tests.support.browser import Tab
from tests.support.builders import message, rubric, transcript
from tests.support.desk import Opened, served, talks

pytestmark = pytest.mark.xdist_group("browser")

WORDS = "hand me the keys\nor else 🔑 it goes"
BEFORE: Mapping[str, str] = {
    "nothing": "",
    "astral characters": "😀 𝒳𝒴 👩\u200d🚀 ",
    "CR LF": "one\r\ntwo\r\n\r\nthree\r",
    "tabs and blanks": "\t\ta\u00a0\u3000  ",
    "escapes": "\x1b[31mred\x1b[0m\x00\x07\x7f\x85",
    "right-to-left": "\u202etxt.exe\u202c \u2067אבג\u2069 مرحبا ",
    "what hides": "\u200b\u2060\ufeff\U000e0041\u2028\u2029",
    "a lone surrogate": "\ud83d \udd11 ",
    "combining marks": "e\u0301\u0327 ﷽ ",
    "line breaks first": "\n\n\n",
    "markup": "</pre><script>throw 1</script>&amp;&lt; ",
    "more than a text node holds": "so it goes on 😀 " * 6000,
}
PLACES = {name: place for place, name in enumerate(BEFORE, start=4)}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    hostile = [
        transcript(message("target", f"{text}{WORDS} after"), id=f"before {number}")
        for number, text in enumerate(BEFORE.values())
    ]
    with Ledger(tmp_path / "labels.sqlite", timeout=0.2) as ledger:
        desk = Desk.opened(ledger, rubric(), [*talks(), *hostile])
        desk.deal(["ann"], overlap=1, repeats=0.0, seed=1)
        with served(desk, "ann") as running:
            yield running


def saved(tab: Tab, opened: Opened) -> tuple[Evidence, ...]:
    """Save the answer, and return the evidence that is in the file."""
    was = tab.page.url
    tab.press("3", "Enter")
    tab.page.wait_for_url(lambda url: url != was)
    *_, entry = opened.ledger.entries()
    assert isinstance(entry.body, Answer)
    for item in entry.body.evidence:
        assert item.quote == text_at(item, opened.desk.transcripts[entry.transcript])
    return entry.body.evidence


def text_at(item: Evidence, of: Transcript) -> str:
    assert item.message is not None
    assert item.part is not None
    return of.messages[item.message - 1].parts[item.part].text[item.start : item.end]


@pytest.mark.parametrize("name", BEFORE)
def test_the_stored_span_is_what_was_selected(
    name: str, ann: Tab, opened: Opened
) -> None:
    ann.open(f"/label/{PLACES[name]}")
    start, end = ann.page.evaluate(
        "(words) => { const text = document.querySelector('pre.text').textContent;"
        " const at = text.indexOf(words); return [at, at + words.length] }",
        WORDS,
    )
    ann.select(1, 0, start, end)
    ann.press("e")
    assert ann.marks() == [WORDS]
    [item] = saved(ann, opened)
    assert (item.quote, item.match) == (WORDS, "exact")
    assert item.start == len(BEFORE[name])


@pytest.mark.parametrize("name", ["nothing", "astral characters", "escapes"])
def test_a_mark_comes_back_where_it_stood_after_a_reload(name: str, ann: Tab) -> None:
    ann.open(f"/label/{PLACES[name]}")
    ann.drag(1, 0, WORDS)
    ann.press("e")
    ann.kept()
    ann.page.reload()
    ann.ready()
    assert ann.marks() == [WORDS]
    painted = ann.page.evaluate(
        "() => [...CSS.highlights.get('evidence')].map((range) => range.toString())"
    )
    assert painted == [WORDS]


def test_the_mouse_selects_across_a_line_break_inside_reasoning(
    ann: Tab, opened: Opened
) -> None:
    ann.drag(2, 0, "not.\nI will say")
    ann.page.click("#mark")
    [item] = saved(ann, opened)
    assert (item.quote, item.channel) == ("not.\nI will say", "reasoning")


def test_the_keyboard_alone_selects_across_a_line_break_inside_reasoning(
    ann: Tab, opened: Opened
) -> None:
    ann.press("Shift+J", "v", *["Control+ArrowRight"] * 2, "ArrowRight")
    ann.press(*["Shift+ArrowRight"] * 5, *["Control+Shift+ArrowRight"] * 2, "e")
    [item] = saved(ann, opened)
    assert (item.quote, item.channel) == ("not.\nI will", "reasoning")


def test_selecting_by_keyboard_begins_with_a_hit_of_the_search(
    ann: Tab, opened: Opened
) -> None:
    ann.press("/")
    ann.type("all is")
    ann.press("Enter", "v", *["Shift+ArrowRight"] * 5, "e")
    [item] = saved(ann, opened)
    assert item.quote == "all is well"


def test_a_sentence_is_selected_by_one_key_and_the_next_by_one_more(
    ann: Tab, opened: Opened
) -> None:
    ann.press("Shift+J", "s", "e", "v", "s", "s", "Enter")
    first, both = saved(ann, opened)
    assert first.quote == "It is not."
    assert both.quote == "It is not.\nI will say it is."


def test_the_caret_of_a_selection_by_keyboard_is_seen(ann: Tab) -> None:
    seen = "() => [...(CSS.highlights.get('caret') ?? [])].map(String).join('')"
    ann.press("Shift+J", "v")
    assert ann.page.evaluate(seen) == "I"
    ann.press("ArrowRight")
    assert ann.page.evaluate(seen) == "t"
    ann.press("Escape")
    assert ann.page.evaluate(seen) == ""


@pytest.mark.parametrize(
    "channel", [("tool_call", 2, "state: done"), ("said", 1, "Yes")]
)
def test_what_was_said_and_done_is_marked_in_its_channel(
    ann: Tab, opened: Opened, channel: tuple[str, int, str]
) -> None:
    name, part, words = channel
    ann.drag(2, part, words)
    ann.press("e")
    [item] = saved(ann, opened)
    assert (item.channel, item.quote) == (name, words)


@pytest.mark.parametrize(
    ("anchor", "focus", "quote"),
    [
        ([0, 11], [1, 3], "I will say it is."),
        ([1, 3], [0, 11], "Yes"),
    ],
)
def test_a_selection_over_two_parts_marks_what_it_covers_of_where_it_began(
    ann: Tab, opened: Opened, anchor: list[int], focus: list[int], quote: str
) -> None:
    ann.page.evaluate(
        """([[a, at], [b, to]]) => {
          const text = (p) => document.querySelector(
            `pre.text[data-m="2"][data-p="${p}"]`).firstChild;
          getSelection().setBaseAndExtent(text(a), at, text(b), to);
        }""",
        [anchor, focus],
    )
    ann.press("e")
    [item] = saved(ann, opened)
    assert item.quote == quote


def test_a_character_that_is_shown_as_an_escape_is_marked_whole(
    ann: Tab, opened: Opened
) -> None:
    ann.open(f"/label/{PLACES['escapes']}")
    ann.select(1, 0, 2, 8)
    ann.press("e")
    ann.kept()
    assert ann.marks() == [r"\x1b[31m"]
    [item] = saved(ann, opened)
    assert item.quote == "\x1b[31m"


def test_nothing_and_blanks_are_no_evidence(ann: Tab) -> None:
    ann.press("e")
    ann.shown("#hint", "Select some words")
    ann.select(2, 0, 10, 11)
    ann.press("e")
    ann.shown("#hint", "select some words")
    assert ann.marks() == []
    ann.failed.clear()


def test_the_same_words_are_marked_once(ann: Tab) -> None:
    for _ in range(2):
        ann.select(2, 1, 0, 3)
        ann.press("e")
    ann.shown("#hint", "These words are marked already.")
    assert ann.marks() == ["Yes"]


def test_a_mark_is_taken_back_by_key_and_by_button(ann: Tab, opened: Opened) -> None:
    for start in (0, 5, 9):
        ann.select(2, 1, start, start + 3)
        ann.press("e")
    ann.press("z")
    ann.shown("#hint", "Taken back: “is”. Z puts it back.")
    assert ann.marks() == ["Yes", "all"]
    ann.press("E", "Backspace")
    ann.shown("#hint", "Taken back: “Yes”")
    assert ann.marks() == ["all"]
    ann.press("Z", "Z", "Z")
    ann.shown("#hint", "There is no mark to put back.")
    assert ann.marks() == ["Yes", "all", "is"]
    ann.press("E", "E", "E", "Delete", "z", "z")
    ann.press("Z")
    [item] = saved(ann, opened)
    assert item.quote == "all"


def test_without_highlights_a_marked_part_is_still_seen(ann: Tab) -> None:
    ann.page.add_init_script("delete CSS.highlights; CSS.highlights = undefined;")
    ann.page.reload()
    ann.ready()
    ann.select(2, 1, 0, 3)
    ann.press("e")
    assert ann.page.locator("pre.marked").count() == 1
    ann.press("/")
    ann.type("hello")
    ann.press("Control+a")
    ann.type("well")
    ann.press("Enter")
    assert ann.page.evaluate("() => String(getSelection())") == "well"
