"""Too little to go by: done, the figure refused or doubted by name, and exit code 3."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judge.engine.run import Run
from judge.verdict import Assessment
from tests.support.labelled_runs import labelled_run

Command = Callable[..., Any]
Table = Callable[[pd.DataFrame], pd.DataFrame]


def one_class(label: str) -> Table:
    return lambda labels: labels.assign(label=label, severity=None)


LABELS: Mapping[str, Table] = {
    "all": lambda labels: labels,
    "eight": lambda labels: labels.head(8),
    "absent": one_class("absent"),
    "present": one_class("present"),
    "unsure": one_class("unsure"),
    "of-an-author": lambda labels: labels.assign(source="author"),
}
JUDGES: Mapping[str, Mapping[str, Any]] = {
    "good": {},
    "yes-to-all": {"sensitivity": 1, "specificity": 0},
    "no-to-all": {"sensitivity": 0, "specificity": 1},
    "unscored": {"unscored": 1.0},
    "abstaining": {"abstained": 1.0},
}


def written(folder: Path, labels: str, judge: str) -> tuple[str, str]:
    run, table = labelled_run(
        **{"n": 150, "labelled": 80, "prevalence": 0.3, "seed": 2, **JUDGES[judge]}
    )
    Run(run).to_jsonl(folder / "r.jsonl")
    LABELS[labels](table).to_csv(folder / "l.csv", index=False)
    return "r.jsonl", "l.csv"


@pytest.mark.parametrize(
    ("world", "code", "told"),
    [
        ("all, good", 0, "Calibrated by"),
        ("eight, good", 3, "No calibration: 8 labels with a verdict; label 12 more"),
        ("absent, good", 3, "0 of 80 labels are present; 5 are needed"),
        ("present, good", 3, "0 of 80 labels are absent; 5 are needed"),
        ("unsure, good", 3, "0 labels with a verdict; label 20 more"),
        ("of-an-author, good", 0, "these are author labels, not human ones"),
        ("all, yes-to-all", 0, "it lets pass (specificity): 0.0 %"),
        ("all, no-to-all", 0, "the judge finds (sensitivity): 0.0 %"),
        (
            "all, unscored", 3,
            "0 labels with a verdict; 80 labelled transcripts unscored: judge them ag",
        ),
    ],
)  # fmt: skip
def test_a_calibration_is_made_or_refused(
    judge: Command, tmp_path: Path, world: str, code: int, told: str
) -> None:
    files = written(tmp_path, *world.split(", "))
    done = judge("calibrate", *files, "--sampling", "random", "--out", "c.json")
    assert done.code == code
    assert told in done.out
    assert (tmp_path / "c.json").exists() is (code == 0)
    assert ("c.json" in done.err) is (code == 0)


@pytest.mark.parametrize(
    ("world", "code", "told"),
    [
        ("all, good", 0, "80 human labels drawn at random"),
        ("eight, good", 3, "8 labelled transcripts with a verdict, fewer than 20"),
        ("absent, good", 0, "none of 80 labels is positive: an upper bound alone"),
        ("present, good", 0, "100.0"),
        ("unsure, good", 3, "label 20 more"),
        ("of-an-author, good", 0, "80 author labels"),
        ("all, yes-to-all", 0, "the judge says present of all"),
        ("all, no-to-all", 0, "the judge says absent of all"),
        ("all, unscored", 3, "the judge gave no verdict on any of 150 transcripts"),
        ("all, abstaining", 3, "the judge gave no verdict on any of 150"),
    ],
)
@pytest.mark.parametrize("command", ["prevalence", "report"])
def test_a_rate_is_given_or_refused(
    judge: Command,
    tmp_path: Path,
    command: str,
    world: str,
    code: int,
    told: str,
) -> None:
    files = written(tmp_path, *world.split(", "))
    done = judge(command, *files, "--sampling", "random")
    assert done.code == code
    assert told in done.out
    by_author = world.startswith("of-an-author")
    assert ("author labels, not human ones" in done.out) is by_author


def test_without_saying_how_labels_were_drawn_no_interval_is_given(
    judge: Command, tmp_path: Path
) -> None:
    files = written(tmp_path, "all", "good")
    done = judge("prevalence", *files, "--json")
    told = json.loads(done.out)
    assert (done.code, told["condition"]) == (3, "sampling_unknown")
    assert told["estimate"]["value"] is None
    assert told["estimate"]["reason"]
    assert told["estimate"]["remedy"]


@pytest.mark.parametrize("judged", ["good", "unscored"])
def test_a_report_that_refuses_its_figure_is_written_all_the_same(
    judge: Command, tmp_path: Path, judged: str
) -> None:
    files = written(tmp_path, "eight", judged)
    done = judge("report", *files, "--sampling", "random", "--out", "r.html")
    assert (done.code, done.err) == (3, "the report is in r.html\n")
    assert "REFUSED" in (tmp_path / "r.html").read_text("utf-8").upper()


def test_one_labeler_alone_agrees_with_nobody(judge: Command, tmp_path: Path) -> None:
    results, labels = written(tmp_path, "all", "good")
    alone = judge("agreement", labels)
    assert (alone.code, "fewer than two" in alone.out) == (3, True)
    beside = judge("agreement", labels, "--run", results)
    assert beside.code == 3
    assert "With the judge, ann and judge, on 80 transcripts:" in beside.out


def test_nothing_is_planned_from_a_judge_that_said_nothing(
    judge: Command, tmp_path: Path
) -> None:
    results, _ = written(tmp_path, "all", "unscored")
    done = judge("plan", results, "--out", "q.csv")
    assert (done.code, done.out) == (2, "")
    assert "the judge gave no verdict on any transcript" in done.err
    assert not (tmp_path / "q.csv").exists()


def test_two_groups_of_few_labels_are_not_compared(
    judge: Command, tmp_path: Path
) -> None:
    runs: list[Assessment] = []
    tables = []
    for name in ("a", "b"):
        run, table = labelled_run(60, 6, 0.3, target_model=name, prefix=name, seed=1)
        runs += run
        tables.append(table)
    Run(runs).to_jsonl(tmp_path / "r.jsonl")
    pd.concat(tables).to_csv(tmp_path / "l.csv", index=False)
    by = ("--by", "target_model", "--sampling", "random")
    done = judge("compare", "r.jsonl", "l.csv", *by)
    assert (done.code, done.err) == (3, "")
    assert "fewer than 20" in done.out
