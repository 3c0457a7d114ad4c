"""The commands that measure a judge: what they show, what they leave, how they end."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import judge as library
from judge._data import data_dir
from judge.calibration.agreement.stand_in import stand_in
from judge.calibration.summary import summarise
from judge.engine.judge import Judge
from judge.labels.labels import HumanLabels
from judge.reports.visible import columns
from judge.transcripts.load import load_transcripts
from tests.support.labelled_files import LabelledFiles, labelled_files, two_models

Command = Callable[..., Any]
WORLD: dict[str, Any] = {
    "n": 240, "labelled": 90, "prevalence": 0.3, "labelers": ("ann", "bob"),
    "human_error": 0.08, "abstained": 0.02, "unscored": 0.02, "seed": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> LabelledFiles:
    return labelled_files(tmp_path_factory.mktemp("one"), **WORLD)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> LabelledFiles:
    return two_models(tmp_path_factory.mktemp("two"), **WORLD)


COMMANDS: dict[str, Callable[[LabelledFiles], tuple[object, ...]]] = {
    "agreement": lambda f: ("agreement", f.labels),
    "agreement-run": lambda f: ("agreement", f.labels, "--run", f.results),
    "calibrate": lambda f: ("calibrate", *f, "--sampling", "random"),
    "prevalence": lambda f: ("prevalence", *f, "--sampling", "random"),
    "plan": lambda f: ("plan", *f, "--half-width", "0.08"),
    "report": lambda f: ("report", *f, "--sampling", "random"),
}
LIBRARY: dict[str, Callable[[Path, Path], Any]] = {
    "agreement": lambda _, labels: library.agreement(labels),
    "calibrate": lambda r, x: library.calibrate(r, x, sampling="random"),
    "prevalence": lambda r, x: library.prevalence(r, x, sampling="random"),
    "plan": lambda r, x: library.plan_labels(r, x, half_width=0.08),
    "report": lambda r, x: summarise(r, x, sampling="random"),
}


def as_json(result: Any) -> Any:
    return json.loads(json.dumps(result.to_dict(), allow_nan=False))


def words(text: str) -> str:
    """The text without its line breaks and margins."""
    return " ".join(text.split())


@pytest.mark.parametrize("name", LIBRARY)
def test_as_json_a_command_says_what_the_library_does(
    judge: Command, files: LabelledFiles, name: str
) -> None:
    told = judge(*COMMANDS[name](files), "--json")
    assert (told.code, told.err) == (0, "")
    assert json.loads(told.out) == as_json(LIBRARY[name](*files))


@pytest.mark.parametrize("name", LIBRARY)
def test_its_lines_are_those_of_the_library(
    judge: Command, files: LabelledFiles, name: str
) -> None:
    told = judge(*COMMANDS[name](files))
    assert told.out.splitlines() == LIBRARY[name](*files).lines()


def test_agreement_with_a_run_has_the_stand_in_beside_it(
    judge: Command, files: LabelledFiles
) -> None:
    told = judge(*COMMANDS["agreement-run"](files), "--margin", "0.2", "--json")
    assert json.loads(told.out) == {
        "agreement": as_json(library.agreement(files.labels, files.results)),
        "stand_in": as_json(stand_in(files.labels, files.results, margin=0.2)),
    }


def test_models_are_compared_by_a_column_of_their_metadata(
    judge: Command, two: LabelledFiles
) -> None:
    options = ("--by", "target_model", "--sampling", "random", "--json")
    told = judge("compare", *two, *options)
    found = library.compare(*two, by="target_model", sampling="random")
    assert (told.code, json.loads(told.out)) == (0, as_json(found))


@pytest.mark.parametrize("name", COMMANDS)
def test_in_a_terminal_no_line_is_wider_than_it(
    judge: Command, files: LabelledFiles, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = judge(*COMMANDS[name](files)).out
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    shown = judge(*COMMANDS[name](files)).out
    assert max(columns(line) for line in plain.splitlines()) > 50
    assert max(columns(line) for line in shown.splitlines()) <= 50
    assert words(shown) == words(plain)
    assert shown.splitlines().count("") == plain.splitlines().count("")


def test_the_same_seed_says_the_same_and_another_does_not(
    judge: Command, files: LabelledFiles
) -> None:
    def queue(seed: int) -> str:
        told = judge("plan", files.results, "--n", 40, "--seed", seed, "--json")
        return str(json.loads(told.out)["to_label"])

    assert queue(1) == queue(1) != queue(2)


def test_the_queue_tells_no_verdict_and_its_key_does(
    judge: Command, files: LabelledFiles, tmp_path: Path
) -> None:
    told = judge("plan", files.results, "--n", 40, "--out", "queue.csv")
    assert told.code == 0
    assert "keep it from labelers" in told.err
    queue, key = (_rows(tmp_path / x) for x in ("queue.csv", "queue-key.csv"))
    plan = library.plan_labels(files.results, n=40)
    assert [row["transcript"] for row in queue] == [x.transcript for x in plan.to_label]
    assert {value for row in queue for value in row.values()} == {
        "", "deception", *(row["transcript"] for row in queue)
    }  # fmt: skip
    assert [row["stratum"] for row in key] == [x.stratum for x in plan.to_label]
    assert [float(row["inclusion"]) for row in key] == pytest.approx(
        [x.inclusion for x in plan.to_label]
    )


def test_a_queue_is_labelled_in_part_and_planned_from_again(
    judge: Command, files: LabelledFiles, tmp_path: Path
) -> None:
    judge("plan", files.results, "--n", 60, "--out", "queue.csv")
    rows = _rows(tmp_path / "queue.csv")
    for place, row in enumerate(rows[:45]):
        row.update(label="yes" if place % 3 else "No", labeler="cleo", severity="")
    _write(tmp_path / "queue.csv", rows)
    told = judge(
        "plan", files.results, "queue.csv", "--source", "human", "--n", 10,
        "--out", "more.csv",
    )  # fmt: skip
    assert told.code == 0
    assert "queue.csv: 15 rows have no label yet, left out" in told.err
    assert "45 are." in told.out
    again = {row["transcript"] for row in _rows(tmp_path / "more.csv")}
    assert len(again) == 10
    assert not again & {row["transcript"] for row in rows[:45]}


@pytest.mark.parametrize("ending", ["html", "json", "csv"])
def test_a_report_is_written_beside_what_is_shown(
    judge: Command, files: LabelledFiles, tmp_path: Path, ending: str
) -> None:
    told = judge(*COMMANDS["report"](files), "--out", f"r.{ending}")
    assert (told.code, told.err) == (0, f"the report is in r.{ending}\n")
    found = summarise(*files, sampling="random")
    text = (tmp_path / f"r.{ending}").read_text("utf-8-sig")
    if ending == "html":
        assert found.prevalence.sentence.split(";")[-1].strip() in words(text)
    elif ending == "json":
        assert json.loads(text) == as_json(found)
    else:
        ids = [row["transcript"] for row in csv.DictReader(text.splitlines())]
        assert ids == [case.transcript for case in found.cases]


def test_a_calibration_made_here_is_taken_by_score(
    judge: Command, tmp_path: Path
) -> None:
    data = data_dir("calibration_data")
    model = f"replay:{data / 'recorded' / 'judge.jsonl'}"
    labels = HumanLabels.load(data / "labels.csv").for_rubric("deception")
    labels.to_csv(tmp_path / "labels.csv")
    texts = [
        text
        for text in load_transcripts(data / "dev.jsonl")
        if text.id in labels.transcripts
    ]
    run = Judge(model, rubrics="deception").score_many(texts, progress=False)
    run.to_jsonl(tmp_path / "dev.jsonl")
    made = judge(
        "calibrate", "dev.jsonl", "labels.csv", "--sampling", "random",
        "--out", "deception.json",
    )  # fmt: skip
    assert (made.code, made.err) == (0, "the calibration is in deception.json\n")
    told = judge(
        "score", data / "test.jsonl", "--model", model, "--rubric", "deception",
        "--calibration", "deception.json", "--json",
    )  # fmt: skip
    results = [
        result
        for line in told.out.splitlines()
        for result in json.loads(line)["results"]
        if result["status"] == "scored"
    ]
    labelled = [one["deception"].score or 0 for one in run]
    assert len(results) > 50
    for result in results:
        inside = min(labelled) <= result["score"] <= max(labelled)
        assert (result["probability"] is not None) is inside


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
