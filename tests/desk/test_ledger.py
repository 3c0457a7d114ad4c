"""The file that labels are made in."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from judge.errors import StoreError, UsageError
from judge.labels.ledger.answer import Answer, Remark
from judge.labels.ledger.dealing import Place, deal
from judge.labels.ledger.ledger import Ledger
from judge.labels.ledger.rows import Item
from judge.store.sqlite import Store
from judge.verdict import Evidence

QUOTE = Evidence(
    quote="All is well.", cited=2, message=2, channel="said", match="exact",
    author="target", part=0, start=0, end=12,
)  # fmt: skip
ITEMS = [Item("t1", "d1", 0.5, "shutdown"), Item("t2", "d2")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "labels.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger(path) as opened:
        opened.begin("coercion", "digest", ITEMS)
        yield opened


def said(severity: int) -> Answer:
    label = "present" if severity >= 2 else "absent"
    return Answer(label=label, severity=severity)


def test_an_answer_becomes_a_label_with_all_that_was_said(ledger: Ledger) -> None:
    answer = Answer(
        label="present", severity=3, subtypes=("blackmail",), locus="said",
        note="Clear.", evidence=(QUOTE,), confidence=0.9,
    )  # fmt: skip
    ledger.add("ann", "t1", answer, seconds=41.5)
    [label] = ledger.labels()
    assert (label.transcript, label.rubric, label.labeler) == ("t1", "coercion", "ann")
    assert (label.label, label.severity, label.source) == ("present", 3, "human")
    assert (label.inclusion, label.scenario, label.seconds) == (0.5, "shutdown", 41.5)
    assert (label.message, label.span, label.note) == (2, "All is well.", "Clear.")


def test_a_changed_mind_is_a_new_line_and_the_old_one_stays(ledger: Ledger) -> None:
    ledger.add("ann", "t1", said(0))
    ledger.add("ann", "t1", said(3))
    assert [label.severity for label in ledger.labels()] == [3]
    bodies = [entry.body for entry in ledger.entries("t1", "ann")]
    assert [body.severity for body in bodies if isinstance(body, Answer)] == [0, 3]


@pytest.mark.parametrize(
    "statement", ["UPDATE entries SET labeler = 'x'", "DELETE FROM entries"]
)
def test_the_file_itself_refuses_to_forget(
    ledger: Ledger, path: Path, statement: str
) -> None:
    ledger.add("ann", "t1", said(0))
    raw = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="an entry of the ledger is never"):
        raw.execute(statement)
    raw.close()


def test_a_second_occasion_is_kept_beside_the_first(ledger: Ledger) -> None:
    ledger.add("ann", "t1", said(0))
    ledger.add("ann", "t1", said(2), occasion=2)
    assert [(x.occasion, x.severity) for x in ledger.labels()] == [(1, 0), (2, 2)]


def test_what_was_settled_is_an_adjudicators_label_and_says_who_and_why(
    ledger: Ledger,
) -> None:
    ledger.add("ann", "t1", said(0))
    settled = Remark(why="The threat is veiled.", answer=said(3))
    ledger.add("lea", "t1", settled, kind="settle")
    labels = {label.labeler: label for label in ledger.labels()}
    assert labels["adjudicator"].severity == 3
    assert labels["adjudicator"].note == "lea: The threat is veiled."
    assert labels["ann"].severity == 0


def test_skips_flags_and_gaps_are_no_labels(ledger: Ledger) -> None:
    for kind in ("skip", "flag", "unflag", "gap"):
        ledger.add("ann", "t1", Remark(why="?"), kind=kind)
    assert list(ledger.labels()) == []
    kinds = [entry.kind for entry in ledger.entries()]
    assert kinds == ["skip", "flag", "unflag", "gap"]


def test_an_answer_cannot_be_written_as_anything_else(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="'flag' does not go with Answer"):
        ledger.add("ann", "t1", said(0), kind="flag")


def test_a_draft_is_kept_until_the_answer_takes_its_place(ledger: Ledger) -> None:
    ledger.drafts.put("ann", "t1", '{"note": "I thi"}')
    ledger.drafts.put("ann", "t1", '{"note": "I think"}')
    assert ledger.drafts.get("ann", "t1") == '{"note": "I think"}'
    assert ledger.drafts.get("bob", "t1") is None
    ledger.add("ann", "t1", said(0))
    assert ledger.drafts.get("ann", "t1") is None


def test_a_token_opens_one_labelers_queue_and_is_not_in_the_file(
    ledger: Ledger, path: Path
) -> None:
    people = ledger.people
    token = people.admit("ann")
    lead = people.admit("lea", lead=True)
    assert (people.who(token), people.who(lead)) == (("ann", False), ("lea", True))
    assert people.who("guess") is None
    files = path.parent.glob("labels.sqlite*")
    assert all(token.encode() not in file.read_bytes() for file in files)
    again = people.admit("ann")
    assert people.who(token) == people.who(again) == ("ann", False)
    people.dismiss("ann")
    assert (people.who(token), people.who(again)) == (None, None)
    assert people.who(lead) == ("lea", True)


def test_whoever_led_before_leads_no_more(ledger: Ledger) -> None:
    people = ledger.people
    before, now = people.admit("lea", lead=True), people.admit("ann", lead=True)
    people.hand_over("ann")
    assert (people.who(before), people.who(now)) == (("lea", False), ("ann", True))


def test_a_queue_shows_what_came_of_each_place(ledger: Ledger) -> None:
    ledger.place(deal(["t1", "t2"], ["ann", "bob"], overlap=2))
    ledger.add("ann", "t1", Remark(), kind="skip")
    ledger.add("ann", "t1", said(1))
    assert [seat.state for seat in ledger.seats("ann")] == ["answer", None]
    assert len(ledger.seats()) == 4
    assert ledger.seats("bob")[0].place == Place("bob", 1, "t1")


def test_the_same_transcripts_again_change_nothing(ledger: Ledger) -> None:
    ledger.begin("coercion", "digest", [*ITEMS, Item("t3")])
    assert [item.transcript for item in ledger.items] == ["t1", "t2", "t3"]
    assert ledger.items[0].inclusion == 0.5


def test_what_a_newer_plan_says_of_a_draw_takes_the_place_of_what_was_said(
    ledger: Ledger,
) -> None:
    ledger.begin("coercion", "digest", [Item("t1", inclusion=0.9, scenario="mail")])
    ledger.begin("coercion", "digest", [Item("t1")])  # which says nothing of it
    first, *_ = ledger.items
    assert (first.inclusion, first.scenario) == (0.9, "mail")


def test_labels_by_two_guides_do_not_go_into_one_file(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="holds labels for 'coercion', not 'decep"):
        ledger.begin("deception", "digest", [])
    with pytest.raises(UsageError, match="begun with another wording"):
        ledger.begin("coercion", "other", [])


def test_a_store_of_judgements_is_no_label_file(tmp_path: Path) -> None:
    Store(tmp_path / "runs.sqlite").close()
    with pytest.raises(StoreError, match="is not a label file of judge"):
        Ledger(tmp_path / "runs.sqlite")


def test_a_damaged_entry_is_named(ledger: Ledger, path: Path) -> None:
    raw = sqlite3.connect(path)
    raw.execute(
        "INSERT INTO entries (labeler, transcript, occasion, kind, body)"
        " VALUES ('ann', 't1', 1, 'answer', '{}')"
    )
    raw.commit()
    raw.close()
    with pytest.raises(StoreError, match="the row of entry 1 is damaged"):
        list(ledger.labels())


def test_two_labelers_at_once_lose_nothing(ledger: Ledger, path: Path) -> None:
    def label(name: str) -> None:
        with Ledger(path) as mine:
            for severity in range(40):
                mine.add(name, "t1", said(severity % 5))

    people = [threading.Thread(target=label, args=(name,)) for name in ("ann", "bob")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert len(list(ledger.entries("t1", "ann"))) == 40
    assert len(list(ledger.entries("t1", "bob"))) == 40


def test_a_killed_process_loses_nothing_it_was_told_is_written(path: Path) -> None:
    code = (
        "import sys\n"
        "from judge.labels.ledger.answer import Answer\n"
        "from judge.labels.ledger.ledger import Ledger\n"
        "from judge.labels.ledger.rows import Item\n"
        f"ledger = Ledger({str(path)!r})\n"
        "ledger.begin('coercion', 'd', [Item('t1')])\n"
        "for n in range(10_000):\n"
        "    ledger.add('ann', 't1', Answer(label='absent', severity=n % 5))\n"
        "    print(n + 1, flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert child.stdout is not None
    for _ in range(30):
        written = int(child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read().split()
    child.wait()
    child.stdout.close()
    told = int(rest[-1]) if rest else written
    with Ledger(path) as ledger:
        assert len(list(ledger.entries())) >= told
