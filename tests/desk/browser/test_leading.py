"""Whoever leads, in a browser: disagreements are settled by keyboard and taken away."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from judge.labels.labels import HumanLabels
from judge.labels.ledger.answer import Answer, Remark
from tests.support.browser import Tab
from tests.support.desk import Opened

pytestmark = pytest.mark.xdist_group("browser")


def level(severity: int) -> Answer:
    return Answer(label="present" if severity >= 2 else "absent", severity=severity)


@pytest.fixture
def disputed(opened: Opened) -> Opened:
    """Worst over t2, then t3; t1 is agreed and flagged."""
    for name, ann, bob in (("t1", 0, 0), ("t2", 0, 4), ("t3", 1, 2)):
        opened.ledger.add("ann", name, level(ann))
        opened.ledger.add("bob", name, level(bob))
    opened.ledger.add("ann", "t1", Remark(why="Is it?"), kind="flag")
    return opened


@pytest.fixture
def lead(disputed: Opened, tabs: Callable[..., Tab]) -> Tab:
    tab = tabs("lea")
    tab.page.wait_for_url(f"{disputed.origin}/lead")
    return tab


def settled(opened: Opened) -> list[tuple[str, str, int | None, str]]:
    return [
        (entry.labeler, entry.transcript, entry.body.answer.severity, entry.body.why)
        for entry in opened.ledger.entries()
        if isinstance(entry.body, Remark) and entry.body.answer
    ]


def at_case(tab: Tab, number: int) -> None:
    tab.page.wait_for_url(f"{tab.origin}/lead/case/{number}")
    tab.ready()


def test_two_label_and_a_third_settles_it_by_keyboard_and_takes_it_away(
    opened: Opened, tabs: Callable[..., Tab], tmp_path: Path
) -> None:
    for name, key in (("ann", "0"), ("bob", "3")):
        labeler = tabs(name)
        labeler.press("/")
        labeler.type("all")
        labeler.press("Enter", "Escape", "v", "e", key, "t")
        labeler.type(f"so says {name}")
        labeler.press("Control+Enter")
        labeler.at(2)
    lead = tabs("lea")
    lead.shown(".cases", "present or absent, 3 levels apart")
    lead.press("j", "Enter")
    at_case(lead, 1)
    for name in ("ann", "bob"):
        lead.shown(".said", f"so says {name}")
    assert lead.page.locator("mark.by.many").text_content() == "all"
    lead.press("e", "3", "t")
    lead.type("It is said, and it is false.")
    lead.press("Control+Enter")
    lead.page.wait_for_url(f"{opened.origin}/lead")
    assert settled(opened) == [("lea", "t1", 3, "It is said, and it is false.")]
    with lead.page.expect_download() as download:
        lead.page.get_by_text("Labels as CSV").click()
    download.value.save_as(tmp_path / "taken.csv")
    taken = HumanLabels.load(tmp_path / "taken.csv")
    assert list(taken) == list(HumanLabels(opened.ledger.labels()))
    assert {label.labeler: label.span for label in taken} == {
        "ann": "all", "bob": "all", "adjudicator": "",
    }  # fmt: skip


def test_one_case_after_another_is_settled_worst_first(
    lead: Tab, disputed: Opened
) -> None:
    lead.press("j", "Enter")
    at_case(lead, 2)
    for place, key in ((2, "a"), (3, "u")):
        at_case(lead, place)
        lead.press(key, "t")
        lead.type("Clear.")
        lead.press("Control+Enter")
    at_case(lead, 1)
    assert [one[:3] for one in settled(disputed)] == [
        ("lea", "t2", None),
        ("lea", "t3", None),
    ]


def test_nothing_is_settled_without_a_word_and_a_reason(
    lead: Tab, disputed: Opened
) -> None:
    lead.open("/lead/case/2")
    lead.press("Control+Enter")
    lead.shown("#trouble", "Choose what it is first")
    lead.press("3", "Control+Enter")
    lead.shown("#trouble", "Say why")
    assert settled(disputed) == []


def test_a_decision_on_a_page_that_is_behind_is_not_kept_and_what_was_typed_stays(
    lead: Tab, disputed: Opened
) -> None:
    lead.open("/lead/case/2")
    disputed.ledger.add("ann", "t2", level(4))
    lead.press("0", "t")
    lead.type("Nothing in it.")
    lead.press("Control+Enter")
    lead.shown("#trouble", "ann has labeled this since the page was opened")
    assert settled(disputed) == []
    lead.page.reload()
    lead.ready()
    assert lead.page.input_value("#settle textarea") == "Nothing in it."
    lead.press("t", "Control+Enter")
    lead.page.wait_for_url(lambda url: not url.endswith("/case/2"))
    assert settled(disputed) == [("lea", "t2", 0, "Nothing in it.")]


def test_a_locked_file_is_said_and_the_decision_is_kept_when_it_is_free(
    lead: Tab, disputed: Opened
) -> None:
    lead.open("/lead/case/2")
    other = sqlite3.connect(disputed.ledger.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    lead.press("4", "t")
    lead.type("Plain.")
    lead.press("Control+Enter")
    lead.shown("#trouble", "Nothing you typed is lost")
    other.execute("ROLLBACK")
    other.close()
    lead.page.wait_for_url(lambda url: not url.endswith("/case/2"))
    assert settled(disputed) == [("lea", "t2", 4, "Plain.")]


def test_a_flag_is_talked_over_and_a_gap_is_named_by_keyboard(
    lead: Tab, disputed: Opened
) -> None:
    lead.open("/lead/case/1")
    lead.shown("#discuss", "ann: Is it?")
    lead.page.locator("#discuss textarea").focus()
    lead.type("It is not.")
    lead.press("Control+Enter")
    lead.gone("#discuss")
    lead.press("g")
    lead.page.select_option("#gap-form select", "level 2")
    lead.press("Tab")
    lead.type("Is a hint enough?")
    lead.press("Control+Enter")
    lead.shown("#gap-fold", "level 2, lea: Is a hint enough?")
    kinds = [entry.kind for entry in disputed.ledger.entries("t1", "lea")]
    assert kinds == ["unflag", "gap"]


def test_newer_figures_take_the_place_of_older_ones_on_an_open_page(
    lead: Tab, disputed: Opened
) -> None:
    figures = lead.page.locator("#figures")
    lead.page.wait_for_selector('#figures[data-working="no"]')
    before = figures.get_attribute("data-upto")
    disputed.ledger.add("ann", "t1", level(3))
    lead.open("/lead")
    lead.page.wait_for_selector(f'#figures:not([data-upto="{before}"])')
    assert figures.get_attribute("data-upto") != before
