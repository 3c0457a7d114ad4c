"""One summary, the same in a terminal, a notebook, a page and JSON."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from judge.calibration.probability.calibrate import calibrate
from judge.calibration.summary import Case, Summary, summarise
from judge.engine.run import Run
from judge.errors import CalibrationMismatch, UsageError
from judge.labels.labels import HumanLabels
from judge.provenance import Frozen
from judge.reports.report import render_report
from judge.statistics.estimate import Estimate
from tests.support.builders import made_by
from tests.support.labelled_runs import labelled_run

WORLD: Mapping[str, Any] = {
    "n": 260, "labelled": 110, "prevalence": 0.35, "seed": 3,
    "labelers": ("ann", "bob"), "human_error": 0.06,
}  # fmt: skip
WORLDS: Mapping[str, Mapping[str, Any]] = {
    "two-people": {},
    "by-judge": {"sampling": "by_judge"},
    "one-person": {"labelers": ("ann",)},
    "an-author": {"labelers": ("author",), "source": "author"},
    "abstained-and-unscored": {"abstained": 0.05, "unscored": 0.1},
    "few": {"labelled": 12},
    "one-class": {"prevalence": 0.0, "human_error": 0.0},
    "all-unscored": {"unscored": 1.0},
}


def world(**more: Any) -> tuple[list[Any], pd.DataFrame]:
    return labelled_run(**{**WORLD, **more})


@cache
def summary(name: str) -> Summary:
    """Of one of the worlds; immutable, and so made once."""
    return summary_with(name)


def summary_with(name: str, **options: Any) -> Summary:
    made = WORLDS[name]
    run, labels = world(**made)
    drawn = {"sampling": made.get("sampling", "random")}
    return summarise(run, labels, **{**drawn, **options})


def estimates(part: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Every estimate in a result, with the way to it."""
    if isinstance(part, Estimate):
        yield path, part
    elif isinstance(part, Frozen):
        for name in type(part).model_fields:
            yield from estimates(getattr(part, name), (*path, name))
    elif isinstance(part, tuple):
        for place, one in enumerate(part):
            yield from estimates(one, (*path, place))


def words(text: str) -> str:
    """What is read: without tags, line breaks and margins."""
    shown = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    shown = html.unescape(re.sub(r"<[^>]*>", "", shown))
    return " ".join(shown.split())


def told(found: Summary) -> Iterator[str]:
    """How each figure is written; of the threshold and of refusals, the sentence."""
    for path, estimate in estimates(found):
        if path[:2] == ("calibration", "threshold"):
            continue
        yield str(estimate) if estimate.value is not None else estimate.reason


@pytest.mark.parametrize("name", WORLDS)
def test_every_figure_is_written_the_same_everywhere(name: str) -> None:
    found = summary(name)
    figures = {words(text) for text in (*told(found), found.prevalence.sentence)}
    assert len(figures) > 10
    page = words(render_report(found)).casefold()
    assert {x for x in figures if x not in words(str(found))} == set()
    assert {x for x in figures if x not in words(found._repr_html_())} == set()
    shown = {
        words(str(x)).casefold()
        for path, x in estimates(found)
        if x.value is not None and not _of_severity(found, path)
    }
    assert {x for x in shown if x not in page} == set()
    for sentence in (found.prevalence.sentence, found.calibration.threshold.told):
        assert words(sentence).rstrip(".").casefold() in page
    assert found.status in page


def _of_severity(found: Summary, path: tuple[Any, ...]) -> bool:
    """Whether a figure is of severity; the page has those in its section's chart."""
    return "severity" in path and found.severity is None


@pytest.mark.parametrize("name", WORLDS)
def test_json_has_every_figure_whole(name: str) -> None:
    found = summary(name)
    kept = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    for path, estimate in estimates(found):
        part = kept
        for step in path:
            part = part[step]
        assert Estimate.model_validate(part) == estimate
    assert kept["status"] == found.status
    assert kept["sentence"] == found.prevalence.sentence
    assert len(kept["cases"]) == len(found.cases)


@pytest.mark.parametrize("name", WORLDS)
def test_links_of_the_page_lead_to_one_place_each(name: str) -> None:
    page = render_report(summary(name))
    ids = re.findall(r'\bid="([^"]*)"', page)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(ids)
    assert len(re.findall(r'aria-labelledby="([^"]*)"', page)) >= 5
    assert set(re.findall(r'aria-labelledby="([^"]*)"', page)) <= set(ids)


@pytest.mark.parametrize("name", WORLDS)
def test_cells_cases_and_counts_add_up(name: str) -> None:
    found = summary(name)
    counts = found.calibration.counts
    sizes = {cell: len(found.in_cell(cell)) for cell in (
        "both", "false_alarm", "missed", "neither", "no_answer"
    )}  # fmt: skip
    assert sizes == {
        "both": counts.tp,
        "false_alarm": counts.fp,
        "missed": counts.fn,
        "neither": counts.tn,
        "no_answer": counts.abstained + counts.unscored,
    }
    assert sum(sizes.values()) == len(found.cases) == len(found.to_frame())
    order = [case.cell for case in found.cases]
    assert order == sorted(order, key=list(dict.fromkeys(order)).index)
    assert order == sorted(order, key=lambda x: x in ("both", "neither"))


@pytest.mark.parametrize(
    ("name", "options", "status", "reason"),
    [
        ("one-person", {}, "good", ""),
        ("two-people", {}, "caution", "are not settled by the labelers"),
        ("an-author", {}, "caution", "These are author labels, not human ones"),
        ("few", {}, "refused", "fewer than 20"),
        ("all-unscored", {}, "refused", "gave no verdict on any of 260"),
        ("one-class", {}, "caution", "an upper bound alone"),
        ("two-people", {"sampling": "unknown"}, "refused", "not known how the label"),
    ],
)
def test_the_status_is_that_of_the_rate_and_never_good_on_doubt(
    name: str, options: dict[str, Any], status: str, reason: str
) -> None:
    found = summary_with(name, **options)
    assert found.status == status
    assert reason in found.reason
    assert str(found).splitlines()[1].startswith(f"{status.upper()}. ")
    assert f"{status}," in repr(found)


def test_labels_of_an_author_are_nowhere_called_human() -> None:
    found = summary("an-author")
    for form in (str(found), render_report(found), json.dumps(found.to_dict())):
        told = words(form).replace("not human ones", "")
        assert not re.search(r"\bhuman labels?\b|\b\d+ (people|person)\b", told)
        assert "author labels" in told


def test_a_calibration_made_on_other_labels_is_only_tested() -> None:
    run, labels = world(seed=8)
    made = calibrate(run, labels, sampling="random").calibration
    assert made is not None
    found = summary_with("two-people", calibration=made)
    assert found.held_out
    assert found.calibration.calibration == made
    assert found.calibration.reliability is not None
    assert found.calibration.reliability.tested == "on labels it was not fitted to"
    assert "on labels it was not fitted to" in str(found)
    for case in found.cases:
        known = case.score is not None and (
            made.fitted_on.score_low <= case.score <= made.fitted_on.score_high
        )
        assert (case.probability is not None) is known


def test_a_calibration_of_another_judge_is_refused() -> None:
    run, labels = world(provenance=made_by(model="openai/another"))
    made = calibrate(run, labels, sampling="random").calibration
    with pytest.raises(CalibrationMismatch, match="openai/another"):
        summary_with("two-people", calibration=made)


def as_path(run: list[Any], labels: pd.DataFrame, folder: Path) -> tuple[Any, Any]:
    Run(run).to_jsonl(folder / "r.jsonl")
    labels.to_csv(folder / "l.csv", index=False)
    return folder / "r.jsonl", str(folder / "l.csv")


FORMS: Mapping[str, Callable[[list[Any], pd.DataFrame, Path], tuple[Any, Any]]] = {
    "labels": lambda run, labels, _: (run, HumanLabels.load(labels)),
    "dicts": lambda run, labels, _: (run, labels.to_dict("records")),
    "run": lambda run, labels, _: (Run(run), labels),
    "files": as_path,
    "shuffled-labels": lambda run, x, _: (run, x.sample(frac=1, random_state=5)),
    "shuffled-run": lambda run, labels, _: (
        [run[i] for i in np.random.default_rng(1).permutation(len(run))], labels
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_the_form_and_order_of_run_and_labels_change_nothing(
    form: str, tmp_path: Path
) -> None:
    run, labels = world(**WORLDS["abstained-and-unscored"])
    plain = summary("abstained-and-unscored")
    given = summarise(*FORMS[form](run, labels, tmp_path), sampling="random")
    if "shuffled" not in form:
        assert str(given) == str(plain)
        assert given == plain
        return
    assert [_name_and_cell(x) for x in given.cases] == [
        _name_and_cell(x) for x in plain.cases
    ]
    for (where, one), (there, other) in zip(
        estimates(plain), estimates(given), strict=True
    ):
        assert (where, one.n, one.status) == (there, other.n, other.status)
        # Folds and resamples draw rows by their place.
        drawn = 0.01 if "reliability" in where else 1e-9
        assert one.value == pytest.approx(other.value, abs=drawn), where
        assert one.low == pytest.approx(other.low, abs=0.05), where


def _name_and_cell(case: Case) -> tuple[str, str]:
    return case.transcript, case.cell


def test_labels_of_other_transcripts_only_make_a_note() -> None:
    run, labels = world()
    other = labels.assign(transcript=[f"z{name}" for name in labels["transcript"]])
    plain = summary("two-people")
    given = summarise(run, pd.concat([labels, other]), sampling="random")
    assert given.notes[0].startswith("110 transcripts are labelled but not in the run")
    assert plain.model_copy(update={"notes": ()}) == given.model_copy(
        update={"notes": ()}
    )
    with pytest.raises(UsageError, match="are they of other transcripts"):
        summarise(run, other, sampling="random")


def test_one_labeler_is_not_compared_with_the_judge_as_a_labeler() -> None:
    assert summary("one-person").stand_in is None
    assert summary("two-people").stand_in is not None


def test_severities_are_counted_for_each_rater() -> None:
    settled = summary("two-people")
    found = settled.severity
    assert found is not None
    assert [name for name, _ in found.rows] == ["ann", "bob", "the judge"]
    assert {sum(counts) for _, counts in found.rows} == {len(settled.cases)}
    assert all(len(counts) == found.levels == 5 for _, counts in found.rows)


def test_only_the_first_disagreements_are_told_line_by_line() -> None:
    run, labels = world(n=500, labelled=300, sensitivity=0.6, specificity=0.6)
    found = summarise(run, labels, sampling="random")
    wrong = len(found.in_cell("missed")) + len(found.in_cell("false_alarm"))
    lines = [line for line in found.lines() if "; severity " in line]
    assert len(lines) == 30 < wrong
    assert f"  ... and {wrong - 30} more" in str(found)
