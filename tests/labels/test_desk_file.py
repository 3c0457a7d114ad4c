"""The desk's file is read as labels: by what it is, and while the desk is open."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from judge.errors import StoreError, UsageError
from judge.labels.labels import HumanLabels
from judge.labels.ledger.answer import Answer, Remark
from judge.labels.ledger.ledger import Ledger
from judge.labels.ledger.rows import Item
from judge.store.sqlite import Store
from judge.verdict import Evidence

QUOTES = tuple(
    Evidence(
        quote=text, cited=2, message=2, channel="said", match="exact",
        author="target", part=0, start=start, end=start + len(text),
    )
    for text, start in (("All is well.", 0), ("\u202e=1+1\x00 😀", 20))
)  # fmt: skip


def filled(path: Path) -> Ledger:
    ledger = Ledger(path)
    ledger.begin("coercion", "digest", [Item("t1", "d1", 0.25, "s"), Item("t2", "d2")])
    answer = Answer(
        label="present", severity=3, subtypes=("blackmail",), locus="said",
        confidence=0.5, note="one\ntwo", evidence=QUOTES,
    )  # fmt: skip
    ledger.add("ann", "t1", Answer(label="absent", severity=0))
    ledger.add("ann", "t1", answer, seconds=12.5)
    ledger.add("bob", "t1", Answer(label="unsure"))
    ledger.add("bob", "t2", Answer(label="absent"), occasion=2)
    ledger.add("lea", "t1", Remark(why="veiled", answer=answer), kind="settle")
    ledger.add("bob", "t2", Remark(why="?"), kind="flag")
    return ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "labels.sqlite"
    filled(path).close()
    return path


def test_the_desks_file_is_read_as_what_its_ledger_says(path: Path) -> None:
    labels = HumanLabels.load(path)
    with Ledger(path) as ledger:
        assert list(labels) == list(ledger.labels())
    said = {(x.transcript, x.labeler, x.occasion, x.label) for x in labels}
    assert said == {
        ("t1", "ann", 1, "present"),
        ("t1", "bob", 1, "unsure"),
        ("t1", "adjudicator", 1, "present"),
        ("t2", "bob", 2, "absent"),
    }
    assert labels.rubrics == ("coercion",)
    assert labels.sources == {"human": 4}


def test_every_stretch_that_was_marked_is_in_the_label(path: Path) -> None:
    ann = next(iter(HumanLabels.load(path)))
    assert ann.evidence == QUOTES
    assert (ann.message, ann.span) == (2, "All is well.")
    assert (ann.inclusion, ann.scenario, ann.seconds) == (0.25, "s", 12.5)


@pytest.mark.parametrize("name", ["labels", "labels.csv", "labels.json", "a b%3f#.db"])
def test_it_is_told_by_its_header_whatever_its_name(tmp_path: Path, name: str) -> None:
    filled(tmp_path / name).close()
    assert len(HumanLabels.load(tmp_path / name)) == 4
    assert len(HumanLabels.load(str(tmp_path / name), format="desk")) == 4


def test_it_is_read_while_the_desk_has_it_open_and_writes(tmp_path: Path) -> None:
    path = tmp_path / "labels.sqlite"
    with filled(path) as ledger:
        first = path.read_bytes()[:100]
        assert first[68:72] == b"\0\0\0\0"  # nothing but a header is in it so far
        assert len(HumanLabels.load(path)) == 4
        ledger.add("bob", "t2", Answer(label="present"))
        assert len(HumanLabels.load(path)) == 5
        busy = sqlite3.connect(path)
        busy.execute("BEGIN IMMEDIATE")
        assert len(HumanLabels.load(path)) == 5
        busy.close()


def test_what_a_desk_that_was_killed_left_in_its_log_is_read(tmp_path: Path) -> None:
    path, other = tmp_path / "labels.sqlite", tmp_path / "copy.sqlite"
    with filled(path):
        for ending in ("", "-wal"):
            copied = path.with_name(f"{path.name}{ending}").read_bytes()
            other.with_name(f"{other.name}{ending}").write_bytes(copied)
    assert HumanLabels.load(other) == HumanLabels.load(path)


def test_reading_leaves_the_file_and_its_directory_as_they_were(path: Path) -> None:
    before = path.read_bytes()
    HumanLabels.load(path)
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_desk_nobody_labeled_at_yet_has_no_labels(tmp_path: Path) -> None:
    Ledger(tmp_path / "labels.sqlite").close()
    assert len(HumanLabels.load(tmp_path / "labels.sqlite")) == 0


def a_store(path: Path) -> None:
    Store(path).close()


def a_database(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE entries (x)")
    other.commit()
    other.close()


def a_newer_one(path: Path) -> None:
    filled(path).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 99")
    newer.commit()
    newer.close()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (a_store, "x.db is a store of judgements .*name the file .*--labels"),
        (a_database, "x.db is an SQLite database that `judge label` did not make; exp"),
        (a_newer_one, "a newer version of judge made .*schema 99.*upgrade judge"),
    ],
)
def test_any_other_database_is_refused_by_name(
    tmp_path: Path, make: Callable[[Path], None], told: str
) -> None:
    make(tmp_path / "x.db")
    with pytest.raises(UsageError, match=told):
        HumanLabels.load(tmp_path / "x.db")


def test_a_format_that_the_file_does_not_have_is_refused(
    path: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="is an SQLite database, which long_csv is no"):
        HumanLabels.load(path, format="long_csv")
    (tmp_path / "x.csv").write_text("transcript,label\nt,present\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is no SQLite database, which desk is"):
        HumanLabels.load(tmp_path / "x.csv", format="desk")


def test_a_damaged_file_is_named_and_left_as_it_was(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    with pytest.raises(StoreError, match=r"labels\.sqlite: the labels cannot be read"):
        HumanLabels.load(path)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("answer", "{}"),
        ("answer", "["),
        ("answer", '{"label": "present", "severity": 77}'),
        ("answer", "[" * 100_000),
        ("answer", None),
        ("settle", "{}"),
        ("settle", '{"why": "x", "clause": 3}'),
    ],
)
def test_an_entry_that_is_no_label_is_named(
    path: Path, kind: str, body: str | None
) -> None:
    raw = sqlite3.connect(path)
    raw.execute(
        "INSERT INTO entries (labeler, transcript, occasion, kind, body, time)"
        " VALUES ('eve', 't1', 1, ?, ?, '')",
        (kind, body),
    )
    raw.commit()
    raw.close()
    with pytest.raises(StoreError, match="entry 7 is damaged, or another version"):
        HumanLabels.load(path)
