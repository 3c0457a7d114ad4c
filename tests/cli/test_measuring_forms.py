"""Whatever form results and labels come in, the commands say the same of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judge.engine.run import Run
from tests.support.labelled_runs import labelled_run

Command = Callable[..., Any]
Writer = Callable[[pd.DataFrame, Path], tuple[str, ...]]


def table() -> pd.DataFrame:
    """Labels by two people, severities 0 to 4 that say the same."""
    _, labels = labelled_run(90, 60, 0.4, labelers=("ann", "bob"), human_error=0.1)
    return labels


def run() -> Run:
    made, _ = labelled_run(90, 60, 0.4, labelers=("ann", "bob"), human_error=0.1)
    return Run(made)


def long(labels: pd.DataFrame, path: Path) -> tuple[str, ...]:
    labels.to_csv(path / "long.csv", index=False)
    return ("long.csv",)


def semicolons(labels: pd.DataFrame, path: Path) -> tuple[str, ...]:
    labels.to_csv(path / "l.csv", index=False, sep=";", encoding="utf-8-sig")
    return ("l.csv",)


def shuffled(labels: pd.DataFrame, path: Path) -> tuple[str, ...]:
    return long(labels.sample(frac=1, random_state=3), path)


def severities(labels: pd.DataFrame, path: Path) -> tuple[str, ...]:
    labels.drop(columns="label").to_csv(path / "s.csv", index=False)
    return ("s.csv", "--threshold", "2")


def wide(labels: pd.DataFrame, path: Path) -> tuple[str, ...]:
    made = labels.pivot_table(
        index="transcript", columns="labeler", values="label", aggfunc="first"
    )
    made.to_csv(path / "wide.csv")
    return ("wide.csv", "--rubric", "deception", "--source", "human")


def label_studio(labels: pd.DataFrame, path: Path) -> tuple[str, ...]:
    tasks = [
        {
            "id": number,
            "data": {"transcript": name},
            "annotations": [
                {"completed_by": {"email": row.labeler}, "result": [_choice(row.label)]}
                for row in said.itertuples()
            ],
        }
        for number, (name, said) in enumerate(labels.groupby("transcript"))
    ]
    (path / "ls.json").write_text(json.dumps(tasks), encoding="utf-8")
    return ("ls.json", "--rubric", "deception")


def _choice(label: object) -> dict[str, Any]:
    return {
        "type": "choices",
        "from_name": "label",
        "to_name": "text",
        "value": {"choices": [str(label).capitalize()]},
    }


def with_another_rubric(labels: pd.DataFrame, path: Path) -> tuple[str, ...]:
    other = labels.assign(rubric="coercion", label="absent")
    return (*long(pd.concat([labels, other]), path), "--rubric", "deception")


@pytest.mark.parametrize(
    "form",
    [semicolons, shuffled, severities, wide, label_studio, with_another_rubric],
    ids=lambda form: form.__name__,
)
@pytest.mark.parametrize("command", ["prevalence", "calibrate"])
def test_labels_say_the_same_in_any_form(
    judge: Command, tmp_path: Path, form: Writer, command: str
) -> None:
    run().to_jsonl(tmp_path / "r.jsonl")

    def told(written: Writer) -> Any:
        words = written(table(), tmp_path)
        done = judge(command, "r.jsonl", *words, "--sampling", "random", "--json")
        assert (done.code, done.err) == (0, "")
        kept = json.loads(done.out)
        if command == "prevalence":
            return kept
        return kept["discrimination"], kept["reliability"], kept["counts"]

    assert told(form) == told(long)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_results_say_the_same_as_a_table(
    judge: Command, tmp_path: Path, form: str
) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow")
    run().to_jsonl(tmp_path / "r.jsonl")
    getattr(run(), f"to_{form}")(tmp_path / f"r.{form}")
    long(table(), tmp_path)
    told = [
        json.loads(
            judge("prevalence", name, "long.csv", "--sampling", "random", "--json").out
        )
        for name in ("r.jsonl", f"r.{form}")
    ]
    assert told[0] == told[1]


def test_results_may_be_the_store_that_was_judged_into(
    judge: Command, chats: Callable[..., Path], tmp_path: Path
) -> None:
    path = chats(*[f"I lied about {n}." if n % 2 else "All done." for n in range(24)])
    judge(
        "score", path, "--model", "embedded", "--rubric", "deception",
        "--store", "s.db", "--out", "r.jsonl",
    )  # fmt: skip
    ids = [f"chat-{n}" for n in range(24)]
    labels = pd.DataFrame({"transcript": ids, "label": ["no", "yes"] * 12})
    labels.to_csv(tmp_path / "l.csv", index=False)
    told = [
        judge(
            "prevalence", name, "l.csv", "--sampling", "random", "--source", "human",
            "--rubric", "deception",
        ).out
        for name in ("s.db", "r.jsonl")
    ]  # fmt: skip
    assert told[0] == told[1]
    assert "24 human labels" in told[0]
