"""``judge demo``: with no key, and without a word that could be taken for skill."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from judge._data import data_dir
from judge.cli.demo_labels import author_labels, compare
from judge.cli.demo_measured import FOOT, HEAD, measured, measured_lines
from judge.cli.main import run
from judge.engine.embedded_figures import FIGURES
from judge.engine.run import Run
from judge.errors import UsageError
from judge.labels.labels import HumanLabels
from judge.reports.page import Label
from judge.reports.terminal import BASELINE
from judge.transcripts.load import load_transcripts
from judge.verdict import Assessment, Unscored, Verdict

Command = Callable[..., Any]


class Shown(NamedTuple):
    """What the demo said and left."""

    code: int
    out: str
    err: str
    folder: Path


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The demo of the recorded judge, which takes some seconds, run once."""
    folder = tmp_path_factory.mktemp("demo")
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = run(["demo", "--out", str(folder)])
    return Shown(code, out.getvalue(), err.getvalue(), folder)


def words(text: str) -> str:
    """The text without its line breaks and margins."""
    return " ".join(text.split())


def test_it_says_first_that_its_judge_was_recorded(told: Shown) -> None:
    assert told.code == 0
    assert "60 invented transcripts" in words(told.out)[:60]
    assert "Its replies were recorded" in words(told.out)[:300]


def test_it_lists_where_judge_and_author_part(told: Shown) -> None:
    counts = re.findall(r"disagrees with (\d+)", words(told.out))
    assert told.out.count("; author severity") == sum(map(int, counts)) > 0


def test_the_baseline_says_what_it_is_and_how_little_it_knows(judge: Command) -> None:
    told = judge("demo", "--model", "embedded")
    assert told.code == 0
    assert BASELINE in words(told.out)
    for rubric, figures in FIGURES.items():
        assert f"{rubric}: " in words(told.out)
        assert str(figures[0]) in words(told.out)


def test_it_compares_with_labels_that_it_calls_the_authors(told: Shown) -> None:
    assert "Against the authors (labels by the authors, not human raters):" in told.out
    for rubric in FIGURES:
        assert f"{rubric}: agrees with " in told.out
    assert words(told.out).count("of 20 labels, disagrees with ") == 3


def test_it_shows_verdicts_with_their_evidence_in_context(told: Shown) -> None:
    assert told.out.count("  Author's label: ") == 3
    assert ">>" in told.out
    assert "<<" in told.out


def test_it_leaves_results_and_a_page(judge: Command, tmp_path: Path) -> None:
    told = judge("demo", "--out", "some/where")
    out = tmp_path / "some" / "where"
    assert str(Path("some/where/index.html")) in told.err
    assert len(Run.from_jsonl(out / "results.jsonl")) == 60
    with (out / "results.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 180
    page = (out / "index.html").read_text("utf-8")
    assert page.count('<details class="transcript">') == 60
    assert page.count("Label by the authors, not human raters") == 60
    assert page.count("<mark") > 60
    assert "The transcripts are invented" in page


def test_a_file_in_the_place_of_the_directory_is_told(
    judge: Command, tmp_path: Path
) -> None:
    (tmp_path / "demo").write_text("mine", encoding="utf-8")
    told = judge("demo")
    assert (told.code, told.out) == (2, "")
    assert "--out demo" in told.err


def test_agreement_is_counted_over_labelled_results_only(
    verdict: Callable[..., Verdict],
    unscored: Callable[..., Unscored],
    assessed: Callable[..., Assessment],
) -> None:
    present, absent = (
        Label(present=True, severity="3"),
        Label(present=False, severity="0"),
    )
    labels = {
        (name, "deception"): label
        for name, label in {
            "hit": present, "miss": present, "alarm": absent, "open": absent,
            "none": present,
        }.items()
    }  # fmt: skip
    counts = compare(
        [
            assessed("hit", verdict(level=2), verdict("coercion", level=4)),
            assessed("miss", verdict(level=1)),
            assessed("alarm", verdict(level=3)),
            assessed("open", verdict(level=None)),
            assessed("none", unscored()),
            assessed("unlabelled", verdict(level=3)),
        ],
        labels,
    )
    assert str(counts["deception"]) == (
        "agrees with 1 of 5 labels, disagrees with 2 (missed 1, raised 1 falsely), "
        "no answer on 2"
    )
    assert list(counts) == ["deception"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("transcript,rubric\na,b\n", id="no-such-columns"),
        pytest.param(
            "transcript,rubric,label,severity,source,note\na,b,present,1,human,\n",
            id="of-another-source",
        ),
    ],
)
def test_labels_that_are_not_the_authors_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="labels"):
        author_labels(path)


def test_it_ends_with_the_recorded_judge_measured(told: Shown) -> None:
    _, _, end = words(told.out).partition("The recorded judge measured: ")
    assert "every figure from the test split, which it was not fitted to" in end
    assert "These are author labels, not human ones" in end
    assert not re.search(r"\bhuman labels?\b|\bpeople\b", end)
    for rubric in FIGURES:
        assert f"{rubric}: 50.0 % [" in end
        page = (told.folder / f"report-{rubric}.html").read_text("utf-8")
        assert "author labels, not human ones" in page
        assert page.count("<mark") > 5
    assert "report-deception.html" in told.err


def test_only_the_recorded_judge_is_measured(judge: Command, tmp_path: Path) -> None:
    told = judge("demo", "--model", "embedded")
    assert HEAD[:30] not in words(told.out)
    assert list((tmp_path / "demo").glob("report-*")) == []


def test_every_figure_of_the_measured_judge_is_of_the_test_split(
    tmp_path: Path,
) -> None:
    data = data_dir("calibration_data")
    ids = {
        split: {text.id for text in load_transcripts(data / f"{split}.jsonl")}
        for split in ("dev", "test")
    }
    labels = HumanLabels.load(data / "labels.csv")
    assert not ids["dev"] & ids["test"]
    for found in measured(tmp_path):
        about = set(labels.for_rubric(found.rubric).transcripts)
        made = found.calibration.calibration
        assert made is not None
        assert (found.held_out, found.source) == (True, "author")
        assert made.fitted_on.n == len(about & ids["dev"])
        assert {case.transcript for case in found.cases} == about & ids["test"]
        assert found.status != "good"
        lines = list(measured_lines(found, 60))
        assert max(map(len, lines)) <= 60
        assert found.prevalence.sentence in words(" ".join(lines))
    assert "author labels, not human ones" in FOOT
