"""Wrong files for the commands that measure: one sentence, nothing written over."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.labelled_files import LabelledFiles, labelled_files

Command = Callable[..., Any]
HEAD = "transcript,rubric,labeler,label,severity,source\n"
WORLD: dict[str, Any] = {
    "n": 120, "labelled": 60, "prevalence": 0.3, "sensitivity": 0.9, "seed": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> LabelledFiles:
    return labelled_files(tmp_path_factory.mktemp("files"), **WORLD)


def asked(command: str, results: object, labels: object) -> Sequence[object]:
    """The words of a command over these files."""
    if command == "agreement":
        return (command, labels, "--run", results)
    sampling = () if command == "plan" else ("--sampling", "random")
    by = ("--by", "target_model") if command == "compare" else ()
    return (command, results, labels, *sampling, *by)


COMMANDS = ("agreement", "calibrate", "prevalence", "compare", "plan", "report")
WRONG_LABELS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "has no column transcript, label"),
    "header-alone": (HEAD, "has no labels in it"),
    "blank-queue": (f"{HEAD}t1,deception,,,,\n", "has no labels in it"),
    "no-transcript": ("rubric,label\ndeception,present\n", "no column transcript"),
    "no-label": ("transcript,rubric\nt1,deception\n", "no column label"),
    "no-rubric": (
        "transcript,label,source\nt1,present,human\n", "rubric is not given.*--rubric"
    ),
    "no-source": (
        "transcript,rubric,label\nt1,deception,present\n", "source.*--source"
    ),
    "severity-alone": (f"{HEAD}t1,deception,ann,,3,human\n", "--threshold 2"),
    "other-transcripts": (
        f"{HEAD}z1,deception,ann,present,3,human\n", "other transcripts"
    ),
    "other-rubric": (f"{HEAD}t1,coercion,ann,present,3,human\n", "coercion"),
    "two-where-one": (
        f"{HEAD}t1,deception,,present,3,human\nt1,deception,,absent,3,human\n",
        "line 3: the transcript 't1' is labelled twice and nobody is named",
    ),
    "not-a-label": (f"{HEAD}t1,deception,ann,perhaps,3,human\n", "got 'perhaps'"),
    "not-a-severity": (
        f"{HEAD}t1,deception,ann,present,40,human\n", "line 2, severity"
    ),
    "not-a-source": (f"{HEAD}t1,deception,ann,present,3,robot\n", "line 2, source"),
    "more-cells": (f"{HEAD}t1,deception,ann,present,3,human,x\n", "7 cells for 6"),
    "open-quote": (f'{HEAD}t1,deception,"ann,present,3,human\n', "is no CSV"),
    "binary": (bytes(range(256)) * 9, "not UTF-8"),
    "results": (
        "transcript_id,rubric,status,score,fingerprint\nt1,deception,scored,1,f\n",
        "judge's results, not of labels",
    ),
    "wide-without-rubric": ("transcript,ann,bob\nt1,yes,no\n", "rubric is not given"),
    "unknown-json": ('[{"a": 1}]', "has no known label format"),
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("content", "told"), WRONG_LABELS.values(), ids=list(WRONG_LABELS)
)
def test_a_wrong_label_file_is_one_sentence(
    judge: Command,
    files: LabelledFiles,
    tmp_path: Path,
    command: str,
    content: str | bytes,
    told: str,
) -> None:
    path = tmp_path / ("l.json" if content[:1] == "[" else "l.csv")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    _refused(judge(*asked(command, files.results, path)), told)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("name", "told"),
    [("nothing.csv", "nothing.csv.*No such file"), ("folder", "folder.*directory")],
)
def test_labels_that_are_no_file(
    judge: Command,
    files: LabelledFiles,
    tmp_path: Path,
    command: str,
    name: str,
    told: str,
) -> None:
    (tmp_path / "folder").mkdir()
    _refused(judge(*asked(command, files.results, name)), told)


WRONG_RESULTS: dict[str, tuple[str, bytes | None, str]] = {
    "none": ("r.jsonl", None, "no such file of results"),
    "no-parquet": ("r.parquet", None, "no such file of results"),
    "binary": ("r.db", bytes(range(256)), "is no file of results"),
    "json": ("r.json", b"[]", "is no file of results"),
    "binary-lines": ("r.jsonl", bytes(range(256)), "r.jsonl:1: this line is no"),
    "other-lines": ("r.jsonl", b'{"x": 1}\n', "no assessment .transcript_id: Field"),
    "empty-lines": ("r.jsonl", b"", "did not judge 'deception'|judged none"),
    "labels": ("r.csv", HEAD.encode() + b"t1,deception,a,present,3,human\n", "score"),
    "empty-table": ("r.csv", b"", "column"),
    "cut-off": ("r.jsonl", b'{"transcript_id": "t', "r.jsonl:1: this line is no"),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("wrong", WRONG_RESULTS.values(), ids=list(WRONG_RESULTS))
def test_a_wrong_file_of_results_is_one_sentence(
    judge: Command,
    files: LabelledFiles,
    tmp_path: Path,
    command: str,
    wrong: tuple[str, bytes | None, str],
) -> None:
    name, content, told = wrong
    if content is not None:
        (tmp_path / name).write_bytes(content)
    _refused(judge(*asked(command, name, files.labels)), told)


@pytest.mark.parametrize("command", COMMANDS)
def test_results_that_are_a_directory_or_another_database(
    judge: Command, files: LabelledFiles, tmp_path: Path, command: str
) -> None:
    _refused(judge(*asked(command, tmp_path, files.labels)), "is a directory")
    with sqlite3.connect(tmp_path / "own.db") as other:
        other.execute("CREATE TABLE mine (x)")
    other.close()
    _refused(judge(*asked(command, "own.db", files.labels)), "own.db")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("calibrate --seed -1", "--seed"),
        ("calibrate --sampling mine", "random, by_judge, weighted, borrowed"),
        ("calibrate --method mine", "sigmoid_logit_map"),
        ("calibrate --adjudication mine", "'majority', 'soft' or the name of a lab"),
        ("calibrate --rubric coercion", "no label is for|did not judge 'coercion'"),
        ("calibrate --source mine", "use human, author or model"),
        ("calibrate --label-format mine", "long_csv, wide_csv"),
        ("calibrate --label-format scout", "labels.csv is no scout"),
        ("calibrate --threshold 12", "severity from 1 to 9"),
        ("compare --by mine", "by='mine': there is no such column"),
        ("compare --by prompt --pair mine", "pair='mine': there is no such column|gr"),
        ("compare --by target_model --correction mine", "'holm' or 'bh'"),
        ("compare --by target_model", "model-a' only; a comparison needs two groups"),
        ("compare", "Missing option '--by'"),
        ("plan --half-width 3", "a share, such as 0.03 for 3 points; got 3"),
        ("plan --half-width nan", "a share, such as 0.03"),
        ("plan --n 0", "1 or more; got 0"),
        ("plan --n 9 --half-width 0.1", "name one goal"),
        ("report --calibration none.json", "none.json: no calibration can be read"),
        ("report --calibration labels.csv", "is no calibration"),
        pytest.param(
            "report --transcripts none",
            "no transcript can be read there",
            marks=pytest.mark.filterwarnings("ignore:1 of 1 inputs could not be read"),
        ),
        ("report --out r.txt", "must end in .html, .json or .csv"),
        ("report --out none/r.html", "a directory that exists"),
        ("calibrate --out c.csv", "must end in .json"),
        ("plan --out q.txt", "must end in .csv"),
    ],
)
def test_a_wrong_option_is_one_sentence(
    judge: Command, tmp_path: Path, words: str, told: str
) -> None:
    labelled_files(tmp_path, **WORLD)
    command, *options = words.split()
    done = judge(command, "results.jsonl", "labels.csv", *options)
    assert (done.code, done.out) == (2, "")
    assert re.search(told, done.err)
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("report results.csv labels.csv --out labels.csv", "labels.csv"),
        ("report results.csv labels.csv --out link.csv", "labels.csv"),
        ("report results.csv labels.csv --out results.csv", "results.csv"),
        ("calibrate results.jsonl labels.json --out labels.json", "labels.json"),
        ("report results.jsonl labels.csv --calibration c.json --out c.json", "c.json"),
        ("report results.jsonl labels.csv --transcripts t.json --out t.json", "t.json"),
        ("plan results.csv --out results.csv", "results.csv"),
        ("plan results.csv labels.csv --out labels.csv", "labels.csv"),
        ("plan results.csv --out queue.csv", "queue.csv"),
        ("plan results.csv --out old.csv", "old-key.csv"),
    ],
)
def test_nothing_is_written_over_what_may_be_needed(
    judge: Command, tmp_path: Path, words: str, lost: str
) -> None:
    names = ("results.csv", "labels.json", "c.json", "t.json", "queue.csv")
    for name in (*names, "old-key.csv"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    labelled_files(tmp_path, **WORLD)
    (tmp_path / "link.csv").symlink_to("labels.csv")
    before = (tmp_path / lost).read_bytes()
    done = judge(*words.split())
    _refused(done, r"--out.*name another")
    assert (tmp_path / lost).read_bytes() == before


def _refused(done: Any, told: str) -> None:
    assert (done.code, done.out) == (2, "")
    *before, last = done.err.splitlines()
    assert last.startswith("judge: ")
    assert all("left out" in line for line in before)
    assert re.search(told, last), last
    assert "errors.pydantic.dev" not in done.err
