"""Finding words in a long transcript."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.desk.desk import Desk
from judge.labels.ledger.ledger import Ledger
from tests.support.browser import Tab
from tests.support.builders import message, rubric, transcript
from tests.support.desk import Opened, served

pytestmark = pytest.mark.xdist_group("browser")

SEEN = """() => {
  const [range] = CSS.highlights.get('hit');
  const box = range.getBoundingClientRect();
  return [String(range), box.top >= document.getElementById('bar').offsetHeight
    && box.bottom <= innerHeight];
}"""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """300 messages; words in three of them, one in upper case after a Turkish I."""
    texts = [f"İ line {n} of many.\n" * 30 for n in range(300)]
    texts[20] += "the Secret\n  plan"
    texts[150] += "THE SECRET PLAN"
    texts[299] += "the secret plan"
    talk = transcript(*(message("target", text) for text in texts))
    with Ledger(tmp_path / "labels.sqlite") as ledger:
        desk = Desk.opened(ledger, rubric(), [talk])
        desk.deal(["ann"], overlap=1, repeats=0.0, seed=1)
        with served(desk, "ann") as running:
            yield running


def test_hits_are_counted_and_each_is_brought_into_view(ann: Tab) -> None:
    ann.press("/")
    ann.type("secret plan")
    ann.shown("#hits", "1 of 3")
    found = [ann.page.evaluate(SEEN)]
    for key in ("Enter", "n", "Enter", "n", "Shift+N"):
        ann.press(key)
        found.append(ann.page.evaluate(SEEN))
    first, second, last = "Secret\n  plan", "SECRET PLAN", "secret plan"
    assert found == [[text, True] for text in (first, first, second, last, first, last)]
    ann.shown("#hits", "3 of 3")


def test_enter_leaves_the_field_for_the_hit_so_that_its_sentence_is_marked_at_once(
    ann: Tab,
) -> None:
    ann.press("/")
    ann.type("secret")
    before = ann.pressed - 7
    ann.press("Enter", "s", "e")
    assert ann.marks() == ["the Secret"]
    assert ann.pressed - before == 10


def test_enter_goes_on_with_the_search_until_another_key_and_then_saves(
    ann: Tab, opened: Opened
) -> None:
    ann.press("0", "/")
    ann.type("secret")
    ann.press("Enter", "Enter")
    ann.shown("#hits", "2 of 3")
    ann.press("/", "Enter")
    ann.shown("#hits", "3 of 3")
    assert list(opened.ledger.entries()) == []
    ann.press("Escape", "Enter")
    ann.page.wait_for_url("**/queue")


@pytest.mark.parametrize("text", [".*", "(", "[a-", "\\", "*", "a/b$^"])
def test_what_is_searched_for_is_words_and_no_pattern(ann: Tab, text: str) -> None:
    ann.press("/")
    ann.type(text)
    ann.shown("#hits", "0 found")


def test_very_many_hits_are_said_to_be_many(ann: Tab) -> None:
    ann.press("/")
    ann.type("line")
    ann.shown("#hits", "1 of 1000 or more")


def test_the_last_of_300_messages_is_reached_and_its_end_can_be_marked(
    ann: Tab,
) -> None:
    ann.drag(300, 0, "secret plan")
    ann.press("e")
    ann.kept()
    assert ann.marks() == ["secret plan"]
