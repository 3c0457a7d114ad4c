"""A plan's queue: what is labeled, in order, with the probability it was drawn with."""

from __future__ import annotations

from pathlib import Path

import pytest

from judge.calibration.planning.plan import plan_labels
from judge.desk.desk import Desk
from judge.desk.queue import read_inclusion, read_queue
from judge.errors import UsageError
from judge.labels.ledger.answer import Answer
from judge.labels.ledger.ledger import Ledger
from judge.labels.ledger.rows import Item
from tests.support.builders import rubric
from tests.support.desk import talks
from tests.support.labelled_runs import labelled_run


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_plans_queue_is_read_in_its_order_with_its_probabilities(
    tmp_path: Path,
) -> None:
    run, _ = labelled_run(120, 0, 0.3)
    plan = plan_labels(run, n=40, seed=3)
    plan.to_csv(tmp_path / "queue.csv")
    items = read_queue(tmp_path / "queue.csv")
    assert items == [
        Item(one.transcript, inclusion=one.inclusion) for one in plan.to_label
    ]
    assert len({item.inclusion for item in items}) > 1


def test_the_queue_itself_tells_nothing_and_may_be_read_without_its_key(
    tmp_path: Path,
) -> None:
    run, _ = labelled_run(120, 0, 0.3)
    key = plan_labels(run, n=40).to_csv(tmp_path / "queue.csv")
    key.rename(tmp_path / "hidden.csv")
    assert {item.inclusion for item in read_queue(tmp_path / "queue.csv")} == {None}
    items = read_queue(tmp_path / "queue.csv", tmp_path / "hidden.csv")
    assert None not in {item.inclusion for item in items}


def test_a_queue_that_reveals_how_it_was_drawn_needs_no_key(tmp_path: Path) -> None:
    run, _ = labelled_run(120, 0, 0.3)
    plan = plan_labels(run, n=40)
    plan.to_csv(tmp_path / "queue.csv", key=tmp_path / "k.csv", reveal=True)
    items = read_queue(tmp_path / "queue.csv")
    assert [x.inclusion for x in items] == [x.inclusion for x in plan.to_label]


@pytest.mark.parametrize(
    "head", ["transcript", "transcript_id", "Item ID", "note,transcript", ",id"]
)
def test_its_column_may_have_the_names_that_labels_have(
    tmp_path: Path, head: str
) -> None:
    before = "x," if "," in head else ""
    path = written(tmp_path / "q.csv", f"{head}\n{before}t2\n{before}t1\n")
    assert read_queue(path) == [Item("t2"), Item("t1")]


def test_a_scenario_goes_along(tmp_path: Path) -> None:
    path = written(tmp_path / "q.csv", "transcript,scenario,inclusion\nt,mail,0.5\n")
    assert read_queue(path) == [Item("t", inclusion=0.5, scenario="mail")]


@pytest.mark.parametrize(
    ("queue", "key", "told"),
    [
        ("transcript\n", None, "q.csv: the queue is empty"),
        ("", None, "q.csv is no queue nor the key to one: it has no column transcript"),
        ("name\nt1\n", None, r"no column transcript \(its columns: name\)"),
        ("transcript,x\n,1\n", None, "line 2: no transcript"),
        ("transcript\nt1\nt1\n", None, "line 3: 't1' is in the queue twice"),
        ("transcript,inclusion\nt1,2\n", None, "line 2: inclusion is a share .* '2'"),
        ("transcript,inclusion\nt1,nan\n", None, "inclusion is a share .* 'nan'"),
        ("transcript,inclusion\nt1,-0.1\n", None, "inclusion is a share"),
        ("transcript,inclusion\nt1,half\n", None, "inclusion is a share .* 'half'"),
        ("transcript\nt1\n", "transcript\nt1\n", "q-key.csv is no .*column inclusion"),
        (
            "transcript\nt1\n",
            "transcript,inclusion\nt2,0.5\n",
            "q-key.csv does not say how 't1' was drawn, so it is the key to another",
        ),
        (
            "transcript\nt1\n",
            "transcript,inclusion\nt1,0\n",
            "q-key.csv, line 2: inclu",
        ),
    ],
)
def test_a_queue_that_cannot_be_right_says_what_is_wrong(
    tmp_path: Path, queue: str, key: str | None, told: str
) -> None:
    path = written(tmp_path / "q.csv", queue)
    if key is not None:
        written(tmp_path / "q-key.csv", key)
    with pytest.raises(UsageError, match=told):
        read_queue(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"q\.csv cannot be read"):
        read_queue(tmp_path / "q.csv")


def test_the_desk_asks_for_the_queue_alone_and_in_its_order(tmp_path: Path) -> None:
    path = written(tmp_path / "q.csv", "transcript,inclusion\nt3,0.5\nt1,0.25\n")
    with Ledger(tmp_path / "labels.sqlite") as ledger:
        desk = Desk.opened(ledger, rubric(), talks(), items=read_queue(path))
        desk.deal(["ann"], overlap=1, repeats=0.0, seed=0)
        assert [(x.transcript, x.inclusion) for x in ledger.items] == [
            ("t3", 0.5),
            ("t1", 0.25),
        ]
        assert [seat.place.transcript for seat in ledger.seats("ann")] == ["t3", "t1"]


def test_a_newer_plan_says_how_what_was_labeled_before_was_drawn(
    tmp_path: Path,
) -> None:
    first = written(tmp_path / "q.csv", "transcript,inclusion\nt1,0.5\nt2,0.5\n")
    second = written(tmp_path / "q2.csv", "transcript\nt3\n")
    written(tmp_path / "q2-key.csv", "transcript,inclusion\nt3,0.9\nt1,0.8\n")
    with Ledger(tmp_path / "labels.sqlite") as ledger:
        desk = Desk.opened(ledger, rubric(), talks(), items=read_queue(first))
        desk.deal(["ann"], overlap=1, repeats=0.0, seed=0)
        ledger.add("ann", "t1", Answer(label="absent"))
        later = Desk.opened(
            ledger,
            rubric(),
            talks(),
            items=read_queue(second),
            inclusion=read_inclusion(second),
        )
        later.deal(["ann"], overlap=1, repeats=0.0, seed=0)
        [label] = ledger.labels()
        assert label.inclusion == 0.8
        queue = [seat.place.transcript for seat in ledger.seats("ann")]
        assert queue == ["t1", "t3"]  # t2 waited for nobody, and is drawn no more


def test_a_queue_is_all_that_is_dealt_of_a_file_begun_without_one(
    tmp_path: Path,
) -> None:
    path = written(tmp_path / "q.csv", "transcript,inclusion\nt2,0.25\n")
    with Ledger(tmp_path / "labels.sqlite") as ledger:
        everything = Desk.opened(ledger, rubric(), talks())
        everything.deal(["ann"], overlap=1, repeats=0.0, seed=0)
        desk = Desk.opened(ledger, rubric(), talks(), items=read_queue(path))
        desk.deal(["ann"], overlap=1, repeats=0.0, seed=0)
        assert [seat.place.transcript for seat in ledger.seats()] == ["t2"]
        assert {x.transcript: x.inclusion for x in ledger.items}["t2"] == 0.25


def test_without_a_key_nothing_is_known_of_how_they_were_drawn(tmp_path: Path) -> None:
    assert read_inclusion(written(tmp_path / "q.csv", "transcript\nt1\n")) == {}


def test_a_queue_of_other_transcripts_is_refused_by_name(tmp_path: Path) -> None:
    path = written(tmp_path / "q.csv", "transcript\nt1\nt9\n")
    with (
        Ledger(tmp_path / "labels.sqlite") as ledger,
        pytest.raises(UsageError, match="the queue names 't9', which is not among"),
    ):
        Desk.opened(ledger, rubric(), talks(), items=read_queue(path))
