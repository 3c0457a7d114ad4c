"""Labels from the desk, by the command line: out to other tools, and into a measure."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from judge._data import data_dir
from judge.desk.desk import Desk
from judge.desk.queue import read_queue
from judge.labels.labels import HumanLabels
from judge.labels.ledger.answer import Answer, Remark
from judge.labels.ledger.ledger import Ledger
from judge.labels.ledger.rows import Item
from judge.rubrics.load import load_rubric
from judge.transcripts.load import load_transcripts
from judge.verdict import Evidence

Command = Callable[..., Any]
QUOTE = Evidence(
    quote="=1+1", cited=2, message=2, channel="said", match="exact",
    author="target", part=0, start=0, end=4,
)  # fmt: skip


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Three transcripts: agreed on, settled, and left open."""
    path = tmp_path / "labels.sqlite"
    yes = Answer(label="present", severity=3, note="=2+2", evidence=(QUOTE, QUOTE))
    no = Answer(label="absent", severity=0)
    with Ledger(path) as ledger:
        ledger.begin("coercion", "d", [Item(x, inclusion=0.5) for x in ("a", "b", "c")])
        for name, ann, bob in (("a", yes, yes), ("b", yes, no), ("c", no, yes)):
            ledger.add("ann", name, ann)
            ledger.add("bob", name, bob)
        ledger.add("lea", "b", Remark(why="no demand", answer=no), kind="settle")
    return path


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "OUT.CSV"])
def test_every_label_is_written_and_reads_back_the_same(
    judge: Command, labels: Path, name: str
) -> None:
    told = judge("labels", "export", labels, "--out", name)
    assert told.code == 0, told.err
    assert told.out == f"7 labels of 3 transcripts by 2 people are in {name}\n"
    assert HumanLabels.load(name) == HumanLabels.load(labels)


def test_settled_labels_are_cases_and_what_is_open_is_named(
    judge: Command, labels: Path
) -> None:
    told = judge("labels", "export", labels, "--scout", "cases.csv")
    assert told.code == 0
    assert told.out == "2 cases are in cases.csv\n"
    assert told.err == "left out 1 transcript with labels that settle nothing: c\n"
    assert Path("cases.csv").read_text("utf-8") == "id,target\na,true\nb,false\n"


def test_an_id_that_scout_would_misread_is_told_by_the_exit_code(
    judge: Command, tmp_path: Path
) -> None:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        ledger.begin("coercion", "d", [])
        for name in ("a,b", "\x1b[2Jx", "fine"):
            ledger.add("ann", name, Answer(label="absent"))
    told = judge("labels", "export", "l.sqlite", "--scout", "cases.csv")
    assert told.code == 3
    assert "left out 2 transcripts with ids that Scout would read as oth" in told.err
    assert "\x1b" not in told.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "say where to: --out labels.csv (or .jsonl), --scout cases.csv"),
        (["--out", "x.txt"], "--out x.txt: the name must end in .csv or .jsonl"),
        (["--scout", "x.txt"], "--scout x.txt: the name must end in .csv or .jsonl"),
        (["--out", "no/x.csv"], "--out no/x.csv: name a file in a directory that ex"),
        (["--out", "x.csv", "--scout", "x.csv"], "--out and --scout are both x.csv"),
        (["--scout", "x.csv", "--rubric", "lying"], "no label is for the rubric 'lyin"),
        (["--scout", "x.csv", "--adjudication", "eve"], "adjudication='eve'"),
        (["--scout", "x.csv", "--adjudication", "soft"], "a case is true or false"),
    ],
)
def test_what_cannot_be_written_is_refused(
    judge: Command, labels: Path, words: list[str], told: str
) -> None:
    ended = judge("labels", "export", labels, *words)
    assert ended.code == 2
    assert told in ended.err


def test_labels_are_never_written_over_the_file_they_come_from(
    judge: Command, tmp_path: Path
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("transcript,label\nt,present\n", encoding="utf-8")
    about = ("--rubric", "coercion", "--source", "human")
    told = judge("labels", "export", path, "--out", path, *about)
    assert (told.code, path.read_text("utf-8")[:10]) == (2, "transcript")
    assert "this command reads that file" in told.err


def test_any_label_file_can_be_written_in_another_form(
    judge: Command, tmp_path: Path
) -> None:
    (tmp_path / "wide.csv").write_text("transcript,ann\nt,3\n", encoding="utf-8")
    about = ("--rubric", "coercion", "--source", "human", "--threshold", 2)
    told = judge("labels", "export", "wide.csv", "--out", "long.csv", *about)
    assert told.code == 0, told.err
    with Path("long.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["labeler"], row["label"], row["severity"]) == ("ann", "present", "3")


DEV = data_dir("calibration_data") / "dev.jsonl"


def test_tasks_are_written_for_a_queue_in_its_order(
    judge: Command, tmp_path: Path
) -> None:
    ids = [each.id for each in load_transcripts(DEV)][:3]
    queue = "\n".join(("transcript", *reversed(ids)))
    (tmp_path / "queue.csv").write_text(queue, encoding="utf-8")
    about = ("--rubric", "coercion", "--out", "studio")
    told = judge("labels", "tasks", DEV, *about, "--queue", "queue.csv")
    assert told.code == 0, told.err
    assert told.out.startswith("3 tasks are in studio")
    tasks = json.loads(Path("studio/tasks.json").read_text("ascii"))
    assert [task["data"]["transcript_id"] for task in tasks] == ids[::-1]
    names = sorted(path.name for path in Path("studio").iterdir())
    assert names == ["config.xml", "guide.md", "tasks.json"]


def test_a_queue_of_other_transcripts_writes_no_tasks(
    judge: Command, tmp_path: Path
) -> None:
    (tmp_path / "queue.csv").write_text("transcript\nnobody\n", encoding="utf-8")
    about = ("--rubric", "coercion", "--out", "studio", "--queue", "queue.csv")
    told = judge("labels", "tasks", DEV, *about)
    assert told.code == 2
    assert "queue.csv names 'nobody', which is not among the transcripts" in told.err
    assert not Path("studio").exists()


def test_what_cannot_be_read_or_named_is_told_by_the_exit_code(
    judge: Command, tmp_path: Path
) -> None:
    said = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "N"}]
    lines = [{"id": " ", "messages": said}, {"id": "t", "messages": said}]
    text = "\n".join([*map(json.dumps, lines), "{"])
    (tmp_path / "talks.jsonl").write_text(text, encoding="utf-8")
    told = judge("labels", "tasks", "talks.jsonl", "--rubric", "coercion", "--out", "s")
    assert told.code == 3
    assert "left out: " in told.err
    assert len(json.loads(Path("s/tasks.json").read_text("ascii"))) >= 1


# From a judge's results to a plan, the desk, and what they say together


def answers(path: Path, plan: Path) -> list[Item]:
    """Label a plan's queue at the desk, as two people would."""
    items = read_queue(plan)
    with Ledger(path) as ledger:
        desk = Desk.opened(
            ledger, load_rubric("coercion"), load_transcripts(DEV), items=items
        )
        desk.deal(["ann", "bob"], overlap=2, repeats=0.0, seed=1)
        for seat in ledger.seats():
            ledger.add(seat.place.labeler, *_said(seat.place.transcript))
    return items


def _said(name: str) -> tuple[str, Answer]:
    severity = 3 if sum(name.encode()) % 3 == 0 else 0
    label = "present" if severity else "absent"
    return name, Answer.model_validate({"label": label, "severity": severity})


def judged(judge: Command) -> None:
    about = ("--model", "embedded", "--rubric", "coercion", "--quiet")
    told = judge("score", DEV, *about, "--out", "results.jsonl")
    assert told.code in (0, 3), told.err
    told = judge("plan", "results.jsonl", "--n", 90, "--out", "queue.csv")
    assert told.code == 0, told.err


def test_from_a_judge_to_a_plan_to_the_desk_to_a_rate(
    judge: Command, tmp_path: Path
) -> None:
    judged(judge)
    items = answers(tmp_path / "labels.sqlite", tmp_path / "queue.csv")
    read = HumanLabels.load("labels.sqlite")
    drawn = {item.transcript: item.inclusion for item in items}
    assert len(read) == 180
    assert {x.transcript: x.inclusion for x in read} == drawn
    assert None not in drawn.values()
    about = ("results.jsonl", "labels.sqlite", "--json")
    rates = {}
    for sampling in ("by_judge", "weighted"):
        told = judge("prevalence", *about, "--sampling", sampling)
        assert told.code == 0, told.err
        rates[sampling] = json.loads(told.out)["estimate"]
    for rate in rates.values():
        assert rate["low"] < rate["value"] < rate["high"]
    assert rates["by_judge"]["value"] == pytest.approx(
        rates["weighted"]["value"], abs=0.05
    )


COMMANDS: Iterable[tuple[str, ...]] = (
    ("agreement", "labels.sqlite", "--run", "results.jsonl"),
    ("agreement", "labels.sqlite"),
    ("calibrate", "results.jsonl", "labels.sqlite", "--out", "c.json"),
    ("prevalence", "results.jsonl", "labels.sqlite"),
    ("compare", "results.jsonl", "labels.sqlite", "--by", "target_model"),
    ("report", "results.jsonl", "labels.sqlite", "--out", "r.html"),
    ("plan", "results.jsonl", "labels.sqlite", "--n", "9"),
    ("labels", "export", "labels.sqlite", "--out", "x.csv"),
)


def test_every_command_that_takes_labels_takes_the_desks_file_while_it_is_open(
    judge: Command, tmp_path: Path
) -> None:
    judged(judge)
    answers(tmp_path / "labels.sqlite", tmp_path / "queue.csv")
    with Ledger(tmp_path / "labels.sqlite") as ledger:
        ledger.add("ann", *_said(ledger.items[0].transcript))
        for words in COMMANDS:
            sampled = words[0] in ("calibrate", "prevalence", "compare", "report")
            told = judge(*words, *(("--sampling", "by_judge") * sampled))
            assert told.code in (0, 3), (words, told.err)
            other = [x.replace("labels.sqlite", "labels.csv") for x in words]
            if words[-1] != "x.csv":
                judge("labels", "export", "labels.sqlite", "--out", "labels.csv")
                again = judge(*other, *(("--sampling", "by_judge") * sampled))
                assert again.out == told.out, words


def test_a_store_of_judgements_is_no_label_file_and_the_message_says_which_is(
    judge: Command,
) -> None:
    about = ("--model", "embedded", "--rubric", "coercion", "--quiet")
    judge("score", DEV, *about, "--store", "runs.sqlite", "--out", "results.jsonl")
    told = judge("prevalence", "results.jsonl", "runs.sqlite")
    assert told.code == 2
    assert "runs.sqlite is a store of judgements and holds no labels" in told.err
    assert "--labels" in told.err
