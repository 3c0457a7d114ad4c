"""The report: the same numbers in every form, and files that are written whole."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from judge.calibration.summary import Summary, summarise
from judge.errors import StoreError, UsageError
from judge.labels.labels import HumanLabels
from judge.reports.report import render_report, write_report, write_summary
from judge.statistics.estimate import Estimate
from tests.support.html_page import Element, read_page
from tests.support.labelled_runs import labelled_run

PEOPLE = ("ann", "bob", "cyd")


@cache
def world() -> tuple[Any, pd.DataFrame]:
    run, labels = labelled_run(
        300, 80, 0.25, labelers=PEOPLE, human_error=0.1, abstained=0.03, unscored=0.03
    )
    return run, labels


@cache
def summary() -> Summary:
    return summarise(*world(), sampling="random", again=[world()[0][:250]])


def read(found: Summary, **more: Any) -> Element:
    return read_page(render_report(found, **more))


@cache
def shown() -> Element:
    return read(summary())


def _words(element: Element) -> str:
    return element.text.replace("\xa0", " ")


def section(name: str) -> str:
    return _words(shown().one("section", **{"aria-labelledby": name}))


def test_the_sentence_and_its_status_come_first() -> None:
    head = shown().one("header")
    told = _words(head)
    assert told.index("GOOD") < told.index(summary().prevalence.sentence)
    assert told.index(summary().prevalence.sentence) < told.index("some/model")
    assert summary().described in told
    assert (summary().fingerprint or "none") in told


def _strata(found: Summary) -> Any:
    return found.prevalence.strata


def _pairs(found: Summary) -> list[tuple[str, Estimate]]:
    return [
        (" and ".join(one.raters), one.alpha)
        for one in (*found.agreement.pairs, *found.agreement.with_judge)
    ]


def _ceiling(found: Summary) -> Estimate:
    assert found.repeats is not None
    return found.repeats.ceiling


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("table", lambda found: list(found.calibration.discrimination.rows())[:4]),
        ("common", lambda found: found.prevalence.rows()),
        ("common", lambda found: [(one.name, one.share) for one in _strata(found)]),
        ("agreement", lambda found: list(found.agreement.overall.rows())[:6]),
        ("agreement", _pairs),
        ("agreement", lambda found: [("alpha", found.stand_in.difference)]),
        ("agreement", lambda found: [("mean", found.stand_in.with_judge)]),
        ("probabilities", lambda found: found.calibration.reliability.rows()),
        ("threshold", lambda found: list(found.calibration.discrimination.rows())[4:]),
        ("again", lambda found: [("", found.repeats.flipped), ("", _ceiling(found))]),
        ("severity", lambda found: found.agreement.overall.severity.rows()),
    ],
)
def test_every_number_is_the_summary_s(where: str, rows: Any) -> None:
    told = section(where)
    found = list(rows(summary()))
    assert found
    for name, estimate in found:
        assert str(estimate) in told, name
        assert name.removeprefix("severity, ") in told


def test_each_pair_has_its_row_of_coefficients() -> None:
    found = summary().agreement
    caption = {"aria-label": "Agreement on presence"}
    rows = shown().one("div", **caption).one("tbody").all("tr")
    told = {row.one("th").text: [cell.text for cell in row.all("td")] for row in rows}
    for one in (*found.pairs, *found.with_judge):
        figures = list(dict(one.rows()).values())[:6]
        assert told[" and ".join(one.raters)] == [str(one.n), *map(str, figures)]


def test_what_has_no_verdict_is_counted_and_bounded() -> None:
    told = section("common")
    found = summary().prevalence
    assert f"unscored {found.unscored}" in told
    assert f"abstained {found.abstained}" in told
    assert found.worst_case is not None
    low, high = found.worst_case
    assert f"{100 * low:.1f} to {100 * high:.1f} %" in told


def test_the_plan_for_the_next_labels_is_told() -> None:
    plan = summary().next_labels
    assert plan is not None
    told = section("next")
    assert plan.lines()[0] in told
    assert f"{plan.strata[0].judged} {plan.strata[0].labelled}" in told


def test_whether_the_judge_can_stand_in_is_told() -> None:
    found = summary().stand_in
    assert found is not None
    told = section("agreement")
    assert found.lines()[0] in told
    assert "The margin is -0.1." in told
    assert "Alternative annotator test" in told
    assert told.count(str(found.difference)) == 2  # in the chart, and in its words


def test_a_note_is_said_once() -> None:
    told = _words(shown())
    for note in summary().notes:
        assert told.lower().count(note.lower()) == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"labelled": 8}, ["REFUSED", "8 labelled transcripts", "Label 12 more."]),
        ({"asked": "unknown"}, ["REFUSED", "it is not known how", "sampling="]),
        (
            {"source": "author"},
            ["CAUTION", "These are author labels, not human ones: they say"],
        ),
        ({"prevalence": 0.0}, ["CAUTION", "At most", "What would lift it: "]),
        ({}, ["GOOD"]),
    ],
    ids=["eight labels", "sampling unknown", "by the author", "none present", "good"],
)
def test_the_status_is_a_word_with_its_reason(
    given: dict[str, Any], words: list[str]
) -> None:
    asked = given.pop("asked", "random")
    run, labels = labelled_run(**{"n": 200, "labelled": 60} | given)
    told = _words(read(summarise(run, labels, sampling=asked)).one("header"))
    for word in words:
        assert word in told


def test_a_status_of_caution_is_never_without_a_reason() -> None:
    """The rate is good, and there are too few present to fit anything."""
    run, labels = labelled_run(300, 60, 0.06, seed=4)
    found = summarise(run, labels, sampling="random")
    assert (found.status, found.calibration.status) == ("caution", "refused")
    told = _words(read(found).one("header"))
    assert found.calibration.refusal in told


def test_labels_by_the_author_are_never_called_human() -> None:
    run, labels = labelled_run(200, 60, source="author", labelers=("author",))
    read_labels = HumanLabels.load(labels)
    found = summarise(run, read_labels, sampling="random")
    told = _words(read(found, run=run, labels=read_labels))
    assert "author: " in told
    assert "human" not in told.replace("not human ones", "")


def test_doubts_stand_once_under_their_table_and_mark_the_figures() -> None:
    run, labels = labelled_run(100, 9, 0.4)
    told = _words(read(summarise(run, labels, sampling="random")))
    auc = summarise(run, labels, sampling="random").calibration.discrimination.auc
    assert auc.status == "caution"
    assert f"{auc} *" in told
    assert told.count(f"* Caution: {auc.reason}") == 1


def test_json_has_the_same_numbers(tmp_path: Path) -> None:
    write_summary(summary(), out := tmp_path / "report.json")
    told = json.loads(out.read_text())
    assert told == json.loads(json.dumps(summary().to_dict()))
    assert told["sentence"] == summary().prevalence.sentence


def test_csv_has_the_transcripts_disagreements_first(tmp_path: Path) -> None:
    write_summary(summary(), out := tmp_path / "report.CSV")
    table = pd.read_csv(out)
    assert list(table["transcript"]) == [case.transcript for case in summary().cases]
    wrong = table["cell"].isin(["missed", "false_alarm"])
    assert wrong.iloc[: wrong.sum()].all()


def test_one_call_writes_what_it_returns(tmp_path: Path) -> None:
    run, labels = world()
    out = tmp_path / "report.html"
    found = write_report(iter(run), labels, out, sampling="random", seed=3)
    assert found.prevalence.sentence in out.read_text("utf-8").replace("\xa0", " ")
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("name", ["report.html", "report.json", "report.csv"])
def test_what_cannot_be_written_raises_and_leaves_nothing(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "kept").touch()
    for out in (tmp_path / name, tmp_path / "nowhere" / name):
        with pytest.raises(StoreError, match="cannot be written"):
            write_summary(summary(), out)
    assert [one.name for one in tmp_path.rglob("*")] == [name, "kept"]


@pytest.mark.parametrize("name", ["report", "report.txt", "report.html.gz"])
def test_another_ending_is_refused_before_anything_is_computed(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match="must end in"):
        write_report("no such run", "no such labels", tmp_path / name)
    with pytest.raises(UsageError, match="must end in"):
        write_summary(summary(), tmp_path / name)
    assert not list(tmp_path.iterdir())
