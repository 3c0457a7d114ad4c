"""The server dies, the file is locked, the disk is full: said, and nothing is lost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from judge.labels.ledger.answer import Answer
from judge.labels.ledger.ledger import Ledger
from judge.transcripts.formats.judge_jsonl import write_transcripts
from tests.support.browser import Tab
from tests.support.desk import Opened, talks
from tests.support.desk_process import DeskProcess

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    transcripts = tmp_path / "talks.jsonl"
    write_transcripts(talks(), transcripts)
    return transcripts, tmp_path / "labels.sqlite"


@pytest.fixture
def process(files: tuple[Path, Path]) -> Iterator[DeskProcess]:
    with DeskProcess(files[0], "deception", files[1]) as running:
        yield running


@pytest.fixture
def labeler(chromium: Browser, process: DeskProcess) -> Iterator[Tab]:
    from tests.support.browser import browsing

    with browsing(chromium, process.origin) as tab:
        yield tab(process.token)


def labels(path: Path) -> list[tuple[int | None, str]]:
    with Ledger(path) as ledger:
        bodies = [entry.body for entry in ledger.entries()]
    return [(b.severity, b.note) for b in bodies if isinstance(b, Answer)]


def test_a_kill_between_keystrokes_loses_nothing_that_was_typed(
    labeler: Tab, process: DeskProcess, files: tuple[Path, Path]
) -> None:
    labeler.press("3", "t")
    labeler.type("kept, ")
    labeler.kept()
    process.kill()
    with Ledger(files[1]) as ledger:
        draft = json.loads(ledger.drafts.get("ann", "t1") or "")
    assert (draft["severity"], draft["note"]) == (3, "kept, ")
    labeler.type("typed ")
    labeler.shown("#trouble", "The desk does not answer. Nothing you typed is lost")
    labeler.type("into the void, ")
    process.start()
    labeler.gone("#trouble")
    labeler.kept()
    process.kill()
    labeler.type("and again")
    labeler.shown("#trouble", "The desk does not answer.")
    process.start()
    labeler.gone("#trouble")
    labeler.page.reload()
    labeler.ready()
    assert labeler.value("note") == "kept, typed into the void, and again"
    assert labeler.value("level") == "3"


def test_a_kill_before_saving_and_the_answer_goes_when_the_desk_is_back(
    labeler: Tab, process: DeskProcess, files: tuple[Path, Path]
) -> None:
    process.kill()
    labeler.select(2, 1, 5, 8)
    labeler.press("e", "3", "Enter")
    labeler.shown("#trouble", "The desk does not answer.")
    assert labeler.marks() == ["all"]
    process.start()
    labeler.at(2)
    assert labels(files[1]) == [(3, "")]
    with Ledger(files[1]) as ledger:
        assert [label.span for label in ledger.labels()] == ["all"]


def test_a_tab_reloaded_after_a_kill_still_has_what_was_typed(
    labeler: Tab, process: DeskProcess
) -> None:
    labeler.page.on("dialog", lambda dialog: dialog.accept())
    process.kill()
    labeler.press("2", "t")
    labeler.type("not gone")
    labeler.shown("#trouble", "The desk does not answer.")
    process.start()
    labeler.page.reload()
    labeler.ready()
    assert (labeler.value("level"), labeler.value("note")) == ("2", "not gone")
    labeler.kept()


@contextmanager
def locked(opened: Opened) -> Iterator[None]:
    other = sqlite3.connect(opened.ledger.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def full(opened: Opened) -> Iterator[None]:
    db = opened.ledger._db._db
    assert db is not None
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count={pages}")
    yield
    db.execute("PRAGMA max_page_count=1000000")


TROUBLES: Mapping[Callable[[Opened], AbstractContextManager[None]], str] = {
    locked: "another process kept it locked",
    full: "there is no space left",
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_file_that_takes_nothing_is_said_and_takes_all_when_it_can(
    trouble: Callable[[Opened], AbstractContextManager[None]], ann: Tab, opened: Opened
) -> None:
    note = "much to say " * 1000
    with trouble(opened):
        ann.press("3")
        ann.page.fill("textarea[name=note]", note)
        ann.shown("#trouble", TROUBLES[trouble])
        ann.shown("#trouble", "What you typed is on this page and is sent again.")
        assert ann.value("note") == note
    ann.gone("#trouble")
    ann.kept()
    assert json.loads(opened.ledger.drafts.get("ann", "t1") or "")["note"] == note


@pytest.mark.parametrize("trouble", TROUBLES)
def test_an_answer_waits_for_the_file_and_is_there_once(
    trouble: Callable[[Opened], AbstractContextManager[None]], ann: Tab, opened: Opened
) -> None:
    with trouble(opened):
        ann.page.fill("textarea[name=note]", "x" * 9000)
        ann.press("Escape", "3", "Enter", "Enter")
        ann.shown("#trouble", TROUBLES[trouble])
        ann.press("Enter")
        assert ann.page.url.endswith("/label/1")
    ann.at(2)
    [label] = opened.ledger.labels()
    assert (label.severity, label.note) == (3, "x" * 9000)


def test_a_mind_changed_while_the_answer_waits_is_not_saved_unasked(
    ann: Tab, opened: Opened
) -> None:
    with locked(opened):
        ann.press("3", "Enter", "Enter")
        ann.shown("#trouble", TROUBLES[locked])
        ann.press("1")
    ann.shown("#hint", "Not saved: you changed it since. Enter saves it.")
    ann.press("Enter")
    ann.at(2)
    assert [label.severity for label in opened.ledger.labels()] == [1]


def test_a_link_that_was_called_back_is_said_and_the_text_stays(
    ann: Tab, opened: Opened
) -> None:
    opened.ledger.people.dismiss()
    ann.press("t")
    ann.type("still here")
    ann.shown("#trouble", "The link that opened this page is not good now.")
    assert ann.value("note") == "still here"
    ann.press("Escape", "1", "Enter")
    ann.shown("#trouble", "is not good now")
    assert opened.ledger.drafts.get("ann", "t1") is None
