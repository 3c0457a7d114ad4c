"""What is typed and not yet said, and what was said and is changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Route

from judge.labels.ledger.answer import Answer
from tests.support.browser import Tab
from tests.support.desk import Opened

pytestmark = pytest.mark.xdist_group("browser")


class Held:
    """The next request of a kind, kept back until it is let go."""

    def __init__(self, tab: Tab, what: str) -> None:
        self._page = tab.page
        self.routes: list[Route] = []
        self._page.route(f"**/item/*/*/{what}", self._hold, times=1)

    def _hold(self, route: Route) -> None:
        self.routes.append(route)

    def seen(self) -> None:
        while not self.routes:
            self._page.wait_for_timeout(10)

    def go(self) -> None:
        for route in self.routes:
            route.continue_()


def answers(opened: Opened) -> list[int | None]:
    bodies = [entry.body for entry in opened.ledger.entries()]
    return [body.severity for body in bodies if isinstance(body, Answer)]


def test_a_draft_is_there_after_a_reload(ann: Tab, opened: Opened) -> None:
    ann.press("3", "t")
    ann.type("I thi")
    ann.press("Escape")
    ann.select(2, 1, 5, 8)
    ann.press("e", "d", "Space", "Escape")
    ann.kept()
    ann.page.reload()
    ann.ready()
    ann.shown("#kept", "This is your draft; it is not saved yet.")
    assert (ann.value("level"), ann.value("note")) == ("3", "I thi")
    assert ann.marks() == ["all"]
    assert ann.page.is_checked("input[name=subtype][value=lie]")
    assert answers(opened) == []


def test_going_back_shows_what_was_said_and_a_changed_mind_is_a_second_line(
    ann: Tab, opened: Opened
) -> None:
    ann.press("3", "Enter", "Enter")
    ann.at(2)
    ann.press("b")
    ann.at(1)
    ann.shown("#kept", "You have labeled this.")
    assert ann.value("level") == "3"
    ann.press("0", "Enter")
    ann.at(2)
    assert answers(opened) == [3, 0]
    assert [label.severity for label in opened.ledger.labels()] == [0]


def test_the_browsers_own_way_back_shows_what_was_said_since(ann: Tab) -> None:
    ann.press("3", "Enter", "Enter")
    ann.at(2)
    ann.page.go_back()
    ann.at(1)
    ann.shown("#kept", "You have labeled this.")
    assert ann.value("level") == "3"


def test_going_on_without_saving_keeps_the_draft(ann: Tab, opened: Opened) -> None:
    ann.press("2", "t")
    ann.type("later")
    ann.press("Escape", "l")
    ann.at(2)
    ann.press("b")
    ann.at(1)
    assert (ann.value("level"), ann.value("note")) == ("2", "later")
    assert answers(opened) == []


def test_passing_over_an_answer_leaves_it_an_answer(ann: Tab, opened: Opened) -> None:
    ann.press("2", "Enter", "Enter")
    ann.at(2)
    ann.press("b")
    ann.at(1)
    ann.press("x")
    ann.at(2)
    assert [entry.kind for entry in opened.ledger.entries()] == ["answer"]


def test_no_draft_comes_after_the_answer_that_it_was_a_draft_of(
    ann: Tab, opened: Opened
) -> None:
    held = Held(ann, "draft")
    ann.press("3", "t")
    ann.type("so")
    ann.press("Control+Enter", "Control+Enter")
    held.seen()
    assert answers(opened) == []
    held.go()
    ann.at(2)
    assert answers(opened) == [3]
    assert opened.ledger.drafts.get("ann", "t1") is None


def test_saving_waits_for_the_mark_that_is_being_checked(
    ann: Tab, opened: Opened
) -> None:
    held = Held(ann, "mark")
    ann.select(2, 1, 5, 8)
    ann.press("e", "3", "Enter")
    held.seen()
    assert answers(opened) == []
    held.go()
    ann.at(2)
    [label] = opened.ledger.labels()
    assert label.span == "all"


def test_what_is_changed_while_it_is_saved_is_not_left_behind(
    ann: Tab, opened: Opened
) -> None:
    held = Held(ann, "answer")
    ann.press("3", "Enter", "Enter")
    held.seen()
    ann.press("t")
    ann.type("wait")
    held.go()
    ann.shown("#hint", "Saved, and changed since: Enter saves it again.")
    assert ann.value("note") == "wait"
    ann.press("Control+Enter")
    ann.at(2)
    [label] = opened.ledger.labels()
    assert (label.severity, label.note) == (3, "wait")


@pytest.mark.parametrize(("kept", "asked"), [(False, ["beforeunload"]), (True, [])])
def test_leaving_asks_only_while_something_is_not_kept(
    ann: Tab, *, kept: bool, asked: list[str]
) -> None:
    told: list[str] = []

    def accept(dialog: Dialog) -> None:
        told.append(dialog.type)
        dialog.accept()

    ann.page.on("dialog", accept)
    if not kept:
        Held(ann, "draft")
    ann.press("3")
    if kept:
        ann.kept()
    with ann.page.expect_event("close"):
        ann.page.close(run_before_unload=True)
    assert told == asked


def test_a_reload_before_the_desk_has_it_loses_nothing(ann: Tab) -> None:
    ann.page.on("dialog", lambda dialog: dialog.accept())
    held = Held(ann, "draft")
    ann.press("4", "t")
    ann.type("in flight")
    held.seen()
    ann.page.reload()
    ann.ready()
    assert (ann.value("level"), ann.value("note")) == ("4", "in flight")
    ann.kept()


def test_a_reload_that_overtakes_the_draft_loses_nothing(
    ann: Tab, opened: Opened
) -> None:
    held = Held(ann, "draft")
    ann.press("4")
    held.seen()
    ann.page.evaluate("() => dispatchEvent(new Event('beforeunload'))")
    held.go()
    ann.kept()
    with opened.ledger._db.transaction("be the page that was asked for before") as db:
        db.execute("DELETE FROM drafts")
    ann.page.reload()
    ann.ready()
    assert ann.value("level") == "4"


def test_two_labelers_at_once_lose_nothing_and_see_nothing_of_each_other(
    tabs: Callable[..., Tab], opened: Opened
) -> None:
    ann, bob = tabs("ann"), tabs("bob")
    said = {"ann": "101", "bob": "010"}
    for place in (1, 2, 3):
        for tab in (ann, bob):
            tab.at(place)
            tab.press("t")
        for letter in "secret":
            ann.type(letter)
            bob.type(letter.upper())
        for tab, levels in ((ann, said["ann"]), (bob, said["bob"])):
            assert ("SECRET" in tab.page.content()) is False
            tab.press("Escape", levels[place - 1])
        ann.press("Enter")
        bob.press("Enter")
    for tab in (ann, bob):
        tab.page.wait_for_selector("text=You have labeled all 3 transcripts")
    found: dict[str, list[tuple[int | None, str]]] = {"ann": [], "bob": []}
    for label in opened.ledger.labels():
        found[label.labeler].append((label.severity, label.note))
    assert found == {
        "ann": [(int(level), "secret") for level in said["ann"]],
        "bob": [(int(level), "SECRET") for level in said["bob"]],
    }


def test_one_labeler_in_two_windows_keeps_both_answers(
    tabs: Callable[..., Tab], opened: Opened
) -> None:
    one, other = tabs("ann"), tabs("ann")
    one.press("1", "Enter")
    one.at(2)
    other.press("0", "Enter")
    other.at(2)
    assert answers(opened) == [1, 0]


def test_a_link_in_a_page_of_another_site_opens_the_desk(
    tabs: Callable[..., Tab], opened: Opened
) -> None:
    tab = tabs("bob")
    page = tab.page
    page.context.clear_cookies()
    # By its other name the desk is another site to the browser, as a chat would be.
    page.goto(f"http://localhost:{opened.door.port}/")
    page.evaluate(
        """(link) => {
          const anchor = document.createElement("a");
          anchor.href = link;
          document.body.append(anchor);
          anchor.click();
        }""",
        f"{opened.origin}/enter/{opened.tokens['ann']}",
    )
    page.wait_for_selector("text=Queue of ann")
    tab.foreign.clear()  # the other site
