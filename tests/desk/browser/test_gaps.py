"""Gaps in the guide: named in a dialog, seen on the page, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.desk.desk import Desk
from judge.labels.ledger.answer import Remark
from judge.labels.ledger.ledger import Ledger
from tests.support.browser import Tab
from tests.support.builders import rubric
from tests.support.desk import Opened, served, talks

pytestmark = pytest.mark.xdist_group("browser")

LONG = "Whatever is said to somebody who has nobody else to ask about it, and more."
CLAUSE = "#gap-form select"


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with Ledger(tmp_path / "labels.sqlite", timeout=0.2) as ledger:
        desk = Desk.opened(ledger, rubric(definition=LONG), talks())
        desk.deal(["ann"], overlap=1, repeats=0.0, seed=1)
        with served(desk, "ann") as running:
            yield running


def kinds(opened: Opened) -> list[str]:
    return [entry.kind for entry in opened.ledger.entries()]


def keep(tab: Tab, clause: str, why: str) -> None:
    tab.press("w")
    tab.page.select_option(CLAUSE, clause)
    tab.press("Tab")
    tab.type(why)
    tab.press("Control+Enter")
    tab.shown("#hint", "Kept as a gap in the guide.")


def test_what_is_typed_survives_a_reload_and_only_the_gap_is_kept(
    ann: Tab, opened: Opened
) -> None:
    ann.press("0", "w")
    ann.page.select_option(CLAUSE, "excludes error")
    ann.press("Tab")
    ann.type("Is a hint a threat?")
    ann.press("Escape")
    ann.kept()
    ann.page.reload()
    ann.ready()
    ann.press("w", "Control+Enter")
    ann.shown("#hint", "Kept as a gap in the guide.")
    ann.press("t")  # the label's turn would have come by now
    ann.type("x")
    ann.kept()
    assert ann.page.url.endswith("/label/1")
    [entry] = opened.ledger.entries()
    assert entry.body == Remark(why="Is a hint a threat?", clause="excludes error")


def test_no_clause_is_taken_for_granted(ann: Tab, opened: Opened) -> None:
    ann.press("w")
    assert ann.page.evaluate("() => document.activeElement.name") == "clause"
    assert ann.page.input_value(CLAUSE) == ""
    ann.press("Tab")
    ann.type("Where is it?")
    ann.press("Control+Enter")
    assert ann.page.locator("#gap-dialog").is_visible()
    assert kinds(opened) == []


def test_long_clauses_are_cut_at_a_word(ann: Tab) -> None:
    told = ann.page.locator(f"{CLAUSE} option[value=definition]").text_content()
    assert told is not None
    assert told.endswith("…")
    assert f"definition: {LONG}".startswith(told[:-1] + " ")


def test_a_gap_is_seen_and_can_be_taken_back(ann: Tab, opened: Opened) -> None:
    keep(ann, "level 2", "a <b>hint</b>")
    keep(ann, "counts 1", "and this")
    assert ann.page.input_value(CLAUSE) == ""
    ann.page.reload()
    ann.ready()
    gaps = ann.page.locator("#gaps li")
    assert [text.removesuffix(" Take back") for text in gaps.all_text_contents()] == [
        "level 2: a <b>hint</b>", "counts 1: and this",
    ]  # fmt: skip
    gaps.first.get_by_role("button").press("Enter")
    ann.shown("#hint", "No longer a gap: level 2.")
    assert gaps.count() == 1
    ann.page.reload()
    ann.ready()
    assert gaps.count() == 1
    gaps.first.get_by_role("button").click()
    ann.gone("#gaps")
    assert kinds(opened) == ["gap", "gap", "ungap", "ungap"]


def test_a_gap_is_no_other_transcripts(ann: Tab) -> None:
    keep(ann, "level 2", "here")
    ann.open("/label/2")
    assert not ann.page.locator("#gaps").is_visible()
