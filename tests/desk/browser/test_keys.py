"""Labeling by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from judge.labels.ledger.answer import Answer
from tests.support.browser import Tab
from tests.support.desk import Opened

pytestmark = pytest.mark.xdist_group("browser")


def kinds(opened: Opened) -> list[str]:
    return [entry.kind for entry in opened.ledger.entries()]


def here(tab: Tab) -> str:
    """The part that is stood on, as message and part."""
    told: str = tab.page.evaluate(
        "() => { const one = document.querySelector('pre.here');"
        " return one ? `${one.dataset.m}.${one.dataset.p}` : '' }"
    )
    return told


def test_a_level_and_enter_are_all_a_transcript_takes(ann: Tab, opened: Opened) -> None:
    for place, level in enumerate("010", start=1):
        ann.at(place)
        ann.press(level, "Enter")
    ann.page.wait_for_selector("text=You have labeled all 3 transcripts")
    labels = [(label.label, label.severity) for label in opened.ledger.labels()]
    assert labels == [("absent", 0), ("absent", 1), ("absent", 0)]
    assert ann.pressed == 6


@pytest.mark.parametrize(
    ("keys", "label"),
    [("p Enter Enter", "present"), ("a Enter", "absent"), ("u Enter", "unsure")],
)
def test_what_has_no_level_is_said_by_its_letter(
    ann: Tab, opened: Opened, keys: str, label: str
) -> None:
    ann.press(*keys.split())
    ann.at(2)
    [found] = opened.ledger.labels()
    assert (found.label, found.severity) == (label, None)


def test_enter_saves_nothing_that_was_not_chosen(ann: Tab, opened: Opened) -> None:
    ann.press("Enter")
    ann.shown("#hint", "Choose first: 0 to 4, p, a or u.")
    ann.press("9")
    ann.press("Enter")
    ann.shown("#hint", "Choose first")
    ann.press("2")
    ann.gone("#hint")
    assert kinds(opened) == []


def test_enter_that_is_held_down_saves_one(ann: Tab, opened: Opened) -> None:
    for name in ("t2", "t3"):
        opened.ledger.drafts.put("ann", name, '{"label": "absent", "severity": 0}')
    ann.press("1")
    ann.page.keyboard.down("Enter")
    ann.at(2)
    for _ in range(10):
        ann.page.keyboard.down("Enter")
    ann.page.keyboard.up("Enter")
    ann.press("t")
    ann.type("x")
    ann.kept()
    assert kinds(opened) == ["answer"]


def test_keys_are_letters_while_something_is_typed(ann: Tab, opened: Opened) -> None:
    ann.press("t")
    ann.type("fbx 3 pau? /jkw")
    ann.press("Enter")
    ann.type("e")
    ann.kept()
    assert ann.value("note") == "fbx 3 pau? /jkw\ne"
    assert ann.value("level") == ""
    assert kinds(opened) == []
    ann.press("Escape", "3", "t", *["Control+Enter"] * 2)
    ann.at(2)
    [label] = opened.ledger.labels()
    assert (label.severity, label.note) == (3, "fbx 3 pau? /jkw\ne")


@pytest.mark.parametrize(
    "event",
    [
        {"key": "Dead", "code": "KeyP"},
        {"key": "p", "code": "KeyP", "isComposing": True},
        {"key": "p", "code": "KeyP", "ctrlKey": True},
        {"key": "p", "code": "KeyP", "metaKey": True},
        {"key": "p", "code": "KeyP", "altKey": True},
        {"key": "þ", "code": "KeyP", "modifierAltGraph": True},
    ],
)
def test_keys_of_the_browser_and_of_composing_choose_nothing(
    ann: Tab, event: dict[str, object]
) -> None:
    send(ann, event)
    assert ann.value("level") == ""


@pytest.mark.parametrize(
    "event",
    [
        {"key": "P", "code": "KeyP", "modifierCapsLock": True},
        {"key": "з", "code": "KeyP"},
    ],
)
def test_caps_lock_and_a_cyrillic_layout_are_no_hindrance(
    ann: Tab, event: dict[str, object]
) -> None:
    send(ann, event)
    assert ann.value("level") == "present"


def send(tab: Tab, event: dict[str, object]) -> None:
    tab.page.evaluate(
        "(event) => { document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " { bubbles: true, cancelable: true, ...event })) }",
        event,
    )


def test_parts_are_walked_through_and_the_one_stood_on_is_seen(ann: Tab) -> None:
    walked = []
    for key in ("j", "j", "j", "k", "Shift+J", "Shift+K", "Shift+K"):
        ann.press(key)
        walked.append(here(ann))
    assert walked == ["1.0", "2.0", "2.1", "2.0", "2.1", "2.0", "2.0"]
    outline = ann.page.evaluate(
        "() => getComputedStyle("
        "document.querySelector('.part:has(.here)')).outlineStyle"
    )
    assert outline == "solid"


def test_reasoning_is_folded_and_unfolded(ann: Tab) -> None:
    text = ann.page.locator("details.reasoning pre")
    ann.press("r")
    assert not text.is_visible()
    ann.press("r")
    assert text.is_visible()
    ann.press("r", "Shift+J")
    assert text.is_visible()


def test_a_question_mark_shows_every_key_and_escape_hides_them(
    ann: Tab, opened: Opened
) -> None:
    ann.press("?")
    told = ann.page.locator("#help").inner_text()
    for key in "0paublxfgwjkJKvseEzZ/nNr\\dt":
        assert key in told
    ann.press("3", "Enter")
    ann.press("?", "Escape")
    ann.gone("#help")
    assert ann.value("level") == ""
    assert kinds(opened) == []


def test_a_skipped_transcript_comes_again_at_the_end(ann: Tab, opened: Opened) -> None:
    ann.press("x")
    ann.at(2)
    ann.press("0", "Enter")
    ann.at(3)
    ann.press("0", "Enter")
    ann.at(1)
    assert kinds(opened) == ["skip", "answer", "answer"]


def test_a_flag_is_set_and_taken_back(ann: Tab, opened: Opened) -> None:
    ann.press("f")
    ann.shown("#hint", "Flagged for discussion.")
    ann.page.reload()
    ann.ready()
    assert ann.page.get_attribute("#flag", "aria-pressed") == "true"
    ann.press("f")
    ann.shown("#hint", "No longer flagged.")
    assert kinds(opened) == ["flag", "unflag"]


def test_kind_and_how_far_it_got_are_chosen_by_keyboard(
    ann: Tab, opened: Opened
) -> None:
    ann.press("1", "d", "Space", "Tab", "Tab", "ArrowDown", "ArrowDown")
    ann.press("Escape", "Enter")
    ann.at(2)
    [entry] = opened.ledger.entries()
    assert isinstance(entry.body, Answer)
    assert (entry.body.subtypes, entry.body.locus) == (("lie",), "said")


def test_time_is_kept(ann: Tab, opened: Opened) -> None:
    ann.page.clock.install()
    ann.page.reload()
    ann.ready()
    ann.page.clock.fast_forward(5000)
    ann.press("0", "Enter")
    ann.at(2)
    [label] = opened.ledger.labels()
    assert label.seconds is not None
    assert 5 <= label.seconds < 60


def test_the_page_is_usable_by_tab_and_space_alone(
    tabs: Callable[..., Tab], opened: Opened
) -> None:
    ann = tabs("ann")
    ann.press("Tab", "Enter")
    for _ in range(40):
        ann.press("Tab")
        focused = "document.activeElement.name || document.activeElement.id"
        if ann.page.evaluate(focused) == "level":
            break
    ann.press("Space")
    for _ in range(40):
        ann.press("Tab")
        if ann.page.evaluate(focused) == "save":
            break
    ann.press("Space")
    ann.at(2)
    assert kinds(opened) == ["answer"]
