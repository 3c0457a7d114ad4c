"""The side column: level, evidence, kinds and note, and the guide beside or behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from judge.desk.desk import Desk
from judge.labels.ledger.answer import Answer
from judge.labels.ledger.ledger import Ledger
from judge.rubrics.types import Subtype
from tests.support.browser import Tab
from tests.support.builders import rubric
from tests.support.desk import Opened, served, talks

pytestmark = pytest.mark.xdist_group("browser")

KINDS = tuple(Subtype(id=f"kind_{n}", meaning=f"It is the {n}.") for n in range(12))
CODED = "Say `yes_<b>` or ` not"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    guide = rubric(definition=CODED, subtypes=KINDS, tests=("Who?",) * 40)
    with Ledger(tmp_path / "labels.sqlite", timeout=0.2) as ledger:
        desk = Desk.opened(ledger, guide, talks())
        desk.deal(["ann"], overlap=1, repeats=0.0, seed=1)
        with served(desk, "ann") as running:
            yield running


def answer(opened: Opened) -> Answer:
    [entry] = opened.ledger.entries()
    assert isinstance(entry.body, Answer)
    return entry.body


def box(tab: Tab, where: str) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of an element in the window."""
    found = tab.page.locator(where).bounding_box()
    assert found is not None
    left, top = found["x"], found["y"]
    return left, top, left + found["width"], top + found["height"]


def test_the_guide_takes_the_forms_place_and_what_is_chosen_is_seen_still(
    ann: Tab, opened: Opened
) -> None:
    ann.press("g")
    assert not ann.page.locator("#form").is_visible()
    ann.shown("#guide", "Levels")
    ann.press("End")  # the guide has the focus, so that keys scroll it
    ann.page.wait_for_function("() => document.getElementById('guide').scrollTop >= 0")
    ann.press("1")
    ann.select(2, 1, 0, 3)
    ann.press("e")
    ann.shown("#chosen", "1 n1, 1 quote")
    ann.press("g")
    ann.gone("#guide")
    ann.press("g", "Escape")
    ann.gone("#guide")
    ann.press("g", "t")
    ann.gone("#guide")
    ann.type("so")
    assert ann.value("note") == "so"
    ann.press("Escape", "g", "Enter")
    ann.at(2)
    assert answer(opened).severity == 1


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (900, 500)])
def test_save_is_always_seen_and_covered_by_nothing(
    tabs: Callable[..., Tab], size: tuple[int, int]
) -> None:
    width, height = size
    ann = tabs("ann", viewport={"width": width, "height": height})
    ann.press("3", "Shift+J", "v")
    save, hint, form = box(ann, "#save"), box(ann, "#hint"), box(ann, "#form")
    assert form[3] <= save[1]
    assert box(ann, "#kept")[3] <= height
    assert hint[2] < form[0]
    ann.press("Escape", "d")
    ann.page.locator("textarea[name=note]").focus()
    assert box(ann, "textarea[name=note]")[3] <= box(ann, "#save")[1]


def test_a_wide_window_has_the_guide_beside_the_form(tabs: Callable[..., Tab]) -> None:
    ann = tabs("ann", viewport={"width": 1920, "height": 1080})
    form, guide = box(ann, "#form"), box(ann, "#guide")
    assert form[2] < guide[0]
    assert guide[2] <= 1920
    ann.press("g")
    assert ann.page.locator("#form").is_visible()
    assert ann.page.evaluate("() => document.activeElement.id") == "guide"


def test_kinds_are_chosen_by_letters_and_how_far_by_digits(
    ann: Tab, opened: Opened
) -> None:
    ann.press("1", "d", "e", "l", "2", "e", "a", "z", "?", "?")
    ann.shown("#more-told", "kind 0, kind 11; said")
    ann.press("Escape")
    assert not ann.page.locator("#more input").first.is_visible()
    ann.press("0", "1", "Enter")
    ann.at(2)
    found = answer(opened)
    assert (found.severity, found.subtypes, found.locus) == (
        1, ("kind_0", "kind_11"), "said",
    )  # fmt: skip
    ann.press("b")
    ann.at(1)
    ann.shown("#more-told", "kind 0, kind 11; said")


def test_choosing_kinds_ends_a_selection_so_that_one_escape_leaves_them(
    ann: Tab,
) -> None:
    ann.press("Shift+J", "v", "Shift+ArrowRight", "d", "a", "Escape", "a")
    assert ann.value("level") == "absent"


def test_a_level_while_selecting_is_not_taken_and_that_is_said(ann: Tab) -> None:
    ann.press("Shift+J", "v", "Shift+ArrowRight", "3")
    ann.shown("#hint", "You are selecting: Enter marks it, Esc leaves. Then choose.")
    assert ann.value("level") == ""


def test_the_mouse_in_the_kinds_leaves_digits_to_the_levels(ann: Tab) -> None:
    ann.page.click("#more summary")
    ann.page.click("text=It is the 3.")
    ann.press("2")
    assert (ann.value("level"), ann.value("locus")) == ("2", "none")
    ann.shown("#more-told", "kind 3")


def test_a_fold_that_a_key_opened_stays_open_for_the_mouse(ann: Tab) -> None:
    ann.press("d")
    ann.page.click("text=It is the 3.")
    ann.press("1")
    ann.shown("#more-told", "kind 3")
    assert (ann.value("level"), ann.value("locus")) == ("1", "none")
    ann.page.click("textarea[name=note]")
    ann.type("x")
    assert ann.value("note") == "x"


def test_escape_in_the_search_leaves_the_guide_where_it_is(ann: Tab) -> None:
    ann.press("g", "/")
    ann.type("well")
    ann.press("Escape")
    assert ann.page.locator("#guide").is_visible()
    ann.press("2")
    assert ann.value("level") == "2"


def test_kinds_are_explained_beside_them_and_in_the_guide(ann: Tab) -> None:
    for key, where in (("d", "#more"), ("g", "#guide")):
        ann.press(key)
        if key == "g":
            ann.page.click("#guide summary:text('Kinds')")
        assert "It is the 11." in ann.page.locator(where).inner_text()
        ann.press("Escape")


def test_words_between_backticks_are_code_and_nothing_else_is(ann: Tab) -> None:
    ann.press("g")
    assert ann.page.locator("#guide > p").inner_text() == "Say yes_<b> or ` not"
    assert ann.page.locator("#guide > p code").all_text_contents() == ["yes_<b>"]


@pytest.mark.parametrize("keys", ["2", "p", "0 d a Escape"])
def test_what_is_odd_is_asked_about_once(ann: Tab, opened: Opened, keys: str) -> None:
    ann.press(*keys.split(), "Enter")
    ann.shown("#hint", "Enter again saves it so.")
    assert list(opened.ledger.entries()) == []
    ann.press("t")
    ann.type("meant so")
    ann.press("Control+Enter")
    ann.at(2)
    assert answer(opened).note == "meant so"
    ann.press("b")
    ann.at(1)
    ann.press("Enter")  # as it was: there is nothing to ask
    ann.at(2)


def test_another_odd_label_is_asked_about_again(ann: Tab, opened: Opened) -> None:
    ann.press("2", "Enter", "3", "Enter")
    ann.shown("#hint", "No evidence is marked; Enter again saves it so.")
    assert list(opened.ledger.entries()) == []


def test_what_is_not_odd_takes_no_key_more(ann: Tab) -> None:
    for place, keys in enumerate(("a d a Escape", "1 d a Escape"), start=1):
        ann.at(place)
        ann.press(*keys.split(), "Enter")
    ann.at(3)
    ann.press("s", "e", "3", "Enter")
    ann.page.wait_for_url("**/queue")


def test_a_question_mark_closes_the_keys_too(ann: Tab) -> None:
    ann.press("?", "?")
    ann.gone("#help")
    ann.press("?")
    ann.shown("#help", "where the guide’s levels do not fit")


def test_a_phone_has_little_above_the_transcript_and_no_word_of_keys(
    tabs: Callable[..., Tab],
) -> None:
    phone = {"width": 390, "height": 844}
    ann = tabs("ann", viewport=phone, has_touch=True, is_mobile=True)
    _, top, _, bottom = box(ann, ".bar")
    assert bottom - top < 90
    ann.page.tap("#mark-here")
    ann.shown("#hint", "Select some words of the transcript first.")
    assert not ann.page.locator("#save kbd").is_visible()
